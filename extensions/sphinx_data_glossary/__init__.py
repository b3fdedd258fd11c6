"""A glossary page in every language, made from one data file.

The file (config value ``glossary_data``, relative to the source folder) is a YAML list::

    - term: attention
      ko: 어텐션
      synonyms: [주의]
      definition:
        en: A weighted average of values …
        ko: …

``{data-glossary}`` makes a glossary of it in the language of the build: in the source language
the term is followed by its translations, in another language the translation stands first and
the English term follows in brackets.  ``{term}`` finds an entry by its English name in every
language (the `id` of an entry is English too, so that links keep), and by its translated name.
``glossary_synonyms_label`` holds, for each language, the words before the synonyms.
Nothing of it goes to gettext: the data file already holds every language.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id
from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"

FIELDS = {"term", "synonyms", "avoid", "source", "definition"}


def load_glossary(path: Path) -> list[dict[str, Any]]:
    """Read and check the data file.

    Raises:
        ExtensionError: an entry lacks its term or its definition, or a term comes twice.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ExtensionError(f"glossary {path.name}: {error}") from error
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        name = entry.get("term")
        if not name or not entry.get("definition", {}).get("en"):
            raise ExtensionError(
                f"glossary {path.name}: entry {number} ({name!r}) needs a term and definition.en"
            )
        if name.casefold() in seen:
            raise ExtensionError(f"glossary {path.name}: {name!r} is defined twice")
        seen.add(name.casefold())
    return entries


def translations(entry: dict[str, Any]) -> dict[str, str]:
    """The names of an entry in other languages, by language code."""
    return {key: value for key, value in entry.items() if key not in FIELDS}


class DataGlossary(SphinxDirective):
    """``{data-glossary}``: the whole glossary in the language of the build."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / self.config.glossary_data
        self.env.note_dependency(str(path))
        language = self.config.language
        entries = load_glossary(path)
        entries.sort(key=lambda entry: self.sort_key(entry, language))
        items = [self.item(entry, language) for entry in entries]
        glossary = addnodes.glossary("", sorted=False)
        glossary += nodes.definition_list("", *items, classes=["glossary", "simple"])
        return [glossary]

    @staticmethod
    def sort_key(entry: dict[str, Any], language: str) -> str:
        return unicodedata.normalize("NFC", entry.get(language, entry["term"])).casefold()

    def item(self, entry: dict[str, Any], language: str) -> nodes.Node:
        english, own = entry["term"], entry.get(language)
        term = nodes.term("", own or english, translatable=False)
        others = [english] if own else list(translations(entry).values())
        text = f"({', '.join(others)})" if own else f" {', '.join(others)}"
        term += nodes.inline("", text, classes=["glossary-other"], translatable=False)
        node_id = make_id(self.env, self.state.document, "term", english)
        term["ids"].append(node_id)
        self.set_source_info(term)
        self.state.document.note_explicit_target(term)
        domain = self.env.domains.standard_domain
        for name in dict.fromkeys([english, english.lower(), *translations(entry).values()]):
            domain.note_object("term", name, node_id, location=term)
        definition = nodes.definition()
        text = entry["definition"].get(language, entry["definition"]["en"])
        definition += nodes.paragraph("", text, translatable=False)
        if own and (synonyms := entry.get("synonyms")):
            label = self.config.glossary_synonyms_label.get(language, "≈")
            also = f"{label}: {', '.join(synonyms)}"
            definition += nodes.paragraph(
                "", also, translatable=False, classes=["glossary-synonyms"]
            )
        return nodes.definition_list_item("", term, definition)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("glossary_data", "glossary.yml", "env", types=frozenset({str}))
    app.add_config_value(
        "glossary_synonyms_label", {"ko": "같은 말"}, "env", types=frozenset({dict})
    )
    app.add_directive("data-glossary", DataGlossary)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
