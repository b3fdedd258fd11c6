"""What the pages of a built site say, section by section, read from their HTML.

This is the judges' side of the comparison: no search engine has a part in it.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html

#: What surrounds the text: nothing of it counts.
DROPPED = (
    ".//script | .//style | .//*[contains(@class, 'headerlink')] | .//*[@aria-hidden='true']"
    " | .//details[contains(@class, 'hide')]/summary | .//*[contains(@class, 'copybtn')]"
    " | .//*[contains(@class, 'viewcode')] | .//*[contains(@class, 'translation-mark')]"
    " | .//*[contains(@class, 'translation-notice')]"
    # titles of other pages: what a page builds on, what it opens, the map
    " | .//*[contains(@class, 'book-map')]"
)
#: Code, outputs, figures and formulas: said, but not in words.
CODE = {"pre", "svg", "img", "math"}
#: So are the types of arguments, the titles of other pages that are linked to, and measured times.
CODE_CLASSES = {"cell_output", "sig-param", "sig-return", "toctree-wrapper", "katex", "volatile"}
CODE_CLASSES |= {"doc", "std-doc"}
#: And questions with their wrong answers, which no search should find as what the book says.
CODE_CLASSES |= {"no-search"}
#: Pages that Sphinx makes for itself.
LISTS = {"genindex", "py-modindex", "search", "404"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
#: Elements between which there is a space even where the HTML has none.
BLOCKS = HEADINGS | {"p", "li", "dt", "dd", "td", "th", "tr", "div", "section", "ul", "ol", "dl"}
BLOCKS |= {"table", "caption", "figcaption", "summary", "details", "article", "pre", "br"}


@dataclass
class Section:
    """A part of a page that a result can lead to, without the parts inside it."""

    anchor: str
    title: str = ""
    words: str = ""
    code: str = ""


@dataclass
class Page:
    """A page in one language: its sections in reading order, the first one the page's own."""

    name: str
    sections: list[Section] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return "\n".join(section.words for section in self.sections)

    @property
    def code(self) -> str:
        return "\n".join(section.code for section in self.sections)

    def section(self, anchor: str) -> Section | None:
        """The section that ``#anchor`` leads to; without one, the beginning of the page."""
        if not anchor:
            return next((section for section in self.sections if section.words), None)
        index = self.anchors.get(anchor)
        return None if index is None else self.sections[index]


def clean(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def is_object(element: etree._Element) -> bool:
    """Whether this names what the next element describes: a function, a term, a reference."""
    return element.tag == "dt" and bool(element.get("id"))


def is_label(element: etree._Element) -> bool:
    """Whether this is the "Parameters:" of a docstring, the same on every page."""
    return element.tag == "dt" and "field-" in (element.get("class") or "")


class Reader:
    """Walks through a page, and gives each text to the section that it stands in."""

    def __init__(self, name: str) -> None:
        self.page = Page(name)
        self.words: list[list[str]] = []
        self.code: list[list[str]] = []
        self.open_section("")

    def open_section(self, anchor: str) -> int:
        self.page.sections.append(Section(anchor))
        self.words.append([])
        self.code.append([])
        return len(self.page.sections) - 1

    def walk(self, element: etree._Element, at: int, is_code: bool) -> None:
        """Read an element that stands in section number ``at``."""
        if not isinstance(element.tag, str):
            return  # a comment
        anchor, classes = element.get("id"), (element.get("class") or "").split()
        if anchor and (element.tag == "section" or is_object(element)):
            at = self.open_section(anchor)
        if anchor:
            self.page.anchors[anchor] = at
        is_code = is_code or element.tag in CODE or not CODE_CLASSES.isdisjoint(classes)
        is_code = is_code or is_label(element)
        texts = self.code if is_code else self.words
        space = " " if element.tag in BLOCKS else ""
        texts[at].append(f"{space}{element.text or ''}{element.get('alt', '')}")
        inner = at
        for child in element:
            self.walk(child, inner, is_code)
            if is_object(child):  # a description belongs to the name that stands before it
                inner = self.page.anchors[child.get("id", "")]
            texts[inner].append(child.tail or "")
        if (element.tag in HEADINGS or is_object(element)) and not self.page.sections[at].title:
            self.page.sections[at].title = clean("".join(element.itertext()))
        texts[inner].append(space)

    def finish(self) -> Page:
        for section, words, code in zip(self.page.sections, self.words, self.code, strict=True):
            section.words = clean("".join(words))
            section.code = clean("".join([section.anchor, " ", *code]))  # anchors are names, too
        return self.page


def read_page(path: Path, name: str) -> Page:
    """The sections of one HTML file."""
    reader = Reader(name)
    tree = html.fromstring(path.read_text(encoding="utf-8"))
    for article in tree.xpath("//article[contains(@class, 'bd-article')]"):
        for element in article.xpath(DROPPED):
            element.drop_tree()
        reader.walk(article, 0, False)
    return reader.finish()


def read_site(folder: Path) -> dict[str, Page]:
    """Every page of one language, by its name (``transformer/masks``); lists of links aside."""
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if not name.startswith("_") and name not in LISTS:
            pages[name] = read_page(path, name)
    return pages
