"""What the hover cards need: a script, a style sheet, and the definitions as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .data import Entry, load
from .strings import translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

HERE = Path(__file__).parent
DATA = "glossary-terms.js"


def terms_script(entries: Iterable[Entry], language: str) -> str:
    """The script that hands over the terms: it works where nothing can be fetched (``file://``).

    For each anchor of the glossary page: the name, its language if it isn't that of the page, the
    names in the other languages, the definition, and its language if it isn't the page's.
    """
    terms = {}
    for entry in entries:
        shown = language if entry.own_name(language) else entry.source_language
        used, text = entry.definition_in(language)
        terms[entry.anchor] = [
            entry.name(language),
            "" if shown == language else shown,
            {code.replace("_", "-"): name for code, name in entry.other_names(shown).items()},
            text,
            "" if used == language else used,
        ]
    words = {"more": translate("Open in the glossary", language)}
    tight: Any = {"ensure_ascii": False, "separators": (",", ":")}
    return f"glossaryCards({json.dumps(terms, **tight)},{json.dumps(words, **tight)});\n"


def script(app: Sphinx) -> str:
    entries = load(Path(app.srcdir) / app.config.glossary_data, app.config.glossary_source_language)
    return terms_script(entries, app.config.language or app.config.glossary_source_language)


def wanted(app: Sphinx) -> bool:
    path = Path(app.srcdir) / app.config.glossary_data
    return app.config.glossary_cards and app.builder.format == "html" and path.exists()


def add_cards(app: Sphinx) -> None:
    """Put script and style on every page; the script knows the address of the data."""
    if not wanted(app):
        return
    app.config.html_static_path.append(str(HERE / "static"))
    # No version in its address: a new definition must not change every page of the site.
    attributes: dict[str, Any] = {"data-terms": DATA, "defer": ""}
    app.add_js_file("glossary-cards.js", **attributes)
    app.add_css_file("glossary-cards.css")


def write_cards(app: Sphinx, exception: Exception | None) -> None:
    """Write the data beside the script."""
    if exception is None and wanted(app):
        path = Path(app.outdir) / "_static" / DATA
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script(app), encoding="utf-8")
