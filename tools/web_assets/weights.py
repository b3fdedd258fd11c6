"""What each page weighs on the wire, and which one is too heavy.

Computed from the files, for the readers' way: a first visit takes everything that a page names; a
view after that, what another page of the language has not brought already.  Scripts fetch more when
a reader asks for it (the search, definitions, the other language); that isn't counted.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import tinycss2
from lxml import html

from .hosting import HOSTING
from .markup import Tag, tags
from .stylesheets import possible, split
from .usage import Usage

KILO = 1000
NOT_COMPRESSED = {".woff2", ".png", ".jpg", ".webp"}
FETCHED = {"stylesheet", "icon", "preload", "modulepreload"}


@cache
def weight(path: Path) -> int:
    """The bytes of a file on the wire; servers leave alone what is compressed already."""
    content = path.read_bytes()
    if path.suffix in NOT_COMPRESSED:
        return len(content)
    return len(gzip.compress(content, compresslevel=6, mtime=0))


@dataclass(frozen=True)
class Font:
    """A web font, and selectors of the rules that ask for its family, weight and style."""

    path: Path
    selectors: tuple[Any, ...]


def value_of(declarations: list[Any], name: str, default: str = "") -> str:
    found = [d for d in declarations if d.type == "declaration" and d.lower_name == name]
    return tinycss2.serialize(found[-1].value).strip() if found else default


def plain(family: str) -> str:
    return re.sub(r"""["'\\]""", "", family)


@cache
def fonts(sheet: Path) -> list[Font]:
    """The fonts of a stylesheet.

    A rule that names a family and neither weight nor style is taken to ask for the upright,
    ordinary one; bold and italic ones only count where a rule asks for them by name.
    """
    rules = tinycss2.parse_stylesheet(
        sheet.read_text("utf-8"), skip_comments=True, skip_whitespace=True
    )
    parsed = [
        (rule, tinycss2.parse_blocks_contents(rule.content))
        for rule in rules
        if rule.type == "qualified-rule" or rule.lower_at_keyword == "font-face"
    ]
    found = []
    for face, declarations in parsed:
        if face.type != "at-rule":
            continue
        family = plain(value_of(declarations, "font-family"))
        bold = value_of(declarations, "font-weight", "400") in {"700", "bold"}
        italic = value_of(declarations, "font-style", "normal") == "italic"
        [address] = re.findall(r'url\("?([^")]+)"?\)', value_of(declarations, "src"))[:1] or [""]
        asking = []
        for rule, inside in parsed:
            if rule.type != "qualified-rule":
                continue
            font = value_of(inside, "font")
            families = plain(value_of(inside, "font-family", font))
            if family not in families:
                continue
            rule_bold = value_of(inside, "font-weight", "400") in {"700", "bold"} or "bold" in font
            rule_italic = "italic" in value_of(inside, "font-style", font)
            if (rule_bold, rule_italic) == (bold, italic):
                asking += split(rule.prelude)
        found.append(Font((sheet.parent / address).resolve(), tuple(map(tuple, asking))))
    return found


@dataclass(frozen=True)
class Page:
    """What a page of the site takes."""

    name: str
    itself: int
    files: Mapping[Path, int]
    blocking: int

    @property
    def first_visit(self) -> int:
        return self.itself + sum(self.files.values())

    def repeat_view(self, had: set[Path]) -> int:
        """What it takes for who has some files."""
        return self.itself + sum(size for path, size in self.files.items() if path not in had)


def fetched(tag: Tag) -> str:
    """The address that an element makes a browser fetch; empty if none."""
    if tag.name == "script" and tag.is_script:
        return tag.attributes.get("src", "")
    if tag.name == "link" and FETCHED & tag.relations:
        return tag.attributes.get("href", "")
    return ""


def read_page(path: Path, site: Path) -> Page:
    """The weights of a page."""
    text = path.read_text(encoding="utf-8")
    tree = html.fromstring(text)
    usage = Usage()
    usage.add_page(tree)
    files: dict[Path, int] = {}
    blocking = 0
    head = text.find("</head>")

    def add(address: str) -> Path | None:
        local = address and not re.match(r"[a-z][a-z0-9+.-]*:|//", address)
        file = (path.parent / unquote(urlsplit(address).path)).resolve() if local else None
        if file is None or not file.is_file():
            return None
        files[file] = weight(file)
        return file

    for tag in tags(text):
        file = add(fetched(tag))
        if file and tag.start < head and not {"defer", "async"} & tag.attributes.keys():
            blocking += weight(file) if tag.is_stylesheet or tag.is_script else 0
        if file and tag.is_stylesheet:
            for font in fonts(file):
                if any(possible(list(each), usage) for each in font.selectors):
                    files[font.path] = weight(font.path)
    for image in tree.xpath("//img[not(@loading='lazy')]/@src"):
        add(image)
    return Page(path.relative_to(site).as_posix(), weight(path), files, blocking)


def read_site(site: Path) -> list[Page]:
    return [read_page(path, site) for path in sorted(site.rglob("*.html"))]


def repeat_views(pages: list[Page]) -> dict[str, int]:
    """For each page, what it takes for who has opened the pages of ``seen`` in its language."""
    files = {page.name: set(page.files) for page in pages}
    result = {}
    for page in pages:
        language = page.name.split("/")[0]
        seen = [f"{language}/{name}.html" for name in HOSTING["budget"]["seen"]]
        had = set().union(*(files.get(name, set()) for name in seen if name != page.name))
        result[page.name] = page.repeat_view(had)
    return result


def over_budget(site: Path) -> Iterator[str]:
    """One line for each page that is heavier than it may be, with the excess."""
    pages = read_site(site)
    again = repeat_views(pages)
    for page in pages:
        limits = dict(HOSTING["budget"])
        for pattern, own in HOSTING["budget"]["pages"].items():
            limits |= own if fnmatchcase(page.name, pattern) else {}
        weights = {
            "first-visit": page.first_visit,
            "repeat-view": again[page.name],
            "blocking": page.blocking,
        }
        for kind, size in weights.items():
            if (excess := size - limits[kind] * KILO) > 0:
                yield (
                    f"{page.name}: {kind} takes {size / KILO:.1f} kB, "
                    f"{excess / KILO:.1f} kB more than the {limits[kind]} kB of hosting.toml"
                )
