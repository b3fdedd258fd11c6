"""What axe finds wrong on every page of pydata-sphinx-theme and the themes made from it, mended.

* The logo in the side bar stands outside every landmark (``region``).
* The arrows that open a part of the side bar's tree have no name (``summary-name``).
* A signature with one parameter a line holds a ``<dl>`` without a ``<dt>``
  (``definition-list``): its lines become plain blocks.
* A bibliography is a list of what docutils marks with a deprecated role
  (``aria-required-children``): its entries become items of the list.
* Figures, formulas, code and outputs wider than the page scroll, but not by keyboard
  (``scrollable-region-focusable``), or without a role and a name (``focus-order-semantics``): what
  overflows gets a tab stop, a role and a name for as long as it does.
* Buttons of the header lose the focus when they are pressed, and it doesn't come back when a
  dialog closes (no rule of axe).
* The button of the side bar shows no focus, and what a reader asked not to move still moves (no
  rule of axe).
* Each step of the Tab key through the sticky header moves the page below it (no rule of axe).
* Buttons fade from the browser's colours to the theme's while a page loads; in dark mode that
  begins with black on black (``color-contrast``, if axe looks in that fraction of a second).
* A page in dark mode is printed light on white, long lines of code are cut off, and boxes around
  code stay behind, empty, at the end of a sheet (no rule of axe).

There is nothing to configure but what may scroll::

    accessible_scrolling = "figure, .katex-display, .cell_output"  # a CSS selector

The extension's own words are in ``locale/<language>/LC_MESSAGES/sphinx_theme_accessibility.po``;
another language is another file there.

Each is a few lines that can go when the theme or Sphinx has mended it: the tests say which axe
rule each of them answers, and fail when it is no longer needed.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po
from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

    Visitor = Callable[[HTML5Translator, nodes.Element], None]

__version__ = "1.0"

HERE = Path(__file__).parent
SCROLLING = (
    "article pre, figure, .katex-display, .MathJax, .cell_output, .output, div.math, "
    ".figure-numbers > div, .pst-scrollable-table-container"
)
#: What a thing that scrolls is called.
NAMES = {
    "code": "Code",
    "formula": "Formula",
    "table": "Table",
    "figure": "Figure",
    "output": "Output",
    "other": "Wide content",
}

Replacements = dict[str, str]

SIGNATURE = {"<dl": '<div class="sig-parameters"', "</dl>": "</div>"}
PARAMETER = {"<dd": '<div class="sig-parameter"', "</dd>": "</div>"}

#: What to write instead of what Sphinx and docutils write for a node.
MENDED: dict[type[nodes.Element], Replacements] = {
    addnodes.desc_parameterlist: SIGNATURE,
    addnodes.desc_type_parameter_list: SIGNATURE,
    addnodes.desc_parameter: PARAMETER,
    nodes.citation: {'role="doc-biblioentry"': 'role="listitem"'},
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


def mended(kind: str, replacements: Replacements) -> tuple[Visitor, Visitor]:
    """The writer's own visitors of a node, with other words in what they write."""

    def calling(method: str) -> Visitor:
        def visit(self: HTML5Translator, node: nodes.Element) -> None:
            start = len(self.body)
            getattr(type(self), method)(self, node)
            for old, new in replacements.items():
                self.body[start:] = [text.replace(old, new) for text in self.body[start:]]

        return visit

    return calling(f"visit_{kind}"), calling(f"depart_{kind}")


@cache
def words(language: str) -> dict[str, str]:
    """The translations of the extension's own words; none in English."""
    for code in (language, language.split("_")[0].split("-")[0]):
        path = HERE / "locale" / code / "LC_MESSAGES" / "sphinx_theme_accessibility.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=code)
            return {str(each.id): str(each.string) for each in messages if each.id and each.string}
    return {}


def prepare(app: Sphinx, config: Config) -> None:
    config.templates_path.append(str(HERE / "templates"))


def add_files(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))
        app.add_css_file("accessibility.css")
        selector = json.dumps(app.config.accessible_scrolling)
        app.add_js_file("light-paper.js", loading_method="defer")
        app.add_js_file("keep-focus.js", loading_method="defer")
        own = words(app.config.language or "en")
        data = {f"data-name-{kind}": own.get(name, name) for kind, name in NAMES.items()}
        data["data-selector"] = selector
        app.add_js_file("accessible-scrolling.js", loading_method="defer", **data)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("accessible_scrolling", SCROLLING, "html", str)
    for node, replacements in MENDED.items():
        app.add_node(node, override=True, html=mended(node.__name__, replacements))
    app.connect("config-inited", prepare)
    app.connect("builder-inited", add_files)
    # After the theme's own handler, which puts the functions into the context.
    app.connect("html-page-context", mend_sidebar, priority=900)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
