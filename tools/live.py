"""Serve one language, rebuild on save, reload the browser.

Usage: python tools/live.py [ko] [--port 8000] [--no-browser]
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", nargs="?", default="en", help="en (default), ko, …")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-browser", action="store_true", help="don't open a browser")
    arguments = parser.parse_args()
    build = ROOT / "_build" / "live"
    output = build / arguments.language
    catalogs = ROOT / "docs" / "locales" / arguments.language
    if arguments.language != "en" and not catalogs.is_dir():
        sys.exit(
            f"live: no language {arguments.language!r}: {catalogs.relative_to(ROOT)} is missing"
        )
    report = build / f"report-{arguments.language}.json"
    command = [
        *(sys.executable, "-m", "sphinx_autobuild", "-q", "-c", str(ROOT)),
        *("-d", str(build / "doctrees" / arguments.language)),
        *("-D", f"language={arguments.language}", "-D", f"execution_report_path={report}"),
        *("--port", str(arguments.port), "--delay", "1"),
        # Compiled catalogs and caches are written by the build itself: watching them would loop.
        *("--re-ignore", r"\.mo$|jupyter_execute|__pycache__|\.ipynb_checkpoints"),
        *([] if arguments.no_browser else ["--open-browser"]),
        *(str(ROOT / "docs"), str(output)),
    ]
    os.chdir(ROOT)
    os.environ["JUMOK_LIVE"] = "1"  # conf.py leaves out what only a hosted page needs
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
