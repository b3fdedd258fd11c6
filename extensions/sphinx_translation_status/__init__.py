"""A translation that isn't finished says so: on the paragraph, on the page, and in a table.

For projects that translate with gettext (``locale_dirs``). Sphinx shows the original where a
catalog has nothing, or something that has to be reviewed ("fuzzy"), and does not say so. With this
extension

- each such paragraph, heading, caption, item, cell, term or figure gets the right ``lang`` and a
  discreet mark in the page's language. The mark is no text of the page: search indexes, tables of
  contents and page titles don't see it, screen readers read it out;
- the page says under its title how much of it isn't translated, with links to the table and to the
  catalog. A page that is complete shows nothing;
- ``{translation-status}`` makes a table for each language: per page how many messages are
  translated, to be reviewed and missing, how many words are left, and when the catalog was last
  revised. It comes from the messages that the pages have now, compared with the catalogs as they
  are, so that a page edited since the last merge is counted right.

What has no word to translate (a formula, a piece of code, a number) is never counted as open.

Settings in ``conf.py``, all optional:

``translation_status_source`` (str, default ``"en"``)
    The language of the sources. Nothing is marked in a build in this language.
``translation_status_languages`` (list, default: the folders found in ``locale_dirs``)
    The languages of the table: codes, or dictionaries with ``code`` and ``name``.
``translation_status_catalog_url`` (str, default ``""``)
    Where a catalog can be edited, with ``{language}`` and ``{page}`` in it, for instance
    ``https://github.com/me/book/edit/main/docs/locales/{language}/LC_MESSAGES/{page}.po``.
``translation_status_words_per_half_hour`` (int, default 150)
    Pages with no more words left than this are recommended to whoever has half an hour.
``translation_status_messages_path`` (str, default ``""``)
    A file to write, relative to the configuration: JSON with the messages of each page and how many
    words of each are to be translated.

The extension's own words are in ``locale/<language>/LC_MESSAGES/sphinx_translation_status.po``;
another language is another file there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import marks, table
from .messages import forget_messages, merge_messages, write_messages
from .words import load_words

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

__version__ = "1.0"

HERE = Path(__file__).parent


def add_static_path(app: Sphinx) -> None:
    """Add the style sheet and the script after the project's own folders are known."""
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("translation_status_source", "en", "env", str)
    app.add_config_value("translation_status_languages", [], "env", (list, tuple))
    app.add_config_value("translation_status_catalog_url", "", "html", str)
    app.add_config_value("translation_status_words_per_half_hour", 150, "html", int)
    app.add_config_value("translation_status_messages_path", "", "", str)
    app.connect("config-inited", load_words)
    app.connect("builder-inited", add_static_path)
    app.connect("env-purge-doc", forget_messages)
    app.connect("env-merge-info", merge_messages)
    app.connect("build-finished", write_messages)
    marks.setup(app)
    table.setup(app)
    app.add_css_file("translation-status.css")
    app.add_js_file("translation-status.js", loading_method="defer")
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
