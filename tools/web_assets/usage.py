"""What occurs on pages: elements, classes and ids, and the words of scripts that may set them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import html

WORD = re.compile(r"-{0,2}[A-Za-z_][\w-]*")
VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")

#: Made by browsers around what a page writes, or by scripts of any kind.
ALWAYS = {"html", "head", "body", "tbody"}


@dataclass
class Usage:
    """Names that a selector may match."""

    elements: set[str] = field(default_factory=lambda: set(ALWAYS))
    classes: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    #: Words of scripts, any of which may become an element, a class or an id.
    words: set[str] = field(default_factory=set)
    #: Beginnings of names that scripts complete, as in `search--${kind}`.
    beginnings: tuple[str, ...] = ()
    #: Custom properties that style attributes and scripts ask for.
    variables: set[str] = field(default_factory=set)
    #: Characters that maths is set in.
    maths: set[str] = field(default_factory=set)

    def has(self, kind: str, name: str) -> bool:
        known: set[str] = getattr(self, kind)
        return name in known or name in self.words or name.startswith(self.beginnings)

    def add_script(self, text: str) -> None:
        """Note the words of a script."""
        words = set(WORD.findall(text))
        self.words |= words
        self.variables |= {word for word in words if word.startswith("--")}
        if "katex" in text:
            self.maths |= set(text)
        half = {word for word in words if re.fullmatch(r"[a-z][\w-]{2,}(-|__)", word)}
        self.beginnings = tuple(sorted({*self.beginnings, *half}))

    def add_page(self, tree: html.HtmlElement) -> None:
        """Note what a page holds."""
        for value in set(tree.xpath("//@class")):
            self.classes.update(value.split())
        self.ids.update(tree.xpath("//@id"))
        self.elements.update(each.tag.lower() for each in tree.iter() if isinstance(each.tag, str))
        for value in set(tree.xpath("//@style | //@fill | //@stroke | //@stop-color")):
            self.variables.update(VARIABLE.findall(value))
        for element in tree.find_class("katex-html"):
            self.maths.update(element.text_content())
