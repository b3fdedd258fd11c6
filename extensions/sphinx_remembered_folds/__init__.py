"""What is folded on a page: remembered, opened all at once, and printed open; long outputs fold.

Hidden cells of MyST-NB, the dropdowns of sphinx-design and any other ``<details>`` in the article:

* what a reader opens or closes is so again at the next visit of the page, kept in the browser;
* a button below the title opens all, or closes all;
* on paper all are open.

Outputs of code cells that are longer than so many lines become windows of that height with a
button "Show all 120 lines". They are whole without JavaScript and on paper, the browser's search
finds what is in them, and arrow keys scroll them.

MyST-NB names each hidden cell "Toggle hidden content", whatever its summary says: whoever speaks to
the browser can't open what they see. The name is taken out, so that the words that are seen count.

Settings::

    remembered_folds_lines = 25               # of an output, before it folds; 0: never
    remembered_folds_exclude = ["figure-numbers"]  # classes of <details> that are left alone

The extension's own words are in ``locale/<language>/LC_MESSAGES/sphinx_remembered_folds.po``;
another language is another file there.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po
from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__version__ = "1.0"

HERE = Path(__file__).parent
SLACK = 5  # lines more than allowed that are no reason to fold
WORDS = {
    "open": "Open all folded parts",
    "close": "Close all folded parts",
    "more": "Show all {lines} lines",
    "less": "Show fewer lines",
    "output": "Output of {lines} lines",
}


@cache
def words(language: str) -> dict[str, str]:
    """The translations of the extension's own words; none in English."""
    for code in (language, language.split("_")[0].split("-")[0]):
        path = HERE / "locale" / code / "LC_MESSAGES" / "sphinx_remembered_folds.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=code)
            return {str(each.id): str(each.string) for each in messages if each.id and each.string}
    return {}


class MarkLongOutputs(SphinxPostTransform):
    """Note on each long output of a cell how many lines it has."""

    default_priority = 850  # MyST-NB has chosen among outputs
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        at_most = self.config.remembered_folds_lines
        if not at_most:
            return
        for block in list(self.document.findall(nodes.literal_block)):
            lines = len(block.astext().rstrip("\n").split("\n"))
            if "output" in block["classes"] and lines > at_most + SLACK:
                block["classes"] += ["long-output", f"long-output-{lines}"]


def check_settings(app: Sphinx, config: Config) -> None:
    if config.remembered_folds_lines < 0:
        raise ConfigError(
            "remembered_folds_lines must be a number of lines, or 0 to fold no output; got "
            f"{config.remembered_folds_lines}"
        )


def drop_name_of_hidden_cells(app: Sphinx) -> None:
    """Let the summary of a hidden cell be named by its words, in whatever way it is written."""
    if "myst_nb" not in app.extensions:
        return
    from myst_nb.sphinx_ import HideCodeCellNode

    translator = app.registry.translation_handlers.get("html", {})
    visit, depart = translator[HideCodeCellNode.__name__]

    def visit_unnamed(self: Any, node: nodes.Element) -> None:
        start = len(self.body)
        visit(self, node)
        for place in range(start, len(self.body)):
            opening, _, rest = self.body[place].partition(" aria-label=")
            if opening.endswith("<summary") and rest:
                self.body[place] = opening + rest[rest.index('"', 1) + 1 :]

    app.add_node(HideCodeCellNode, override=True, html=(visit_unnamed, depart))


def add_button(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the button for all below the title: in the page, so that nothing moves when it comes."""
    body = context.get("body", "")
    title = body.find("</h1>")
    excluded = set(app.config.remembered_folds_exclude)
    classes = re.findall(r'<details\b(?:[^>]*\bclass="([^"]*)")?', body)
    folds = [each for each in classes if not excluded & set(each.split())]
    if doctree is not None and len(folds) > 1 and title >= 0:
        own = words(app.config.language or "en")
        text = escape(own.get(WORDS["open"], WORDS["open"]))
        place = title + len("</h1>")
        button = f'\n<button type="button" class="folds-all">{text}</button>'
        context["body"] = body[:place] + button + body[place:]


def add_files(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    drop_name_of_hidden_cells(app)
    own = words(app.config.language or "en")
    app.config.html_static_path.append(str(HERE / "static"))
    app.add_css_file("remembered-folds.css")
    data = {f"data-fold-{name}": own.get(text, text) for name, text in WORDS.items()}
    data["data-fold-exclude"] = ",".join(f".{name}" for name in app.config.remembered_folds_exclude)
    data["data-fold-lines"] = str(app.config.remembered_folds_lines)
    app.add_js_file("remembered-folds.js", loading_method="defer", **data)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("remembered_folds_lines", 25, "html", int)
    app.add_config_value("remembered_folds_exclude", ["figure-numbers"], "html", (list, tuple))
    app.add_post_transform(MarkLongOutputs)
    app.connect("config-inited", check_settings)
    # After what translates the words of hidden cells.
    app.connect("builder-inited", add_files, priority=800)
    app.connect("html-page-context", add_button)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
