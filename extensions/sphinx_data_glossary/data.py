"""The data file: read, checked, and given out as entries.

Every text is taken as it is written: YAML's other types (``no`` as a falsehood, ``1e9`` as a
number) never get in the way of a language code or a term. Every fault is reported with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sphinx.errors import ExtensionError
from sphinx.util.nodes import _make_id

__all__ = ["Entry", "GlossaryError", "load"]

FIELDS = ("term", "synonyms", "avoid", "ambiguous", "source", "definition")
#: A language code as Sphinx and browsers know it: ``ko``, ``pt_BR``, ``zh-Hant``.
LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")


class GlossaryError(ExtensionError):
    """The data file has faults; the message has a line for each."""


@dataclass(frozen=True)
class Entry:
    """A term with all that the data file says of it."""

    term: str
    source_language: str = "en"
    translations: dict[str, str] = field(default_factory=dict)
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    avoid: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    source: tuple[str, ...] = ()
    definition: dict[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def anchor(self) -> str:
        """The id of the entry on the glossary page, the same in every language."""
        return make_anchor(self.term)

    def own_name(self, language: str) -> str | None:
        """The term in a language, if the file has it."""
        return self.term if language == self.source_language else self.translations.get(language)

    def name(self, language: str) -> str:
        """The term in a language; the term of the source language where it has none."""
        return self.own_name(language) or self.term

    def names(self) -> dict[str, str]:
        """The term in every language that has it, the source language first."""
        return {self.source_language: self.term, **self.translations}

    def other_names(self, shown: str) -> dict[str, str]:
        """The names in other languages than the one shown, where they differ: BERT is BERT."""
        names = self.names()
        return {
            code: name for code, name in names.items() if code != shown and name != names.get(shown)
        }

    def forms(self, language: str, *, ambiguous: bool = True) -> tuple[str, ...]:
        """The name and the synonyms in a language; without ``ambiguous``, no everyday words."""
        own = self.own_name(language)
        found = (*((own,) if own else ()), *self.synonyms.get(language, ()))
        return tuple(form for form in found if ambiguous or form not in self.ambiguous)

    def definition_in(self, language: str) -> tuple[str, str]:
        """A definition and its language: the source language's where there is no other."""
        used = language if language in self.definition else self.source_language
        return used, self.definition[used]


def make_anchor(term: str) -> str:
    """The id of a term's entry: Sphinx's own, but known before there is a page.

    >>> [make_anchor(term) for term in ("self-attention", "Byte-pair encoding", "어텐션")]
    ['term-self-attention', 'term-Byte-pair-encoding', 'term-uc5b4-d150-c158']
    """
    anchor = _make_id(f"term-{term}")
    if anchor == "term":  # nothing of it is Latin
        return "term-u" + "-".join(f"{ord(letter):x}" for letter in term)
    return anchor


