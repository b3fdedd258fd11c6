"""Split a rendered page into the page with keys and the fragments that its siblings ask for.

Sphinx's body is never parsed and written anew, which would change what browsers make of SVG and
formulas: markers go, and an attribute is put into the start tag before each.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = "_parallel"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
MARKER = re.compile(r"<!--(/?)p:(!?)([\w.:-]+)-->")
TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")
# The page that a fragment is put into has these ids already.
ID = re.compile(r"""(<[a-zA-Z][\w:-]*(?:\s[^<>]*?)?)\s(?:id|name)="[^"]*\"""")
HEADERLINK = re.compile(r'<a class="headerlink"[^>]*>.*?</a>', re.DOTALL)


def enclosing_tag(html: str, end: int) -> int | None:
    """The index just behind the name of the innermost element that is open at ``end``.

    >>> html = '<figcaption><p class="a"><b>1</b> '
    >>> html[: enclosing_tag(html, len(html))]
    '<figcaption><p'
    """
    depth = 0
    # What stands between a message and the tag around it is short: a section's number, an icon.
    start = max(0, end - 4000)
    for tag in reversed(list(TAG.finditer(html, start, end))):
        closing, name, empty = tag.groups()
        if empty or name.lower() in VOID:
            continue
        depth += 1 if closing else -1
        if depth < 0:
            return tag.end(2)
    return None


def clean(fragment: str) -> str:
    """What another page shows of a message: without ids, which are that page's own."""
    fragment = HEADERLINK.sub("", fragment)
    before = None
    while before != fragment:  # an element may have an id and a name
        before, fragment = fragment, ID.sub(r"\1", fragment)
    return fragment.strip()


class Message(NamedTuple):
    """Where a message stands in the body of a page."""

    key: str
    missing: bool
    start: int
    end: int


def find_messages(body: str) -> tuple[str, list[Message]]:
    """The body without its markers, and where the messages stand in it."""
    pieces: list[str] = []
    messages: list[Message] = []
    open_messages: list[tuple[str, bool, int]] = []
    length = position = 0
    for found in MARKER.finditer(body):
        pieces.append(body[position : found.start()])
        length += len(pieces[-1])
        position = found.end()
        closing, missing, key = found.groups()
        if not closing:
            open_messages.append((key, bool(missing), length))
        elif open_messages and open_messages[-1][0] == key:
            messages.append(Message(*open_messages.pop(), length))
    pieces.append(body[position:])
    return "".join(pieces), messages


def split_page(body: str) -> tuple[str, dict[str, str | None]]:
    """The body with keys, and its fragments by key; ``None`` where a translation is missing.

    >>> split_page('<p class="x"><!--p:a1b-->Some <b>words</b><!--/p:a1b--></p>')
    ('<p data-p="a1b" class="x">Some <b>words</b></p>', {'a1b': 'Some <b>words</b>'})
    """
    body, messages = find_messages(body)
    fragments: dict[str, str | None] = {}
    insertions: list[tuple[int, str]] = []
    tags: set[int] = set()
    for message in messages:
        text = clean(body[message.start : message.end])
        if not text:
            continue
        fragments.setdefault(message.key, None if message.missing else text)
        attribute = f' data-p="{"!" if message.missing else ""}{message.key}"'
        tag = enclosing_tag(body, message.start)
        if tag is None or tag in tags:
            # Two messages in one element, or none around it: an element of its own.
            insertions += [(message.start, f"<span{attribute}>"), (message.end, "</span>")]
        else:
            tags.add(tag)
            insertions.append((tag, attribute))
    pieces, position = [], 0
    for index, text in sorted(insertions, key=lambda insertion: insertion[0]):
        pieces += [body[position:index], text]
        position = index
    return "".join([*pieces, body[position:]]), fragments


def write_fragments(
    outdir: Path, language: str, pagename: str, fragments: dict[str, str | None]
) -> None:
    """Write the script with which this page's siblings show what it says."""
    path = outdir / FOLDER / f"{pagename}.js"
    if not fragments:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    arguments = [json.dumps(value, ensure_ascii=False) for value in (language, pagename)]
    lines = ",\n".join(
        f"{json.dumps(key)}:{json.dumps(text, ensure_ascii=False)}"
        for key, text in fragments.items()
    )
    text = f"ParallelText.add({', '.join(arguments)}, {{\n{lines}\n}});\n"
    path.write_text(text, encoding="utf-8")
