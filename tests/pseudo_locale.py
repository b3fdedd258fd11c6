"""A language made by a program: English whose vowels have accents, in brackets.

Everything that went through a catalog shows, and everything that did not shows too: a word with a
plain vowel. Roles with their targets, code, formulas, addresses and placeholders stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polib

if TYPE_CHECKING:
    from pathlib import Path

ACCENTS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")

#: What is no text, and roles with a text of their own, which is transformed.
KEPT = re.compile(
    r"""
    (?P<role>\{(?P<name>[\w:.+-]+)\}`(?P<content>[^`]+)`)
  | (?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
  | (?P<math>(?<!\\)(?P<dollars>\$\$?)(?:\\.|[^$\\])+(?P=dollars))
  | (?P<address>\]\([^)]*\))
  | (?P<attributes>\{[.#][^}]*\})
  | (?P<footnote>\[\^[^\]]+\])
  | (?P<placeholder>%\(\w+\)[sd]|%[sd]|\$\{\w+\}|\{\w*(?::[^}]*)?\})
  | (?P<url>https?://[^\s)>]+)
  | (?P<tag><[^>]+>|&\w+;)
    """,
    re.VERBOSE | re.DOTALL,
)

#: Roles that show their target where they have no title: the target needs one.
SHOWN = {"term"}


def accented(text: str) -> str:
    return text.translate(ACCENTS)


def _kept(match: re.Match[str]) -> str:
    if not match["role"]:
        return match[0]
    name, content = match["name"], match["content"]
    titled = re.fullmatch(r"(.+?)\s*<([^<>]+)>", content, re.DOTALL)
    if titled and name not in {"math", "code"}:
        return f"{{{name}}}`{accented(titled[1])} <{titled[2]}>`"
    if name in SHOWN:
        return f"{{{name}}}`{accented(content)} <{content}>`"
    return match[0]


def inside(text: str) -> str:
    """A text with its vowels accented and its markup kept."""
    pieces, position = [], 0
    for match in KEPT.finditer(text):
        pieces += [accented(text[position : match.start()]), _kept(match)]
        position = match.end()
    return "".join([*pieces, accented(text[position:])])


def pseudo(text: str) -> str:
    """The translation of a message.

    >>> pseudo("A {term}`mask` hides `x[i]` and $d_k$, see [here](a.html).")
    '⟦Á {term}`másk <mask>` hídés `x[i]` ánd $d_k$, séé [héré](a.html).⟧'
    """
    return f"⟦{inside(text)}⟧" if re.search(r"[A-Za-z]", KEPT.sub("", text)) else inside(text)


def fill(path: Path) -> None:
    """Translate every message of a catalog."""
    catalog = polib.pofile(str(path))
    for entry in catalog:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: pseudo(entry.msgid), 1: pseudo(entry.msgid_plural)}
        else:
            entry.msgstr = pseudo(entry.msgid)
    catalog.save()


def counterpart(korean: Path, target: Path, code: str) -> None:
    """Make a catalog of a program's own words in the pseudo-locale from its Korean one."""
    catalog = polib.pofile(str(korean))
    catalog.metadata["Language"] = code
    catalog.metadata["Plural-Forms"] = "nplurals=2; plural=(n != 1);"
    target.parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(target))
    fill(target)


def glossary(entries: list[dict[str, Any]], code: str) -> None:
    """Give each term of the glossary's data its name and definition."""
    for entry in entries:
        entry[code] = pseudo(entry["term"])
        entry["definition"][code] = pseudo(entry["definition"]["en"])
