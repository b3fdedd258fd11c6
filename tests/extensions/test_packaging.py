"""Another project installs the extensions from their folder, without the rest of this one."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = ROOT / "extensions"
NAMES = sorted(path.parent.name for path in EXTENSIONS.glob("sphinx_*/__init__.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built from what git tracks, with the setuptools that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    tracked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    names = subprocess.run(tracked, cwd=EXTENSIONS, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        if (EXTENSIONS / name).exists():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((EXTENSIONS / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", str(folder), str(folder / "source")], check=True)
    return next(folder.glob("jumok_sphinx-*.whl"))


def test_wheel_holds_every_file(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = wheel.parent / "source"
    files = {
        path.relative_to(source).as_posix()
        for path in source.glob("sphinx_*/**/*")
        if path.is_file()
    }
    assert files
    assert not files - packed, "not in the wheel: see package-data in extensions/pyproject.toml"


def test_readme_and_extras_name_every_extension() -> None:
    readme = (EXTENSIONS / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(sphinx_\w+)`", readme, re.MULTILINE)) == NAMES
    project = tomllib.loads((EXTENSIONS / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    everything = re.findall(r"[\w-]+", extras.pop("all")[0].partition("[")[2])
    assert sorted(everything) == sorted(extras)
    assert {f"sphinx_{extra.replace('-', '_')}" for extra in extras} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_installed_extension_builds_a_page(wheel: Path, tmp_path: Path, name: str) -> None:
    """Each alone, with its default settings, from the wheel."""
    site, docs = tmp_path / "site", tmp_path / "docs"
    zipfile.ZipFile(wheel).extractall(site)
    docs.mkdir()
    (docs / "index.md").write_text("# A page\n\nA paragraph.\n", encoding="utf-8")
    (docs / "conf.py").write_text(
        f"extensions = ['myst_nb', {name!r}]\nnb_execution_mode = 'off'\n", encoding="utf-8"
    )
    command = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "]
    command[-1] += "from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"
    arguments = [str(site), "-q", "-W", str(docs), str(tmp_path / "out")]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "A paragraph." in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
