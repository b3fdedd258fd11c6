"""The glossary page."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from .data import Entry, load
from .strings import translate

if TYPE_CHECKING:
    from collections.abc import Iterable


class DataGlossary(SphinxDirective):
    """``{data-glossary}``: the whole glossary in the language of the build."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / self.config.glossary_data
        self.env.note_dependency(str(path))
        entries = load(path, self.config.glossary_source_language)
        entries.sort(key=lambda entry: sort_key(entry.name(self.config.language)))
        glossary = addnodes.glossary("", sorted=False)
        items = [self.item(entry) for entry in entries]
        glossary += nodes.definition_list("", *items, classes=["glossary", "simple"])
        self.note_names(entries)
        return [glossary]

    def note_names(self, entries: Iterable[Entry]) -> None:
        """Let ``{term}`` find each entry by its names; the source language's come first."""
        found: dict[str, Entry] = {}
        entries = list(entries)
        for entry in entries:
            for name in (entry.term, entry.term.lower()):
                found.setdefault(name, entry)
        for entry in entries:
            for name in entry.translations.values():
                found.setdefault(name, entry)  # one word may translate two terms
        for name, entry in found.items():
            self.env.domains.standard_domain.note_object(
                "term", name, entry.anchor, location=(self.env.docname, self.lineno)
            )

    def item(self, entry: Entry) -> nodes.Node:
        language = self.config.language
        # Sphinx would translate a term's text: every language is in the data file already.
        term = nodes.term("", entry.name(language), translatable=False, ids=[entry.anchor])
        self.set_source_info(term)
        self.state.document.note_explicit_target(term)
        shown = (entry.own_name(language) and language) or entry.source_language
        if shown != language:
            term["classes"].append(f"language-{shown}")
        term += self.bracket(entry.other_names(shown), after=entry.name(language))
        definition = nodes.definition()
        used, text = entry.definition_in(language)
        paragraph = self.paragraph(text, "" if used == language else used)
        paragraph["parallel_name"] = entry.anchor  # sphinx_parallel_text pairs by it
        if used != language:
            paragraph["parallel_missing"] = True
        definition += paragraph
        if synonyms := entry.synonyms.get(language):
            also = f"{translate('Also:', language)} {', '.join(synonyms)}"
            definition += self.paragraph(also, "", "glossary-synonyms")
        if entry.source and "cite" in self.env.domains:
            definition += self.sources(entry.source)
        return nodes.definition_list_item("", term, definition)

    @staticmethod
    def bracket(names: dict[str, str], after: str) -> nodes.Node:
        """The names in other languages, each with its ``lang``, in brackets."""
        # Scripts of wide letters put a bracket to the word: 어텐션(attention).
        space = "" if unicodedata.east_asian_width(after[-1]) in "WF" else " "
        inline = nodes.inline(classes=["glossary-other"])
        for position, (code, name) in enumerate(names.items()):
            inline += nodes.Text(", " if position else f"{space}(")
            inline += nodes.inline("", name, classes=[f"language-{code}"])
        if names:
            inline += nodes.Text(")")
        return inline

    @staticmethod
    def paragraph(text: str, language: str, *classes: str) -> nodes.paragraph:
        names = [*classes, *([f"language-{language}"] if language else [])]
        return nodes.paragraph("", text, translatable=False, classes=names)

    def sources(self, keys: Iterable[str]) -> nodes.paragraph:
        """Where a term comes from, as citations of sphinxcontrib-bibtex."""
        label = translate("Source:", self.config.language)
        paragraph = nodes.paragraph("", translatable=False, classes=["glossary-source"])
        cite = self.env.domains["cite"].role("t")
        for position, key in enumerate(keys):
            paragraph += nodes.Text(", " if position else f"{label} ")
            found, problems = cite("cite:t", key, key, self.lineno, self.state.inliner)
            paragraph += [*found, *problems]
        return paragraph


def sort_key(name: str) -> str:
    """Sort as a reader looks up: upper and lower case together, Hangul by its letters."""
    return unicodedata.normalize("NFC", name).casefold()
