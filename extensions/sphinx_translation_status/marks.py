"""Marks on what a page shows in the source language, and the notice under its title."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

from .messages import (
    compiled_translations,
    languages,
    page_messages,
    page_status,
    words_of_node,
)
from .table import catalog_address, status_page
from .words import _, html_language, is_translated, plural

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

_KIND = "untranslated_kind"

#: What the mark says, by what it stands on.
LABELS = {
    "paragraph": "This paragraph is not yet translated",
    "heading": "This heading is not yet translated",
    "caption": "This caption is not yet translated",
    "item": "This item is not yet translated",
    "cell": "This cell is not yet translated",
    "term": "This term is not yet translated",
    "figure": "The words of this figure are not yet translated",
}


class translation_mark(nodes.Invisible, nodes.Inline, nodes.Element):  # noqa: N801
    """The mark itself. It has no text, so that nothing that reads the page's text sees it."""


class translation_notice(nodes.Invisible, nodes.Element):  # noqa: N801
    """Stands under the title of a page that isn't complete."""


def kind_of(node: nodes.Element) -> str:
    """What a reader would call a node that holds a message.

    Some things cannot hold a mark (an entry in the table of contents, metadata, an image, which
    shows no words): their kind is "".
    """
    match node:
        case addnodes.toctree() | nodes.image() | nodes.meta() | nodes.field_name():
            return ""
        case addnodes.translatable() if not isinstance(node, nodes.TextElement):
            return "figure"
        case nodes.title() | nodes.subtitle() | nodes.rubric():
            return "heading"
        case nodes.caption() | nodes.legend():
            return "caption"
        case nodes.term():
            return "term"
    if isinstance(node.parent, nodes.entry):
        return "cell"
    return "item" if isinstance(node.parent, nodes.list_item) else "paragraph"


def is_word_of_sphinx(node: nodes.Node) -> bool:
    """Whether a node is a word such as "Parameters" in the description of an object.

    Sphinx has put it into the page's language already, by a catalog of its own.
    """
    if not isinstance(node, nodes.field_name):
        return False
    while node is not None and not isinstance(node, addnodes.desc):
        node = node.parent
    return node is not None


class CollectMessages(SphinxTransform):
    """Note the messages of a page before Sphinx translates them."""

    default_priority = 15  # after Sphinx preserves messages (10), before it translates (20)

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        metadata = self._metadata()
        found = [
            (node, message)
            for node, message in extract_messages(self.document)
            if node not in metadata and not is_word_of_sphinx(node)
        ]
        messages: dict[str, int] = {}
        for node, message in found:
            words = words_of_node(node, message)
            messages[message] = max(words, messages.get(message, 0))
        page_messages(self.env)[self.env.current_document.docname] = messages
        self.document.translation_status = found  # type: ignore[attr-defined]

    def _metadata(self) -> set[nodes.Node]:
        """The page's front matter, which looks like text until Sphinx takes it away."""
        first = self.document.first_child_not_matching_class(nodes.PreBibliographic)
        if first is None or not isinstance(self.document[first], nodes.field_list):
            return set()
        return set(self.document[first].findall())


class FindUntranslated(SphinxTransform):
    """Give each node that stayed in the source language its ``lang`` and a kind of mark."""

    default_priority = 21  # right after Sphinx has translated

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        found = self.document.__dict__.pop("translation_status", ())
        config = self.config
        building_catalogs = not self.env._builder_cls.use_message_catalog
        if building_catalogs or config.language == config.translation_status_source:
            return
        page = self.env.current_document.docname
        translations = compiled_translations(config, self.env.srcdir, page)
        messages: dict[nodes.Element, list[str]] = {}
        for node, message in found:
            messages.setdefault(node, []).append(message)
        for node, own in messages.items():
            spoken = [message for message in own if words_of_node(node, message)]
            missing = [each for each in spoken if not translations.get(each, "").strip()]
            if not missing and spoken and self._was_not_used(node, own, translations):
                logger.warning(
                    "this translation is not the text of one paragraph, so Sphinx left it out: %r",
                    translations[own[0]],
                    location=node,
                    type="translation_status",
                    subtype="unusable",
                )
                missing = spoken
            if missing:
                self._note(node, whole=len(missing) == len(spoken))

    @staticmethod
    def _was_not_used(node: nodes.Element, own: list[str], translations: dict[str, str]) -> bool:
        """Whether the catalog has a translation that Sphinx did not put in its place."""
        if isinstance(node, addnodes.translatable | nodes.image) or node.get("translated"):
            return False
        return translations[own[0]] != own[0]

    def _note(self, node: nodes.Element, *, whole: bool) -> None:
        source = f"language-{html_language(self.config.translation_status_source)}"
        node["classes"].append("untranslated")
        if whole and not isinstance(node, addnodes.toctree):
            node["classes"].append(source)  # docutils writes it as lang="…"
        if isinstance(node, nodes.title | nodes.rubric):
            # Tables of contents and folded boxes take the text without its element.
            inner = nodes.inline("", "", *node.children, classes=[source])
            node.children = []
            node += inner
        node[_KIND] = kind_of(node)


