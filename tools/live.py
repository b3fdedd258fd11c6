"""Serve one language, rebuild on save, reload the browser.

Usage: python tools/live.py [ko] [--page transformer/masks] [--fast] [--port 8000] [--no-browser]
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser

from settings import LANGUAGES, ROOT, SOURCE


def open_when_served(address: str, port: int, process: subprocess.Popen[bytes]) -> None:
    """Open the browser once the first build is done and the server answers."""
    while process.poll() is None:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                print(f"\n  Here it is: {address}\n", flush=True)
                webbrowser.open(address)
                return
        time.sleep(0.3)


def free_port(first: int) -> int:
    """The first port from here on that nobody listens at."""
    for port in range(first, first + 50):
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                connection.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"live: no free port from {first} on; name another with --port")


def main() -> None:
    codes = [language["code"] for language in LANGUAGES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", nargs="?", default=SOURCE, help=f"{', '.join(codes)}")
    parser.add_argument("--page", default="index", help="the page to open")
    parser.add_argument("--fast", action="store_true", help="need no torch, execute nothing")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-browser", action="store_true", help="don't open a browser")
    arguments = parser.parse_args()
    if arguments.language not in codes:
        sys.exit(
            f"live: no language {arguments.language!r} in docs/languages.yml ({', '.join(codes)})"
        )
    build = ROOT / "_build" / ("preview" if arguments.fast else "live")
    report = build / f"report-{arguments.language}.json"
    port = free_port(arguments.port)
    command = [
        *(sys.executable, "-m", "sphinx_autobuild", "-q", "-j", "2", "-c", str(ROOT)),
        *("-d", str(build / "doctrees" / arguments.language)),
        *("-D", f"language={arguments.language}", "-D", f"execution_report_path={report}"),
        *("--port", str(port), "--delay", "1"),
        # Compiled catalogs and caches are written by the build itself: watching them would loop.
        *("--re-ignore", r"\.mo$|jupyter_execute|__pycache__|\.ipynb_checkpoints"),
        *(str(ROOT / "docs"), str(build / arguments.language)),
    ]
    environment = {
        **os.environ,
        "JUMOK_LIVE": "1",
    }  # conf.py leaves out what a draft can do without
    if arguments.fast:
        environment["JUMOK_PREVIEW"] = "1"
    page = "index" if arguments.page == "site" else arguments.page
    address = f"http://127.0.0.1:{port}/{page}.html"
    print(f"Building; then {address} shows every file that you save. Ctrl+C ends it.", flush=True)
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        if not arguments.no_browser:
            opener = threading.Thread(
                target=open_when_served, args=(address, port, process), daemon=True
            )
            opener.start()
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.wait()
            code = 0
    sys.exit(0 if code in (0, -signal.SIGINT, -signal.SIGTERM) else code)


if __name__ == "__main__":
    main()
