"""What an installed package carries, shown by a wheel built from this tree."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from jumok.browser import DATE_MODEL
from jumok.pipelines.defaults import SHIPPED_MODELS
from jumok.records import read_record
from jumok.shipped import IN_CHECKOUT, shipped_file

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The files of the wheel, unpacked where an installation would put them."""
    folder = tmp_path_factory.mktemp("wheel")
    # setuptools' backend in a copy: a build leaves folders beside the sources
    script = (
        "import shutil, sys, os; from pathlib import Path\n"
        "root, copy, out = map(Path, sys.argv[1:])\n"
        "for name in ('src', 'examples', 'docs/records'):\n"
        "    shutil.copytree(root / name, copy / name,\n"
        "                    ignore=shutil.ignore_patterns('__pycache__', '*.egg-info'))\n"
        "for name in ('pyproject.toml', 'README.md', 'LICENSE'):\n"
        "    shutil.copy(root / name, copy)\n"
        "os.chdir(copy)\n"
        "from setuptools import build_meta\n"
        "build_meta.build_wheel(str(out))\n"
    )
    copy, out = folder / "copy", folder / "out"
    out.mkdir()
    command = [sys.executable, "-c", script, str(ROOT), str(copy), str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    installed = folder / "installed"
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        archive.extractall(installed)
    return installed


def python_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}


def test_the_wheel_holds_every_module_record_and_program(wheel):
    modules = python_files(ROOT / "src" / "jumok")
    copied = {f"_examples/{path.name}" for path in (ROOT / "examples").glob("*.py")}
    assert python_files(wheel / "jumok") == modules | copied
    assert (wheel / "jumok" / "py.typed").exists()
    assert (wheel / "jumok" / "data" / "history.toml").exists()
    for folder in (*SHIPPED_MODELS.values(), DATE_MODEL.parent):
        for path in folder.iterdir():
            installed = wheel / "jumok" / path.relative_to(ROOT / "src" / "jumok")
            assert installed.read_bytes() == path.read_bytes()
    for path in (ROOT / "docs" / "records").glob("*.json"):
        assert (wheel / "jumok" / "_records" / path.name).read_bytes() == path.read_bytes()


def test_an_installed_package_finds_them_anywhere(wheel, tmp_path):
    code = (
        "from jumok.records import read_record\n"
        "from jumok.shipped import shipped_file\n"
        "print(read_record('head_counts')['command'])\n"
        "print(shipped_file('examples', 'translate_dates.py'))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel), "PATH": ""},
        capture_output=True,
        text=True,
    )
    command, program = run.stdout.splitlines()
    assert command == read_record("head_counts")["command"]
    assert Path(program) == wheel / "jumok" / "_examples" / "translate_dates.py"


def test_the_build_and_the_checkout_name_the_same_folders():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {f"jumok._{kind}": folder for kind, folder in IN_CHECKOUT.items()}
    assert settings["package-dir"] == {"": "src", **folders}


def test_a_name_that_is_not_shipped():
    with pytest.raises(FileNotFoundError, match=r"no x\.json among the records: .*head_counts"):
        read_record("x")
    with pytest.raises(FileNotFoundError, match="no x among the examples"):
        shipped_file("examples", "x")
