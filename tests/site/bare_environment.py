"""A Python environment that holds a wheel, what it declares to need, and a Jupyter kernel.

Installing torch a second time costs minutes and a gigabyte. So the packages are not copied but
linked, file by file or folder by folder, from the environment that runs the tests, and only those
that pip would install for the wheel: its requirements, theirs, and so on. Anything else that a
notebook imported would be missing. A page that asks for extras of the package gets an environment
with these, and with the weights that it would fetch from the Hub, which a test must not.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath
from typing import Any, Self

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jumok.sentence_embeddings import MINILM_PACKAGE


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the package's wheel from the files that git knows, with the setuptools at hand."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=True).stdout
    wanted = ("src/", "examples/", "docs/records/", "pyproject.toml", "README.md", "LICENSE")
    for name in filter(None, names.split("\0")):
        if name.startswith(wanted) and (root / name).exists():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((root / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", str(folder), str(folder / "source")], check=True)
    return next(folder.glob("*.whl"))


def wheel_requirements(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []


def closure(
    requirements: Iterable[str], extras: Iterable[str] = (), *, own: str = "jumok"
) -> dict[str, Distribution]:
    """The installed distributions that these requirements lead to, taken with these extras.

    An extra may ask for another one of the ``own`` distribution, which isn't among those found.
    """
    requirements = list(requirements)
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(each), extra) for each in requirements for extra in ("", *extras)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name == own:
            waiting += [
                (Requirement(each), extra) for extra in requirement.extras for each in requirements
            ]
            continue
        found[name] = distribution(name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(Requirement(each), extra) for each in found[name].requires or ()]
    return found


def files_of(dist: Distribution) -> list[PurePosixPath]:
    """The importable files of a distribution, seen from its site-packages."""
    return [
        PurePosixPath(path)
        for path in dist.files or ()
        if ".." not in path.parts and "__pycache__" not in path.parts
    ]


def link_distributions(distributions: Iterable[Distribution], target: Path) -> None:
    """Link every distribution into ``target``; whole folders where they belong to one alone."""
    for dist in distributions:
        base = Path(str(dist.locate_file("")))
        for path in files_of(dist):
            link = target / path
            if not (base / path).exists():
                continue
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                os.symlink(base / path, link)


class BareEnvironment:
    """The environment, and a kernel specification that starts its Python."""

    def __init__(self, wheel: Path, folder: Path, extras: Iterable[str] = ()) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)]
        subprocess.run(command, check=True)
        self.python = folder / "bin" / "python"
        packages = next(folder.glob("lib/python*/site-packages"))
        self.distributions = closure([*wheel_requirements(wheel), "ipykernel"], extras)
        if extras:  # without what it depends on, see the noxfile
            self.distributions[MINILM_PACKAGE] = distribution(MINILM_PACKAGE)
        link_distributions(self.distributions.values(), packages)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
        self.kernels = folder / "kernels"
        specification = {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3",
            "language": "python",
        }
        (self.kernels / "python3").mkdir(parents=True)
        (self.kernels / "python3" / "kernel.json").write_text(json.dumps(specification))
        self.variables = {
            # IPython would add the packages of the environment that VIRTUAL_ENV names: nox sets it.
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith("PYTHON") and key != "VIRTUAL_ENV"
            },
            "PYTHONNOUSERSITE": "1",
            "OMP_NUM_THREADS": "1",
        }

    def run(self, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), "-c", code],
            cwd=folder,
            env=self.variables,
            capture_output=True,
            text=True,
        )


class NotebookServer:
    """A process of the environment that runs notebooks, see `notebook_server`."""

    def __init__(self, bare: BareEnvironment) -> None:
        program = Path(__file__).with_name("notebook_server.py")
        self.process = subprocess.Popen(
            [str(bare.python), str(program)],
            env={**bare.variables, "MPLBACKEND": "module://matplotlib_inline.backend_inline"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, notebook: Path, folder: Path) -> dict[str, Any]:
        """Run a notebook: how many cells ran, how many showed something, what went wrong."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"path": str(notebook), "folder": str(folder)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, f"the server of notebooks ended with {self.process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its input: it ends
