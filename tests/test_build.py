"""The build of the site, without building it: what it refuses, and what an execution depends on."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from check_site import check, missing_pages
from execution import cache_folder

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_gpu_is_refused_at_once_where_there_is_none() -> None:
    command = [sys.executable, "tools/build_site.py", "--gpu"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "no CUDA device" in result.stderr


def test_pages_execute_again_when_the_package_changes(tmp_path: Path) -> None:
    module = tmp_path / "src" / "jumok" / "attention.py"
    module.parent.mkdir(parents=True)
    module.write_text("scale = 1\n")
    before = cache_folder(tmp_path)
    assert cache_folder(tmp_path) == before
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("prose\n")
    assert cache_folder(tmp_path) == before
    module.write_text("scale = 2\n")
    assert cache_folder(tmp_path) != before


GOOD = (
    "<html><body><article><p>Text <code>2**3</code></p>"
    "<img src='a.svg' alt='A line'><svg role='img' aria-label='A square'></svg>"
    "</article></body></html>"
)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>**attention** is</p>", "emphasis that is not rendered: **attention** is"),
        ("<img src='a.svg'>", "picture without alt text"),
        ("<svg role='img'></svg>", "picture without alt text"),
        ("<script src='https://example.org/a.js'></script>", "third party: https://example.org"),
        ("<link rel='stylesheet' href='//example.org/a.css'>", "third party: //example.org"),
        ("<p>Glyph 50612 missing from font(s) DejaVu Sans</p>", "glyph warning"),
        (f"<pre>{ROOT}/src</pre>", "a path of the build machine"),
    ],
)
def test_problems_of_a_page_are_named(tmp_path: Path, html: str, words: str) -> None:
    page = tmp_path / "en" / "page.html"
    page.parent.mkdir()
    page.write_text(GOOD)
    assert check(tmp_path) == []
    page.write_text(GOOD.replace("<article>", f"<article>{html}"))
    (problem,) = check(tmp_path)
    assert problem.startswith("en/page.html")
    assert words in problem


def test_a_page_that_was_not_written_is_missed(tmp_path: Path) -> None:
    for name in ("docs/index.md", "docs/part/page.md", "docs/records/README.md", "en/index.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert missing_pages(tmp_path / "docs", tmp_path / "en") == ["part/page"]
