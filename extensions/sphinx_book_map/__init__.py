"""Where am I, what do I need, what comes next: a map of a book, and what each page says of itself.

A page names in its front matter the pages that it builds on::

    ---
    needs: [transformer/masks, transformer/self-attention]
    ---

From that come

* a line under each title: how long the page takes to read, when it last changed, what it needs;
* at the end of each page, what it opens the way to, links that edit the page or its translation,
  and, with JavaScript, a mark that the page has been read;
* ``{book-map}``: all parts with their pages, what each needs, how far the reader has come. What a
  page builds on, directly or not, lights up under the pointer and in focus;
* "next" at the end of a part, which leads to the next part and says so.

A page that is needed and doesn't exist, or needs itself by way of others, is a warning.

What the reader has done stays in the browser (``localStorage``, see ``static/book-map.js``) and can
be erased on the map. Without JavaScript the map is a list with links.

Settings in ``conf.py``, all optional:

``book_map_parts`` (list of str, default ``[]``)
    The folders of the book's parts, in order. Pages elsewhere (reference, contributing) aren't
    on the map and have no reading time.
``book_map_words_per_minute`` (dict, default ``{"en": 200, "ko": 180}``)
    How fast a language is read, in words between spaces (English after Brysbaert 2019, who finds
    238 for plain prose; technical text goes slower). Others: 200.
``book_map_words_per_line`` (int, default 8)
    As how many words a line of code counts.
``book_map_edit_url``, ``book_map_catalog_url`` (str, default ``""``)
    Where a source is edited, with ``{path}`` in it, and where a catalog is seen, with
    ``{language}``, ``{page}`` and, for the line of an entry, ``{line}``.
``book_map_languages`` (list, default ``[]``)
    The languages with catalogs: entries with ``code`` and ``name``; the first is the source's.
``book_map_licences`` (dict, default ``{}``)
    Addresses of the licences that ``copyright`` names: ``{"CC BY 4.0": "https://…"}``.

With ``sphinx_parallel_text``, a passage revealed in another language links to its entry in the
catalog. With ``sphinx_last_updated_by_git``, the dates are those of the repository.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import directive, entries, facts, following, needs

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "1.0"

HERE = Path(__file__).parent


def add_static_path(app: Sphinx) -> None:
    """Add the style sheet and the script after the project's own folders are known."""
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("book_map_parts", [], "env", (list, tuple))
    app.add_config_value("book_map_words_per_minute", {"en": 200, "ko": 180}, "env", dict)
    app.add_config_value("book_map_words_per_line", 8, "env", int)
    app.add_config_value("book_map_edit_url", "", "html", str)
    app.add_config_value("book_map_catalog_url", "", "html", str)
    app.add_config_value("book_map_languages", [], "html", (list, tuple))
    app.add_config_value("book_map_licences", {}, "html", dict)
    app.connect("builder-inited", add_static_path)
    app.connect("env-check-consistency", needs.check)
    entries.setup(app)
    facts.setup(app)
    directive.setup(app)
    following.setup(app)
    app.add_css_file("book-map.css")
    app.add_js_file("book-map.js", loading_method="defer")
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
