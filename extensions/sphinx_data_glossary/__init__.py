"""One data file for the terms of a book: glossary page, hover cards, search and checks.

The file (``glossary_data``, relative to the source folder) is a YAML list::

    - term: attention                     # in the source language
      ko: 어텐션                           # its name in any other language, by language code
      synonyms: {ko: [주의, 주의 메커니즘]}  # other forms that readers type and other texts use
      avoid: {ko: [어텐숀]}                # forms that nobody shall write
      ambiguous: [주의]                    # forms of this entry that are everyday words, too
      source: bahdanau2015neural          # where the term comes from: key of the bibliography
      definition:
        en: A weighted average of values …
        ko: …

Only ``term`` and the source language's ``definition`` are needed. Faults of the file stop the
build, each with its line. Programs read it with `load`; nothing of it goes to gettext.

``{data-glossary}`` makes a glossary of it in the language of the build: the name in that language
(the source language's where there is none), the other names in brackets, definition, synonyms and,
if sphinxcontrib-bibtex is in use, the source. ``{term}`` finds an entry by its source term in
every language (its id is made of that, so that links keep), and by its translated name.

On HTML pages a link to a term shows a card on hover, focus and tap: the definition, and the term
in the other languages. The definitions of all terms are one script per language, loaded when a
reader first comes near a term; without JavaScript the link leads to the glossary as ever.

Settings:

``glossary_data`` (str, default ``"glossary.yml"``)
    The data file.
``glossary_source_language`` (str, default ``"en"``)
    The language of ``term``.
``glossary_cards`` (bool, default ``True``)
    Whether pages have cards.

The extension's own words are in ``locales/<language>/LC_MESSAGES/sphinx_data_glossary.po``; a
language without that file sees them in English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cards import add_cards, write_cards
from .data import Entry, GlossaryError, load
from .page import DataGlossary

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["Entry", "GlossaryError", "load", "setup"]

__version__ = "1.0"


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("glossary_data", "glossary.yml", "env", types=frozenset({str}))
    app.add_config_value("glossary_source_language", "en", "env", types=frozenset({str}))
    app.add_config_value("glossary_cards", True, "html", types=frozenset({bool}))
    app.add_directive("data-glossary", DataGlossary)
    app.connect("builder-inited", add_cards)
    app.connect("build-finished", write_cards)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
