"""The few tags of a page that fetch something: found as text, so that the rest stays byte for byte.

A parser that writes a page anew would lower-case SVG's names and close what HTML leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

ATTRIBUTES = r"""(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*"""
TAG = re.compile(
    rf"<!--.*?-->"
    rf"|<(?P<raw>script|style)(?P<raw_attributes>{ATTRIBUTES})\s*>(?P<content>.*?)</(?P=raw)\s*>"
    rf"|<(?P<name>link|meta)(?P<attributes>{ATTRIBUTES})\s*/?>",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""", re.DOTALL
)

#: Types of ``<script>`` that a browser runs; anything else is data.
RUN = {"", "text/javascript", "application/javascript", "module"}


@dataclass(frozen=True)
class Tag:
    """A ``link``, ``meta``, ``script`` or ``style`` element and where it stands in the text."""

    name: str
    attributes: dict[str, str]
    content: str
    start: int
    end: int

    @property
    def relations(self) -> set[str]:
        return set(self.attributes.get("rel", "").lower().split())

    @property
    def is_stylesheet(self) -> bool:
        return self.name == "link" and "stylesheet" in self.relations

    @property
    def is_script(self) -> bool:
        return self.name == "script" and self.attributes.get("type", "").lower() in RUN


def read_attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; one without a value is the empty string."""
    found = {}
    for name, *values in ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(next(filter(None, values), "")))
    return found


def tags(text: str) -> Iterator[Tag]:
    """The elements of a page that fetch, run or paint, in order; not those in comments."""
    for match in TAG.finditer(text):
        name = match["raw"] or match["name"]
        if name:
            attributes = match["raw_attributes"] or match["attributes"] or ""
            yield Tag(
                name.lower(),
                read_attributes(attributes),
                match["content"] or "",
                match.start(),
                match.end(),
            )


def write_tag(name: str, attributes: dict[str, str]) -> str:
    """The text of a start tag."""
    parts = [name]
    for key, value in attributes.items():
        parts.append(f'{key}="{escape(value)}"' if value else key)
    return f"<{' '.join(parts)}>"


@dataclass
class Edits:
    """Changes of a text that are made together, each at its place in the unchanged text."""

    text: str
    changes: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, tag: Tag, replacement: str = "") -> None:
        """Put something in the place of a tag, and take its line with it if nothing comes there."""
        end = tag.end
        if not replacement and self.text[end : end + 1] == "\n":
            end += 1
        self.changes.append((tag.start, end, replacement))

    def insert(self, place: int, addition: str) -> None:
        self.changes.append((place, place, addition))

    def apply(self) -> str:
        parts, position = [], 0
        for start, end, replacement in sorted(self.changes, key=lambda change: change[:2]):
            parts += [self.text[position:start], replacement]
            position = max(position, end)
        return "".join([*parts, self.text[position:]])
