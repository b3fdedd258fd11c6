"""Put the site's notebooks on a branch of the repository, where Colab can open them.

Usage: python tools/publish_notebooks.py REMOTE [--branch notebooks] [--site _build/site]

REMOTE is a git address. The branch gets one commit with the files that the site serves,
`ko/transformer/masks.ipynb` and so on, in place of what it held: its history would only be
copies of what the repository can build. If nothing changed, nothing is pushed. Needs nothing but
Python and git.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUTHOR = ("Jumok", "notebooks@users.noreply.github.com")

README = """\
# Jumok's notebooks

The executable pages of {Homepage}, one folder for each language.

This branch is written by `tools/publish_notebooks.py` when the site is deployed. Change the pages
on the branch `main` of {Repository}, not these files.
"""


def collect(site: Path, folder: Path) -> list[str]:
    """Copy the notebooks and programs of every language; return their names."""
    names = []
    for path in sorted(site.rglob("*.ipynb")):
        for file in (path, path.with_suffix(".py")):
            if file.exists():
                name = file.relative_to(site).as_posix()
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, folder / name)
                names.append(name)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (folder / "README.md").write_text(README.format_map(project["urls"]), "utf-8")
    for name in ("LICENSE", "LICENSE-docs"):
        shutil.copyfile(ROOT / name, folder / name)
    return names


def git(folder: Path, *arguments: str) -> str:
    """Run git without the settings of the machine's user; end the program when it fails."""
    name, address = AUTHOR
    identity = ["-c", f"user.name={name}", "-c", f"user.email={address}"]
    command = ["git", "-C", str(folder), *identity, "-c", "commit.gpgsign=false", *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"git {arguments[0]} failed: {run.stderr.strip()}")
    return run.stdout.strip()


def publish(site: Path, remote: str, branch: str) -> bool:
    """Replace the branch by one commit; return whether there was something to push."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        names = collect(site, folder)
        if not names:
            sys.exit(f"No notebooks in {site}: build the site first (nox -s docs).")
        git(folder, "init", "--quiet", "--initial-branch", branch)
        git(folder, "add", "--all")
        tree = git(folder, "write-tree")
        if git(folder, "ls-remote", remote, f"refs/heads/{branch}"):
            git(folder, "fetch", "--quiet", "--depth=1", remote, branch)
            if git(folder, "rev-parse", "FETCH_HEAD^{tree}") == tree:
                print(f"{branch}: nothing changed")
                return False
        git(folder, "commit", "--quiet", "-m", "Notebooks of the deployed site")
        git(folder, "push", "--quiet", "--force", remote, f"HEAD:refs/heads/{branch}")
        print(f"{branch}: {len(names)} files pushed")
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("remote")
    parser.add_argument("--branch", default="notebooks")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "site")
    arguments = parser.parse_args()
    publish(arguments.site, arguments.remote, arguments.branch)


if __name__ == "__main__":
    main()
