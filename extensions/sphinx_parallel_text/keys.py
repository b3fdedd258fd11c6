"""Give each message of a page a key that is the same in every language.

The keys are made before Sphinx puts the translations in: then every language still has the tree of
the English source. A key is a digest of the message, with a number where the page repeats
it. Numbers alone would be shorter by a byte or two, but would pair the wrong paragraphs as soon as
one language has been built after an edit and the other hasn't.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import LITERAL_TYPE_NODES, extract_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.writers.html5 import HTML5Translator

KEY = "parallel_key"
FROM_CATALOG = "parallel_from_catalog"
# Set by other extensions: a name of a text that is the same in every language, and whether this
# language's text is missing, so that another one stands there.
NAME = "parallel_name"
MISSING = "parallel_missing"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
KEY_LENGTH = 3
# Shown once, or not shown as text.
NOT_PAIRED = (*LITERAL_TYPE_NODES, nodes.image, nodes.meta, addnodes.translatable)
# Inside a paragraph, what no translator touches.
SAME_IN_EVERY_LANGUAGE = (nodes.math, nodes.literal)
LETTER = re.compile(r"[^\W\d_]")


class marker(nodes.Inline, nodes.Element):  # noqa: N801 - docutils' nodes are lower case
    """The beginning or the end of a message in the page that is being written."""


def visit_marker(self: HTML5Translator, node: marker) -> None:
    self.body.append(node["html"])
    raise nodes.SkipNode


def digest(message: str, length: int = KEY_LENGTH) -> str:
    """Three characters that stand for a message.

    >>> digest("Masks") == digest("Masks"), digest("Masks") == digest("Mask")
    (True, False)
    """
    number = int.from_bytes(hashlib.blake2b(message.encode(), digest_size=16).digest(), "big")
    characters = []
    for _ in range(length):
        number, rest = divmod(number, len(DIGITS))
        characters.append(DIGITS[rest])
    return "".join(characters)


def has_words(node: nodes.Element) -> bool:
    """Whether there is anything to translate: ``$d_k$``, ``512`` or ``model.py`` isn't."""

    def texts(element: nodes.Element) -> Iterator[str]:
        for child in element.children:
            if isinstance(child, nodes.Text):
                yield child.astext()
            elif isinstance(child, nodes.Element) and not isinstance(child, SAME_IN_EVERY_LANGUAGE):
                yield from texts(child)

    return any(LETTER.search(text) for text in texts(node))


class AddParallelKeys(SphinxTransform):
    """Number the messages of a page, before their translations take their place."""

    default_priority = 15  # Sphinx's Locale runs at 20

    def apply(self, **kwargs: Any) -> None:
        for node in self.document.findall(nodes.TextElement):
            if NAME in node:
                # Longer: where languages differ in order, two of the same couldn't be numbered.
                node[KEY] = digest(node[NAME], 2 * KEY_LENGTH)
        seen: Counter[str] = Counter()
        for node, message in extract_messages(self.document):
            if isinstance(node, NOT_PAIRED) or KEY in node or not has_words(node):
                continue
            if isinstance(node, nodes.field_name) and is_described(node):
                # "Parameters", "Returns": Sphinx has translated these already.
                key = "field"
            else:
                key = digest(message)
                node[FROM_CATALOG] = True
            seen[key] += 1
            # A point, so that no digest with a number is the same as another digest.
            node[KEY] = key if seen[key] == 1 else f"{key}.{seen[key]}"


def is_described(node: nodes.Node | None) -> bool:
    """Whether a node belongs to the description of an object: a function, a class, an option."""
    while node is not None:
        if isinstance(node, addnodes.desc):
            return True
        node = node.parent
    return False


class KeepKeysOfParameters(SphinxTransform):
    """Carry the keys of what describes a parameter beyond the translation.

    Sphinx holds such a text in an element that lasts only until it is translated.
    """

    default_priority = 998  # before Sphinx's RemoveTranslatableInline, after everything else

    def apply(self, **kwargs: Any) -> None:
        for inline in list(self.document.findall(nodes.inline)):
            if "translatable" in inline and KEY in inline:
                kept = nodes.inline("", "", *inline.children)
                for name in (KEY, FROM_CATALOG, "translated"):
                    if name in inline:
                        kept[name] = inline[name]
                inline.clear()
                inline += kept


class AddMarkers(SphinxPostTransform):
    """Mark where each message begins and ends, whatever elements the page puts around it.

    As the first and last child of the message's node a marker follows it wherever other transforms
    move it, into the summary of a dropdown for instance.
    """

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        from . import is_pages_builder, languages

        if not is_pages_builder(self.app):
            return
        is_source = self.config.language == languages(self.config)[0]["code"]
        for node in list(self.document.findall(nodes.TextElement)):
            if key := node.get(KEY):
                # Sphinx leaves no word at all where a language has no catalog for the page.
                if FROM_CATALOG in node:
                    missing = not is_source and not node.get("translated", False)
                else:
                    missing = MISSING in node
                node.insert(0, marker(html=f"<!--p:{'!' if missing else ''}{key}-->"))
                node.append(marker(html=f"<!--/p:{key}-->"))