class AddMarks(SphinxPostTransform):
    """Put the marks and the notice into pages; titles and contents are collected by now."""

    default_priority = 5  # before components such as folded boxes are taken apart
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        for node in list(self.document.findall(lambda node: _has_kind(node))):
            label = LABELS[node[_KIND]]
            # Where there is no style sheet, as in a notebook, whoever writes the page says it.
            mark = translation_mark(label=label, kind=node[_KIND], spoken=str(_(label)))
            if isinstance(node, nodes.TextElement):
                node += mark
            else:
                node.parent.insert(node.parent.index(node) + 1, mark)
        if notice := self._notice():
            place = next(iter(self.document.findall(nodes.title)), None)
            parent = place.parent if place is not None else self.document
            parent.insert(0 if place is None else parent.index(place) + 1, notice)

    def _notice(self) -> translation_notice | None:
        config, page = self.config, self.env.current_document.docname
        if config.language not in [each.code for each in languages(self.env)]:
            return None
        status = page_status(self.env, config.language, page)
        if not status.open:
            return None
        text = plural(
            "One paragraph of this page is not yet translated ({open} of {total}).",
            "{open} of {total} paragraphs of this page are not yet translated.",
            status.open,
        ).format(open=status.open, total=status.total)
        links = []
        table = status_page(self.env)
        if table and table != page:
            address = self.app.builder.get_relative_uri(page, table)
            links.append((address, str(_("State of the translation"))))
        if address := catalog_address(config.translation_status_catalog_url, config.language, page):
            links.append((address, str(_("Translate this page"))))
        return translation_notice(text=text, links=links, sample="State of the translation")


def _has_kind(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and bool(node.get(_KIND))


# -- HTML ------------------------------------------------------------------------------------------


def _language_of(self: HTML5Translator, sample: str) -> str:
    """The language of our words: the page's, or English where we have no catalog."""
    config = self.builder.config
    return html_language(config.language) if is_translated(sample) else "en"


def visit_mark(self: HTML5Translator, node: translation_mark) -> None:
    """Write the mark. The style sheet shows its label; it is no text of the page."""
    label = LABELS[node["kind"]]
    self.body.append(
        f'<span class="translation-mark translation-mark--{node["kind"]}" role="img"'
        f' lang="{escape(_language_of(self, label))}" aria-label="{escape(str(_(label)))}"></span>'
    )
    raise nodes.SkipNode


def visit_notice(self: HTML5Translator, node: translation_notice) -> None:
    """Write the notice; snippets of search engines leave it out."""
    language = escape(_language_of(self, node["sample"]))
    links = " · ".join(
        f'<a href="{escape(address)}">{escape(text)}</a>' for address, text in node["links"]
    )
    self.body.append(
        f'<aside class="translation-notice" role="note" lang="{language}" data-nosnippet>'
        f"<p>{escape(node['text'])} {links}</p></aside>\n"
    )
    raise nodes.SkipNode


def skip(self: Any, node: nodes.Element) -> None:
    """Leave it out."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the transforms and their nodes."""
    for node, visit in ((translation_mark, visit_mark), (translation_notice, visit_notice)):
        others = dict.fromkeys(["latex", "text", "man", "texinfo"], (skip, None))
        app.add_node(node, html=(visit, None), **others)
    app.add_transform(CollectMessages)
    app.add_transform(FindUntranslated)
    app.add_post_transform(AddMarks)
