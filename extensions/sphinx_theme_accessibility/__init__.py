"""What axe finds wrong on every page of pydata-sphinx-theme and the themes made from it, mended.

* The logo in the side bar stands outside every landmark (``region``).
* The arrows that open a part of the side bar's tree have no name (``summary-name``).
* A signature with one parameter a line holds a ``<dl>`` without a ``<dt>``
  (``definition-list``): its lines become plain blocks.
* Figures, formulas and outputs wider than the page scroll, but not by keyboard
  (``scrollable-region-focusable``): what overflows gets a tab stop for as long as it does.

There is nothing to configure but, for the last, what may scroll::

    accessible_scrolling = "figure, .katex-display, .cell_output"  # a CSS selector

Each is a few lines that can go when the theme or Sphinx has mended it: the tests say which axe
rule each of them answers, and fail when it is no longer needed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

__version__ = "1.0"

HERE = Path(__file__).parent
SCROLLING = "figure, .katex-display, .MathJax, .cell_output, .output, div.math"

#: What Sphinx makes of a signature with one parameter a line.
SIGNATURES = {
    addnodes.desc_parameterlist: ("dl", "sig-parameters"),
    addnodes.desc_type_parameter_list: ("dl", "sig-parameters"),
    addnodes.desc_parameter: ("dd", "sig-parameter"),
}

#: A link of the side bar and the arrow that follows it.
ARROW = re.compile(r"(<a [^>]*>)([^<]*(?:<(?!/a>)[^<]*)*)(</a><details[^>]*><summary)>")


def name_arrows(html: str) -> str:
    """Name each arrow by the link that it opens the contents of.

    >>> name_arrows('<a href="#">API</a><details><summary><i></i></summary></details>')
    '<a href="#">API</a><details><summary aria-label="API"><i></i></summary></details>'
    """

    def name(match: re.Match[str]) -> str:
        title = " ".join(re.sub(r"<[^>]*>", "", match[2]).split()).replace('"', "&quot;")
        return f'{match[1]}{match[2]}{match[3]} aria-label="{title}">'

    return ARROW.sub(name, html)


def mend_sidebar(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let the theme's tree of pages pass through `name_arrows`."""
    generate: Callable[..., Any] | None = context.get("generate_toctree_html")
    if generate is not None:

        def named(*arguments: Any, **options: Any) -> Any:
            made = generate(*arguments, **options)
            # Where a template asks for it, the theme hands over an object to work on: not ours.
            raw = "raw" in (*arguments[:1], options.get("kind"))
            return made if raw else name_arrows(str(made))

        context["generate_toctree_html"] = named


def as_blocks(kind: str, tag: str, name: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """Sphinx's own visitors of a node, but with plain blocks where they write ``tag``."""

    def plain(self: HTML5Translator, start: int) -> None:
        for old, new in ((f"<{tag}", f'<div class="{name}"'), (f"</{tag}>", "</div>")):
            self.body[start:] = [text.replace(old, new) for text in self.body[start:]]

    def visit(self: HTML5Translator, node: nodes.Element) -> None:
        start = len(self.body)
        getattr(type(self), f"visit_{kind}")(self, node)
        plain(self, start)

    def depart(self: HTML5Translator, node: nodes.Element) -> None:
        start = len(self.body)
        getattr(type(self), f"depart_{kind}")(self, node)
        plain(self, start)

    return visit, depart


def prepare(app: Sphinx, config: Config) -> None:
    config.templates_path.append(str(HERE / "templates"))


def add_files(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))
        app.add_css_file("accessibility.css")
        selector = json.dumps(app.config.accessible_scrolling)
        app.add_js_file(
            "accessible-scrolling.js", loading_method="defer", **{"data-selector": selector}
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("accessible_scrolling", SCROLLING, "html", str)
    for node, (tag, name) in SIGNATURES.items():
        app.add_node(node, override=True, html=as_blocks(node.__name__, tag, name))
    app.connect("config-inited", prepare)
    app.connect("builder-inited", add_files)
    # After the theme's own handler, which puts the functions into the context.
    app.connect("html-page-context", mend_sidebar, priority=900)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
