"""Korean for every word that the theme and its companions put on a Korean page.

Sphinx has a Korean catalog and sphinx-book-theme an incomplete, machine-made one;
pydata-sphinx-theme, MyST-NB and sphinx-copybutton have none. This extension
adds the missing words: by gettext where the text passes through gettext, by a template where it
is written out, by a few lines of JavaScript where a script holds it. List it before the extensions
whose words it translates.

In a language that is neither Korean nor English it lets the words that the theme writes out pass
through gettext too, so that a project can translate them in its own
``<locale_dir>/<language>/LC_MESSAGES/sphinx.po``, as Sphinx offers it. English pages stay as they
are.

A test builds the same page in both languages and reports every text and label that is the same in
both.
"""

from __future__ import annotations

import io
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.domains import changeset
from sphinx.locale import _, get_translator, translators

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

__version__ = "1.0"

HERE = Path(__file__).parent


def catalog(domain: str) -> GNUTranslations:
    """Our catalog of ``domain``, compiled in memory: no file is written that could go stale."""
    with (HERE / "locales" / "ko" / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        messages = read_po(file, locale="ko", domain=domain)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)  # type: ignore[arg-type]


def prefer(domain: str) -> None:
    """Let our catalog of ``domain`` speak before any other that is loaded."""
    ours = catalog(domain)
    ours.add_fallback(get_translator(domain))
    translators["general", domain] = ours


def prepare(app: Sphinx, config: Config) -> None:
    """Put our templates before the theme's, which is loaded later."""
    config.templates_path.append(str(HERE / "templates"))


def after_theme(app: Sphinx) -> None:
    """The theme brings its own catalog: put ours before it, now that it is loaded."""
    if app.builder.format != "html":
        return
    translate_hidden_cells(app)
    if not is_korean(app.config):
        return
    prefer("booktheme")
    app.config.html_static_path.append(str(HERE / "static"))
    # After the scripts it completes, which load at the default priority.
    app.add_js_file("theme-korean.js", priority=600)


def translate_hidden_cells(app: Sphinx) -> None:
    """MyST-NB writes the prompts of hidden cells as English text around a word of its own."""
    if "myst_nb" not in app.extensions:
        return
    from myst_nb.sphinx_ import (
        HideCodeCellNode,
        depart_HideCellInput,
        visit_HideCellInput,
    )

    def visit(self: HTML5Translator, node: nodes.Element) -> None:
        for prompt in ("prompt_show", "prompt_hide"):
            node[prompt] = _(node[prompt])
        start = len(self.body)
        visit_HideCellInput(self, node)
        label = "Toggle hidden content"
        self.body[start:] = [text.replace(label, _(label)) for text in self.body[start:]]

    app.add_node(HideCodeCellNode, override=True, html=(visit, depart_HideCellInput))


def is_korean(config: Config) -> bool:
    return (config.language or "").split("_")[0] == "ko"


def setup(app: Sphinx) -> dict[str, Any]:
    if is_korean(app.config):
        # Sphinx's templates keep the translator that exists now: complete it where it is.
        translator = get_translator()
        translator.add_fallback(catalog("sphinx"))
        # Code asks anew each time: there our words come first, for one of Sphinx's is at fault.
        prefer("sphinx")
        # These words Sphinx looked up before any extension could add to its catalog.
        changeset.versionlabels.update(
            {name: translator.gettext(text) for name, text in changeset.versionlabels.items()}
        )
    if (app.config.language or "en").split("_")[0] != "en":  # the language of the theme's words
        app.connect("config-inited", prepare, priority=100)
        app.connect("builder-inited", after_theme, priority=100)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
