"""The text of a page, section by section, as a reader sees it.

What is kept is what a search should find: prose, headings, captions, tables, and code at a lower
weight. Outputs of cells, raw HTML and what the theme adds are left out. A section is also what a
reader can link to on its own: an entry of a glossary, a documented function.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

from .maths import readable

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

TEXT, CODE = 0, 1
#: What a section is: a part of a page, an entry of a glossary, a documented object.
PART, ENTRY, OBJECT = 0, 1, 2


@dataclass(frozen=True)
class Reference:
    """A reference whose text is the title of what it points to: known when all pages are read."""

    attributes: tuple[tuple[str, Any], ...]
    fallback: str


#: A block's text, or its pieces where some of them are known later.
Pieces = list["str | Reference"]


@dataclass
class Section:
    """What stands under one heading, up to the next."""

    anchor: str
    title: Pieces
    parent: int
    blocks: list[tuple[int, Pieces]] = field(default_factory=list)
    kind: int = PART


SKIPPED = (
    nodes.raw,
    nodes.comment,
    nodes.image,
    nodes.meta,
    nodes.system_message,
    nodes.problematic,
    nodes.substitution_definition,
    nodes.footnote_reference,
    nodes.citation_reference,
    nodes.label,
    nodes.math_block,
    nodes.title,  # of a section: read with it
    addnodes.index,
    addnodes.toctree,
)
#: What other extensions put in the place of these is known when all pages are read.
FILLED_LATER = {"bibliography", "todolist"}
#: Elements whose text is one block.
BLOCKS = (
    nodes.paragraph,
    nodes.caption,
    nodes.rubric,
    nodes.term,
    nodes.line,
    nodes.attribution,
    nodes.field_name,
    addnodes.compact_paragraph,
)


class Collector:
    """Reads one document."""

    def __init__(self, app: Sphinx, document: nodes.document) -> None:
        self.app = app
        self.sections: list[Section] = []
        self.current = -1
        self.walk(document)

    # -- sections --------------------------------------------------------------------------------

    def open(self, anchor: str, title: Pieces) -> int:
        self.sections.append(Section(anchor, title, self.current))
        previous, self.current = self.current, len(self.sections) - 1
        return previous

    def walk(self, node: nodes.Node) -> None:
        for child in node.children:
            self.visit(child)

    def visit(self, node: nodes.Node) -> None:
        if not isinstance(node, nodes.Element) or self.skipped(node):
            return
        if isinstance(node, nodes.section):
            title = next((each for each in node.children if isinstance(each, nodes.title)), None)
            pieces = self.inline(title) if title is not None else []
            previous = self.open(next(iter(node["ids"]), ""), pieces)
            self.walk(node)
            self.current = previous
        elif isinstance(node, addnodes.desc):
            self.visit_description(node)
        elif isinstance(node, addnodes.glossary):
            for item in node.findall(nodes.definition_list_item):
                self.visit_entry(item)
        elif isinstance(node, addnodes.only):
            if self.app.tags.eval_condition(node["expr"]):
                self.walk(node)
        elif isinstance(node, (nodes.literal_block, nodes.doctest_block)):
            self.add(CODE, [node.astext()])
        elif isinstance(node, nodes.row):
            self.add(TEXT, self.cells(node))
        elif isinstance(node, BLOCKS):
            self.add(TEXT, self.inline(node))
            for child in node.children:  # a figure or a list inside a paragraph
                if isinstance(child, nodes.Element) and not isinstance(child, nodes.Inline):
                    self.visit(child)
        elif isinstance(node, (nodes.Admonition, nodes.topic, nodes.sidebar)):
            for child in node.children:
                if isinstance(child, nodes.title):
                    self.add(TEXT, self.inline(child))
            self.walk(node)
        elif isinstance(node, nodes.container) and "cell_output" in node["classes"]:
            for caption in node.findall(nodes.caption):
                self.add(TEXT, self.inline(caption))
        elif isinstance(node, nodes.TextElement) and not isinstance(node, nodes.Inline):
            self.add(TEXT, self.inline(node))
        else:
            self.walk(node)

    def skipped(self, node: nodes.Element) -> bool:
        classes = node.get("classes", [])
        if isinstance(node, SKIPPED) or "no-search" in classes or "contents" in classes:
            return True
        # What an extension adds in another language is found in that language.
        lang = node.get("lang") or node.get("xml:lang")
        return bool(lang) and lang != self.app.config.language

    def visit_description(self, node: addnodes.desc) -> None:
        """A documented object: its signatures are its heading."""
        signatures = [each for each in node.children if isinstance(each, addnodes.desc_signature)]
        anchors = [each["ids"][0] for each in signatures if each["ids"]]
        previous = self.current
        if anchors:
            names = [
                name.astext() for each in signatures for name in each.findall(addnodes.desc_name)
            ]
            self.open(anchors[0], [", ".join(names)])
            self.sections[self.current].kind = OBJECT
        for anchor in anchors:  # the whole name, where it is one: jumok.attention.causal_mask
            if "." in anchor:
                self.add(CODE, [anchor])
        for signature in signatures:
            self.add(CODE, [signature.astext()])
        for content in node.children:
            if isinstance(content, addnodes.desc_content):
                self.walk(content)
        self.current = previous

    def visit_entry(self, item: nodes.definition_list_item) -> None:
        """An entry of a glossary: its terms are its heading."""
        terms = [each for each in item.children if isinstance(each, nodes.term)]
        anchor = next((term["ids"][0] for term in terms if term["ids"]), "")
        title: Pieces = []
        for term in terms:
            title += [", "] * bool(title) + self.inline(term)
        previous = self.open(anchor, title)
        self.sections[self.current].kind = ENTRY
        for child in item.children:
            if isinstance(child, nodes.definition):
                self.walk(child)
        self.current = previous

    # -- text ------------------------------------------------------------------------------------

    def add(self, kind: int, pieces: Pieces) -> None:
        if any(isinstance(piece, Reference) or piece.strip() for piece in pieces):
            if self.current < 0:  # text before the first heading
                self.open("", [])
            self.sections[self.current].blocks.append((kind, pieces))

    def cells(self, row: nodes.row) -> Pieces:
        """A row of a table as one line."""
        line: Pieces = []
        for entry in row.children:
            line += ([" · "] if line else []) + self.inline(entry)
        return line

    def inline(self, node: nodes.Node) -> Pieces:
        pieces: Pieces = []
        for child in node.children:
            if isinstance(child, nodes.Text):
                pieces.append(child.astext())
            elif isinstance(child, nodes.math):
                pieces.append(readable(child.astext()))
            elif isinstance(child, addnodes.pending_xref):
                pieces += self.reference(child)
            elif isinstance(child, nodes.Element) and not self.skipped(child):
                inner = self.inline(child)
                separate = isinstance(node, (nodes.entry, nodes.list_item)) and pieces
                pieces += [" ", *inner] if separate else inner
        return pieces

    def reference(self, node: addnodes.pending_xref) -> Pieces:
        literal = any(True for _ in node.findall(nodes.literal))
        if node.get("refexplicit") or literal or node.get("reftype") == "term":
            return self.inline(node)
        kept = {
            key: value
            for key, value in node.attributes.items()
            if isinstance(value, (str, bool, int)) and not key.startswith("_")
        }
        return [Reference(tuple(sorted(kept.items())), node.astext())]


# -- when all pages are read ---------------------------------------------------------------------


def resolve(app: Sphinx, docname: str, pieces: Pieces) -> str:
    """The text of a block, in one normal form, with the titles that its references show."""
    text = "".join(
        each if isinstance(each, str) else target_title(app, docname, each) for each in pieces
    )
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text).strip())


def resolve_code(pieces: Pieces) -> str:
    text = "".join(each for each in pieces if isinstance(each, str))
    return unicodedata.normalize("NFC", text.strip("\n").rstrip())


def target_title(app: Sphinx, docname: str, reference: Reference) -> str:
    attributes = dict(reference.attributes)
    node = addnodes.pending_xref("", nodes.inline("", reference.fallback), **attributes)
    node["refdoc"] = docname
    domain = app.env.domains.get(attributes.get("refdomain", ""))
    kind, target = attributes.get("reftype", ""), attributes.get("reftarget", "")
    if domain is None:  # a Markdown link without text
        title = app.env.titles.get(target)
        return title.astext() if title is not None else reference.fallback
    if kind in {"numref", "eq"}:
        return ""  # numbers are given to figures and equations when pages are written
    found = domain.resolve_xref(
        app.env, docname, app.builder, kind, target, node, nodes.inline("", reference.fallback)
    )
    return found.astext() if found is not None else reference.fallback


# -- the environment -----------------------------------------------------------------------------


def store(env: BuildEnvironment) -> dict[str, list[Section]]:
    """The sections of every page, kept with the environment."""
    if not hasattr(env, "korean_search_sections"):
        env.korean_search_sections = {}  # type: ignore[attr-defined]
    return env.korean_search_sections  # type: ignore[attr-defined,no-any-return]


def late(env: BuildEnvironment) -> set[str]:
    """Pages whose text is complete only when their references are resolved."""
    if not hasattr(env, "korean_search_late"):
        env.korean_search_late = set()  # type: ignore[attr-defined]
    return env.korean_search_late  # type: ignore[attr-defined,no-any-return]


def on_read(app: Sphinx, document: nodes.document) -> None:
    env = app.env
    purge(app, env, env.docname)
    metadata = env.metadata.get(env.docname, {})
    if "no-search" not in metadata and "nosearch" not in metadata:
        store(env)[env.docname] = Collector(app, document).sections
        if any(node.tagname in FILLED_LATER for node in document.findall(nodes.Element)):
            late(env).add(env.docname)


def sections(app: Sphinx, docname: str) -> list[Section]:
    if docname in late(app.env):
        resolved = app.env.get_and_resolve_doctree(docname, app.builder)
        return Collector(app, resolved).sections
    return store(app.env)[docname]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    store(env).pop(docname, None)
    late(env).discard(docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for docname in docnames:
        if docname in store(other):
            store(env)[docname] = store(other)[docname]
    late(env).update(late(other) & docnames)
