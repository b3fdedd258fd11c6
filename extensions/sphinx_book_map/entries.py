"""From a passage in another language to its entry in the catalog.

`sphinx_parallel_text` gives each message of a page a key. This page's keys, with the line of their
entry in each catalog, go along as data, and the script puts a link under what is revealed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import extract_messages

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

MESSAGES = "book_map_messages"
KEY = "parallel_key"


class KeepMessages(SphinxTransform):
    """Keep which message each key stands for, before translations take the messages' place."""

    default_priority = 16  # after sphinx_parallel_text has made the keys (15)

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        found = {node[KEY]: text for node, text in extract_messages(self.document) if KEY in node}
        if found:
            self.document[MESSAGES] = found


def catalog_path(app: Sphinx, language: str, page: str) -> Path:
    """The catalog of a page, by the first of Sphinx's folders for catalogs."""
    folder = next(iter(app.config.locale_dirs), "locales")
    return Path(app.srcdir, folder, language, "LC_MESSAGES", f"{page}.po")


def entry_lines(path: Path) -> dict[str, int]:
    """The line at which each message of a catalog begins."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(entry.id): entry.lineno or 1 for entry in read_po(file) if entry.id}


def translations(app: Sphinx) -> list[str]:
    """The languages with catalogs."""
    return [entry["code"] for entry in app.config.book_map_languages][1:]


def add_entries(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Write the lines of this page's entries behind its text."""
    messages = doctree.get(MESSAGES) if doctree is not None else None
    address = app.config.book_map_catalog_url
    if not messages or not address or app.builder.name not in {"html", "dirhtml"}:
        return
    found = {}
    for language in translations(app):
        lines = entry_lines(catalog_path(app, language, pagename))
        of_keys = {key: lines[text] for key, text in messages.items() if text in lines}
        if of_keys:
            place = address.replace("{language}", language).replace("{page}", pagename)
            found[language.replace("_", "-")] = {"address": place, "lines": of_keys}
    if found:
        data = json.dumps(found, separators=(",", ":")).replace("</", "<\\/")
        context["body"] += f'<script type="application/json" id="book-map-entries">{data}</script>'


def depend_on_catalog(app: Sphinx, docname: str, source: list[str]) -> None:
    """A translated page has changed when its catalog has."""
    env: BuildEnvironment = app.env
    languages = [entry["code"] for entry in app.config.book_map_languages]
    if app.config.language in languages[1:]:
        path = catalog_path(app, app.config.language, docname)
        if path.exists():
            env.note_dependency(str(path))


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_transform(KeepMessages)
    app.connect("source-read", depend_on_catalog)
    app.connect("html-page-context", add_entries, priority=950)