def load(path: Path | str, source_language: str = "en") -> list[Entry]:
    """Read and check the data file.

    Args:
        path: the YAML file.
        source_language: the language of ``term``.

    Raises:
        GlossaryError: the file can't be read, or something in it is wrong. The message names
            file, line and term, what was expected and what was given, for each fault.
    """
    path = Path(path)
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise GlossaryError(f"{path.name}: {error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise GlossaryError(f"{path.name}:{line}: not YAML: {error.problem}") from error
    reader = _Reader(path.name, source_language)
    entries = reader.read(tree)
    if reader.faults:
        faults = sorted(reader.faults)
        raise GlossaryError("\n".join(f"{path.name}:{line}: {fault}" for line, fault in faults))
    return entries


class _Reader:
    """Turns the nodes of the file into entries, and collects what is wrong."""

    def __init__(self, name: str, source_language: str) -> None:
        self.name = name
        self.source_language = source_language
        self.faults: list[tuple[int, str]] = []
        self.term = ""

    def fault(self, node: yaml.Node | None, message: str) -> None:
        line = node.start_mark.line + 1 if node else 1
        self.faults.append((line, f"{self.term}: {message}" if self.term else message))

    def read(self, tree: yaml.Node | None) -> list[Entry]:
        if not isinstance(tree, yaml.SequenceNode):
            self.fault(tree, f"expected a list of terms, got {_describe(tree)}")
            return []
        entries: list[Entry] = []
        anchors: dict[str, Entry] = {}
        for number, node in enumerate(tree.value, start=1):
            self.term = f"entry {number}"
            entry = self.entry(node)
            if entry is None:
                continue
            if twin := anchors.get(entry.anchor.casefold()):
                self.fault(node, f"expected each term once, but line {twin.line} has it, too")
            anchors.setdefault(entry.anchor.casefold(), entry)
            entries.append(entry)
        return entries

    def entry(self, node: yaml.Node) -> Entry | None:
        fields = dict(self.pairs(node, "term, translations and definition"))
        term = self.text(fields["term"], "term") if "term" in fields else ""
        if term:
            self.term = term
        elif "term" not in fields:
            self.fault(node, f"expected a term, got {', '.join(fields) or 'nothing'}")
        translations = {}
        for key, value in fields.items():
            if key in FIELDS:
                continue
            if not LANGUAGE.fullmatch(key) or key == self.source_language:
                wanted = f"{', '.join(FIELDS)} or the code of another language"
                self.fault(value, f"expected {wanted}, got {key!r}")
            elif text := self.text(value, key):
                translations[key] = text
        definition = self.by_language(fields.get("definition"), "definition", self.text)
        if self.source_language not in definition:
            given = ", ".join(definition) or "none"
            self.fault(node, f"expected definition.{self.source_language}, got {given}")
        synonyms = self.by_language(fields.get("synonyms"), "synonyms", self.texts)
        avoid = self.by_language(fields.get("avoid"), "avoid", self.texts)
        entry = Entry(
            term=term,
            source_language=self.source_language,
            translations=translations,
            synonyms=synonyms,
            avoid=avoid,
            ambiguous=frozenset(self.texts(fields.get("ambiguous"), "ambiguous")),
            source=self.texts(fields.get("source"), "source", one=True),
            definition=definition,
            line=node.start_mark.line + 1,
        )
        self.check_forms(node, entry)
        return entry if term and self.source_language in definition else None

    def check_forms(self, node: yaml.Node, entry: Entry) -> None:
        """Each form has one role in its entry."""
        for language in {*entry.synonyms, *entry.avoid}:
            own = entry.own_name(language)
            roles = [own] if own else []
            roles += [*entry.synonyms.get(language, ()), *entry.avoid.get(language, ())]
            for form in sorted({form for form in roles if roles.count(form) > 1}):
                wanted = "each form once among the name, synonyms and avoid"
                self.fault(node, f"expected {wanted} of {language!r}, got {form!r} twice")
        known = {*entry.names().values()}
        for group in (entry.synonyms, entry.avoid):
            known |= {form for forms in group.values() for form in forms}
        for form in sorted(entry.ambiguous - known):
            self.fault(node, f"expected in ambiguous a form of this entry, got {form!r}")

    def pairs(self, node: yaml.Node, wanted: str) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"expected {wanted}, got {_describe(node)}")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fault(key, f"expected a name, got {_describe(key)}")
                continue
            if key.value in seen:
                self.fault(key, f"expected each field once, got {key.value!r} twice")
            seen.add(key.value)
            yield key.value, value

    def by_language(self, node: yaml.Node | None, name: str, read: Any) -> dict[str, Any]:
        if node is None:
            return {}
        found = {}
        for key, value in self.pairs(node, f"{name} by language, such as {name}: {{ko: …}}"):
            if not LANGUAGE.fullmatch(key):
                self.fault(value, f"{name}: expected a language code, got {key!r}")
            elif text := read(value, f"{name}.{key}"):
                found[key] = text
        return found

    def text(self, node: yaml.Node, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fault(node, f"{name}: expected a text, got {_describe(node)}")
            return ""
        return unicodedata.normalize("NFC", " ".join(node.value.split()))

    def texts(self, node: yaml.Node | None, name: str, *, one: bool = False) -> tuple[str, ...]:
        if node is None:
            return ()
        if one and isinstance(node, yaml.ScalarNode):
            node = yaml.SequenceNode(node.tag, [node], node.start_mark, node.end_mark)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            wanted = "a text or a list of texts" if one else "a list of texts"
            self.fault(node, f"{name}: expected {wanted}, got {_describe(node)}")
            return ()
        texts = [self.text(item, name) for item in node.value]
        return tuple(text for text in texts if text)


def _describe(node: yaml.Node | None) -> str:
    """What a node is, in words of a person."""
    if node is None:
        return "an empty file"
    if isinstance(node, yaml.SequenceNode):
        return "a list" if node.value else "an empty list"
    if isinstance(node, yaml.MappingNode):
        return "fields" if node.value else "empty braces"
    return repr(node.value) if node.value.strip() else "nothing"
