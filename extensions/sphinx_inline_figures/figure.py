"""The node of an inline figure, and the transform that finds them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from .common import common_words
from .words import ATTRIBUTES, find_words, replace_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAPTION_ATTRIBUTE = re.compile(
    rf"(?P<open><figure\b{ATTRIBUTES}?)\s+data-caption=(?P<quote>[\"'])(?P<message>.*?)(?P=quote)"
    r"(?P<rest>.*?)</figure>",
    re.DOTALL,
)


def _caption_element(match: re.Match[str]) -> str:
    caption = html.escape(html.unescape(match["message"]))
    return f"{match['open']}{match['rest']}<figcaption>{caption}</figcaption></figure>"


class inline_figure(nodes.General, nodes.Element, addnodes.translatable):  # noqa: N801
    """A figure written into the page as HTML, whose words can be translated.

    ``node["markup"]`` is the HTML as the cell gave it, ``node["messages"]`` its words without
    repetition, ``node["translations"]`` what the catalog has for them.
    """

    @classmethod
    def from_markup(cls, markup: str, *, labels: bool = True, **attributes: Any) -> inline_figure:
        """Make the node of a piece of HTML that holds one figure or more.

        With ``labels`` the words in the drawing are messages, too, not only its alternative.
        """
        node = cls("", **attributes)
        node["markup"] = _CAPTION_ATTRIBUTE.sub(_caption_element, markup)
        node["labels"] = labels
        words = find_words(node["markup"], labels=labels)
        own = [found.message for found in words if not found.is_common]
        node["messages"] = list(dict.fromkeys(own))
        node["common"] = list(dict.fromkeys(each.message for each in words if each.is_common))
        alternatives = [found.message for found in words if found.is_alternative]
        node["alternative"] = (alternatives or [*node["messages"], ""])[0]
        node["translations"] = {}
        return node

    @property
    def alt(self) -> str:
        """The text alternative, translated if there is a translation."""
        return str(self["translations"].get(self["alternative"], self["alternative"]))

    def to_html(self, language: str = "en") -> str:
        """Return the figure with its words translated."""
        known = common_words(language)
        common = {message: known[message] for message in self["common"] if message in known}
        translations = {**common, **self["translations"]}
        return replace_words(self["markup"], translations, labels=self["labels"])

    def preserve_original_messages(self) -> None:
        """Do nothing: the original messages are never overwritten."""

    def apply_translated_message(self, original_message: str, translated_message: str) -> None:
        """Note the translation of one message."""
        self["translations"][original_message] = translated_message
        # Sphinx stops asking once a node is marked, so mark it after the last message only.
        if len(self["translations"]) == len(self["messages"]):
            self["translated"] = True

    def extract_original_messages(self) -> list[str]:
        """Return the messages in the source language."""
        return list(self["messages"])


class CollectInlineFigures(SphinxTransform):
    """Replace the raw HTML of figures by nodes that can be translated."""

    default_priority = 5  # before Sphinx preserves (10) and translates (20) messages

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        css_class = re.escape(self.config.inline_figures_class)
        figure = re.compile(
            rf"<figure\b{ATTRIBUTES}?\bclass=([\"'])(?:[^\"']*\s)?{css_class}(?:\s[^\"']*)?\1"
        )
        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw.get("format", "").split() and figure.search(raw.astext()):
                self._replace(raw)

    def _replace(self, raw: nodes.raw) -> None:
        labels = self.config.inline_figures_labels
        node = inline_figure.from_markup(raw.astext(), labels=labels, classes=raw["classes"])
        bundle = _mime_bundle(raw)
        node.source, node.line = raw.source, raw.line
        if bundle is None:
            raw.replace_self(node)
            return
        # MyST-NB keeps every representation of an output until it knows the builder. The figure
        # stands for all of them: no builder shall fall back to the object's repr.
        if node.line is None:
            node.source, node.line = bundle.source, bundle.line
        bundle.replace_self(node)


def _mime_bundle(node: nodes.Node) -> nodes.Element | None:
    for ancestor in _ancestors(node):
        if ancestor.get("nb_element") == "mime_bundle":
            return ancestor
    return None


def _ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def visit_html(self: Any, node: inline_figure) -> None:
    """Write the figure into the page."""
    tag = "span" if isinstance(node.parent, nodes.TextElement) else "div"
    self.body.append(self.starttag(node, tag, suffix=""))
    self.body.append(f"{node.to_html(self.config.language)}</{tag}>\n")


def depart_html(self: Any, node: inline_figure) -> None:
    """Do nothing: the visit wrote all."""


def visit_text(self: Any, node: inline_figure) -> None:
    """Write the text alternative, as Sphinx does for images."""
    self.new_state(0)
    self.add_text(f"[image: {node.alt}]" if node.alt else "[image]")
    self.end_state(wrap=False)
    raise nodes.SkipNode


def skip(self: Any, node: inline_figure) -> None:
    """Leave the figure out."""
    raise nodes.SkipNode
