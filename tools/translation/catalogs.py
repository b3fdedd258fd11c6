"""Reading and writing .po files, byte for byte as GNU gettext writes them.

Poedit, Weblate and msgcat wrap lines at 79 columns where Unicode allows a break, and count Hangul
as two columns. Catalogs written in the same way come back from these tools without a changed line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from babel.messages.plurals import get_plural

from .wrapping import wrap

WIDTH = 79
COMMENT = "Jumok. Text and translations: CC BY 4.0."
ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
ESCAPES |= {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
# Stricter than polib, which reads an empty text where a closing quote is missing.
LINE = re.compile(r'\s*|#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s+)?"([^"\\]|\\.)*"\s*')


class CatalogError(ValueError):
    """A catalog can't be read; the message names file and line."""


@dataclass
class Message:
    """One entry of a catalog."""

    msgid: str
    msgstr: str = ""
    fuzzy: bool = False
    previous: str | None = None  # the msgid that msgstr translates, where it isn't `msgid`
    context: str | None = None
    notes: str = ""  # a translator's comments
    flags: tuple[str, ...] = ()  # besides fuzzy
    obsolete: bool = False
    line: int = 0

    @property
    def translated(self) -> bool:
        """Whether the page shows it: there is a translation, of this text."""
        return bool(self.msgstr) and not self.fuzzy and not self.obsolete


@dataclass
class Catalog:
    """A .po file: its header's comment, its header, its entries."""

    messages: list[Message] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)
    comment: str = COMMENT

    @property
    def active(self) -> list[Message]:
        """The entries of texts that the page holds."""
        return [message for message in self.messages if not message.obsolete]


def read_catalog(path: Path) -> Catalog:
    """Read a .po file.

    Raises:
        CatalogError: it is no valid .po file, or not in UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        if found := re.search(r"^(<{7}|={7}|>{7})( |$)", text, re.M):
            raise ValueError(f"(line {line_of(text, found.start())}): an unresolved merge")
        for number, line in enumerate(text.split("\n"), start=1):
            if not LINE.fullmatch(line):
                raise ValueError(f"(line {number}): not a line of a catalog: {line[:60]!r}")
        source = polib.pofile(text + "\n")  # a text without a line break would be opened as a file
        check_entries(source)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CatalogError(f"{path}:{line}: not in UTF-8") from error
    except (OSError, ValueError) as error:
        found = re.search(r"\(line (\d+)\)(: )?(.*)", str(error))
        place = f"{path}:{found[1]}" if found else f"{path}"
        complaint = (found[3] if found else str(error)) or "not a valid entry"
        raise CatalogError(f"{place}: {complaint}") from error
    return Catalog([as_message(entry) for entry in source], dict(source.metadata), source.header)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def check_entries(source: polib.POFile) -> None:
    """Refuse what no page can use."""
    seen = set()
    for entry in source:
        place = f"(line {entry.linenum}): "
        if entry.msgid_plural:
            raise ValueError(f"{place}pages have no plurals: {entry.msgid!r}")
        if (entry.msgid, entry.obsolete) in seen:
            raise ValueError(f"{place}{entry.msgid!r} stands here twice")
        seen.add((entry.msgid, entry.obsolete))


def as_message(entry: polib.POEntry) -> Message:
    """What we keep of an entry: places in files change too often, and say nothing here."""
    flags = tuple(flag for flag in entry.flags if flag != "fuzzy" and not is_false_flag(flag))
    return Message(
        msgid=entry.msgid,
        msgstr=entry.msgstr,
        fuzzy="fuzzy" in entry.flags,
        previous=entry.previous_msgid or None,
        context=entry.msgctxt,
        notes=entry.tcomment,
        flags=flags,
        obsolete=bool(entry.obsolete),
        line=entry.linenum,
    )


def is_false_flag(flag: str) -> bool:
    """Prose is no format string: ``{term}`` and "95 % of" only look like one."""
    return flag.endswith("-format") and not flag.startswith("no-")


def quoted(keyword: str, text: str, prefix: str = "") -> Iterator[str]:
    """The lines of ``msgid "…"``: one if all fits, else an empty text and the lines below it."""
    columns = WIDTH - len(prefix) - 2
    portions = [
        "".join(ESCAPES.get(character, character) for character in portion)
        for portion in re.findall(r"[^\n]*\n|[^\n]+", text)
    ] or [""]
    if len(portions) == 1:
        lines = list(wrap(portions[0], columns, first=len(keyword) + 1))
        if len(lines) == 1:
            yield f'{prefix}{keyword} "{lines[0]}"'
            return
    yield f'{prefix}{keyword} ""'
    for portion in portions:
        for line in wrap(portion, columns):
            yield f'{prefix}"{line}"'


def message_lines(message: Message) -> Iterator[str]:
    """The lines of an entry, in the order in which msgcat writes them."""
    for note in message.notes.splitlines():
        yield f"# {note}".rstrip()
    flags = [*(["fuzzy"] if message.fuzzy else []), *message.flags]
    if flags:
        yield "#, " + ", ".join(flags)
    prefix = "#~ " if message.obsolete else ""
    if message.previous is not None:
        yield from quoted("msgid", message.previous, "#~| " if message.obsolete else "#| ")
    if message.context is not None:
        yield from quoted("msgctxt", message.context, prefix)
    yield from quoted("msgid", message.msgid, prefix)
    yield from quoted("msgstr", message.msgstr, prefix)


def catalog_text(catalog: Catalog) -> str:
    """The whole file; obsolete entries stand at the end."""
    header = "".join(f"{name}: {value}\n" for name, value in catalog.header.items())
    blocks = [[*(f"# {line}".rstrip() for line in catalog.comment.splitlines())]]
    blocks[0] += quoted("msgid", "")
    blocks[0] += quoted("msgstr", header)
    ordered = sorted(catalog.messages, key=lambda message: message.obsolete)
    blocks += [list(message_lines(message)) for message in ordered]
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def new_header(language: str, date: str) -> dict[str, str]:
    """The header of a catalog that has none."""
    plural = get_plural(language)
    return {
        "Project-Id-Version": "Jumok",
        "POT-Creation-Date": date,
        "PO-Revision-Date": date,
        "Last-Translator": "The Jumok authors",
        "Language-Team": "The Jumok authors",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": f"nplurals={plural.num_plurals}; plural={plural.plural_expr};",
    }
