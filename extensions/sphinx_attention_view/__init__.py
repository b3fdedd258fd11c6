"""Attention views of notebook cells: scripts as files, words in the page's language.

A cell may show an object whose HTML brings its own script and style, as everything in a notebook
has to: ``<script data-asset="attention-view.js">…</script>`` and ``<style data-asset="….css">…``.
A page of a site must not: a strict Content-Security-Policy forbids scripts in the page, and ten
views would send the same script ten times. This extension takes both out of the outputs, writes
each once into ``_static`` under a name that holds the digest of its content, and loads it on the
pages that have a use for it. An EPUB keeps what stands there without a script: a picture and a
table.

Words that every view has come from catalogs in ``locale``: in the page

- an element with ``data-message="Layer {number}"``, and ``data-values='{"number": 3}'`` if its
  message has places for values, gets the translation as its content;
- ``<script type="application/json" id="attention-view-words">`` hands the script the translations
  of what it says.

Words of the author (the alternative text, the names of rows and columns) stay as they are: those
are messages of the page's own catalog where ``sphinx_inline_figures`` is used.

A page that has no view, but a script that makes one (``JumokAttentionView.create``), asks for the
files by ``attention-view: true`` in its front matter; some page of the site has to have a view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .assets import (
    TakeAssetsOut,
    add_to_page,
    forget_page,
    merge_pages,
    write_assets,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "1.0"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_transform(TakeAssetsOut)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("write-started", write_assets)
    app.connect("html-page-context", add_to_page)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
