"""The translator's commands on a copy of the whole repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    *("docs", "extensions", "site", "src", "tools", "examples", "assignments"),
    *("conf.py", "pyproject.toml"),
)
HOW_TO_READ = "docs/locales/ko/LC_MESSAGES/start/how-to-read.po"
ABSENT = ("torch", "jumok", "numpy", "matplotlib", "transformers", "kiwipiepy")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository, without a build and without an executed page."""
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.mo", "*.egg-info")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def environment(copy: Path) -> dict[str, str]:
    """An environment in which importing torch, the package or what they need fails."""
    stubs = copy / "stubs"
    stubs.mkdir(exist_ok=True)
    for name in ABSENT:
        (stubs / f"{name}.py").write_text(f"raise ImportError('{name} must not be imported')\n")
    return {**os.environ, "PYTHONPATH": str(stubs), "PYTHONUTF8": "1"}


def translate(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/translate.py", *words]
    return subprocess.run(
        command, cwd=copy, env=environment(copy), capture_output=True, text=True, check=False
    )


def files(copy: Path) -> dict[str, bytes]:
    paths = [copy / "docs" / "languages.yml", *copy.rglob("*.po")]
    return {path.relative_to(copy).as_posix(): path.read_bytes() for path in paths}


def test_check_finds_what_is_missing_and_what_is_fuzzy(copy: Path) -> None:
    """Both planted, each with file and line; nothing is written."""
    page = copy / HOW_TO_READ
    assert translate(copy, "--check", "ko", "how-to-read", "--fast").returncode == 0
    text = page.read_text("utf-8")
    entries = text.split("\n\n")
    entries[2] = "#, fuzzy\n" + entries[2]
    entries[4] = re.sub(r'msgstr "".*|msgstr .*', 'msgstr ""', entries[4], flags=re.DOTALL)
    page.write_text("\n\n".join(entries), "utf-8")
    before = files(copy)
    result = translate(copy, "--check", "ko", "how-to-read", "--fast")
    assert result.returncode == 1, result.stdout + result.stderr
    found = re.findall(rf"^{HOW_TO_READ}:(\d+): (missing|to review)", result.stdout, re.M)
    assert [kind for _, kind in found] == ["to review", "missing"]
    lines = page.read_text("utf-8").splitlines()
    for number, _ in found:
        assert lines[int(number) - 1].startswith(("msgid", "#, fuzzy")), number
    assert files(copy) == before


def test_fast_needs_no_torch_and_changes_nothing(copy: Path) -> None:
    """All pages that have no docstrings: read, merged and rendered, though nothing is installed."""
    before = files(copy)
    result = translate(copy, "ko", "--fast")
    assert result.returncode == 0, result.stdout + result.stderr
    assert files(copy) == before, result.stdout
    assert "reference/api/attention" in result.stdout.split("left out")[1]
    command = ["-m", "sphinx", "-W", "--keep-going", "-q", "-j2", "-c", ".", "-D", "language=ko"]
    preview = {**environment(copy), "JUMOK_PREVIEW": "1", "JUMOK_LIVE": "1"}
    build = subprocess.run(
        [sys.executable, *command, "docs", "_build/ko"],
        cwd=copy,
        env=preview,
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    masks = (copy / "_build/ko/transformer/masks.html").read_text("utf-8")
    assert masks.count("이 미리 보기에서는 실행하지 않았습니다.") > 3
    reference = (copy / "_build/ko/reference/api/attention.html").read_text("utf-8")
    assert "설치되어 있지 않아" in reference


def test_a_changed_word_and_a_moved_paragraph(copy: Path) -> None:
    path = copy / "docs/start/how-to-read.md"
    text = path.read_text("utf-8")
    paragraphs = text.split("\n\n")
    long = [one for one in paragraphs if len(one) > 200 and re.match(r"[A-Z]", one)]
    assert len(long) > 1
    changed = long[0].replace(" the ", " this ", 1)
    assert changed != long[0]
    moved = text.replace(long[0], changed).replace(long[1] + "\n\n", "")
    path.write_text(moved.rstrip("\n") + "\n\n" + long[1] + "\n", "utf-8")
    result = translate(copy, "ko", "how-to-read", "--fast")
    assert result.returncode == 0, result.stderr
    assert "1 to review, 0 missing" in result.stdout
    catalog = (copy / HOW_TO_READ).read_text("utf-8")
    assert catalog.count("#, fuzzy") == 1
    assert catalog.count("#| msgid") == 1


def test_a_new_language_is_set_up_once(copy: Path) -> None:
    result = translate(copy, "--new", "jp", "--fast")
    assert result.returncode == 1
    assert "do you mean ja (Japanese)?" in result.stderr
    result = translate(copy, "--new", "ja", "--fast")
    assert result.returncode == 0, result.stderr
    entry = (copy / "docs/languages.yml").read_text("utf-8").split("- code: ja\n")[1]
    assert entry == "  name: 日本語\n  complete: false\n"
    once = files(copy)
    for name in ("site/locales/ja.po", "docs/locales/ja/LC_MESSAGES/transformer/masks.po"):
        assert b'"Language: ja\\n"' in once[name]
    assert "was there already" in translate(copy, "--new", "ja", "--fast").stdout
    assert files(copy) == once
    # the switch, the landing page and the gate follow from the data
    code = (
        "import sys; sys.path[:0] = ['tools', 'extensions']; import settings; "
        "print([one['code'] for one in settings.LANGUAGES], settings.COMPLETE)"
    )
    shown = subprocess.check_output([sys.executable, "-c", code], cwd=copy, text=True)
    assert shown.strip() == "['en', 'ko', 'ja'] ['ko']"
    assert translate(copy, "--check", "ja", "how-to-read", "--fast").returncode == 1
