"""The blocks of a page as Markdown: from the resolved doctree, so in the language of the build.

The translation of a page exists only here. Its source is in the source language, and a gettext
catalog knows paragraphs, not where they stand.

sphinx-markdown-builder writes Markdown for web sites (anchors, relative links, tables of a page's
contents); a notebook needs absolute links, ``$…$``, ``<details>`` and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.locale import admonitionlabels

from .inline import _INVISIBLE, Inline, escape, escape_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Block = str

_ADMONITIONS = (nodes.Admonition, nodes.topic, nodes.sidebar)
_TEXT_LANGUAGES = {"", "none", "text", "default"}
_PYTHON_LANGUAGES = {"ipython", "ipython3", "python3", "py", "pycon", "pycon3", "doctest"}


def plain_language(node: nodes.literal_block, default: str) -> str:
    """The word after the fence: what GitHub and Jupyter know, or nothing."""
    language = node.get("language") or default
    if language == "default" and str(node.get("source", "")).endswith(".py"):
        return "python"  # a listing of a file
    if language in _PYTHON_LANGUAGES or (language == "default" and ">>>" in node.astext()):
        return "python"
    return "" if language in _TEXT_LANGUAGES or language.startswith("myst-") else language


def fenced(code: str, language: str) -> Block:
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def display_formula(node: nodes.math_block) -> Block:
    """A formula on lines of its own.

    An environment such as ``align`` stands by itself; several lines without one need ``aligned``.
    """
    tex = re.sub(r"\n\s*\n", "\n", node.astext().strip())
    if re.match(r"\\begin\{(align|alignat|eqnarray|equation|gather|multline)\*?\}", tex):
        return tex
    if r"\begin" not in tex and re.search(r"\\\\|(?<!\\)&", tex):
        tex = f"\\begin{{aligned}}\n{tex}\n\\end{{aligned}}"
    return f"$$\n{tex}\n$$"


def indented(block: Block, first: str, rest: str | None = None) -> Block:
    """Put ``first`` before the first line and ``rest`` (else as many spaces) before the others."""
    rest = " " * len(first) if rest is None else rest
    lines = block.split("\n")
    return "\n".join(
        f"{first if number == 0 else rest}{line}".rstrip() for number, line in enumerate(lines)
    )


def joined(blocks: Iterable[Block]) -> Block:
    return "\n\n".join(block for block in blocks if block.strip())


class MarkdownWriter:
    """Writes the block elements of one page."""

    def __init__(self, inline: Inline, highlight_language: str = "default") -> None:
        self.inline = inline
        self.highlight_language = highlight_language

    def blocks(self, children: Iterable[nodes.Node], level: int) -> list[Block]:
        """The Markdown of each element; ``level`` is that of the heading they stand under."""
        result: list[Block] = []
        previous: nodes.Node | None = None
        for child in children:
            if isinstance(child, nodes.Text):
                block = escape(str(child)).strip()
            else:
                block = self.block(child, level)
            if not block.strip():
                continue
            lists = (nodes.bullet_list, nodes.enumerated_list, nodes.definition_list)
            if isinstance(previous, lists) and isinstance(child, lists):
                block = f"<!-- -->\n\n{block}"  # else they would be one list
            result.append(block)
            previous = child
        return result

    def block(self, node: nodes.Node, level: int) -> Block:
        """The Markdown of an element, "" for one that readers don't see."""
        if isinstance(node, nodes.Element) and "spoken" in node:  # it stands after a figure
            return self.inline.text(nodes.paragraph("", "", node.deepcopy()))
        if self.inline.skipped(node) or isinstance(node, _INVISIBLE):
            return ""
        assert isinstance(node, nodes.Element)
        for kind in type(node).__mro__:
            write: Callable[..., Block] | None = getattr(self, f"write_{kind.__name__}", None)
            if write:
                return write(node, level)
        if isinstance(node, _ADMONITIONS):
            return self.admonition(node, level)
        if _is_inline(node):
            return self.paragraph_text(self.inline.text(nodes.paragraph("", "", node.deepcopy())))
        return joined(self.blocks(node.children, level))

    # -- text ------------------------------------------------------------------------------------

    def paragraph_text(self, text: str) -> Block:
        return escape_start(text)

    def write_paragraph(self, node: nodes.Element, level: int) -> Block:
        return self.paragraph_text(self.inline.text(node))

    write_compact_paragraph = write_attribution = write_centered = write_paragraph

    def write_title(self, node: nodes.Element, level: int) -> Block:
        """A heading inside what isn't a section."""
        return self.bold(node)

    write_rubric = write_subtitle = write_caption = write_title

    def write_section(self, node: nodes.Element, level: int) -> Block:
        return joined([self.heading(node, level + 1), *self.blocks(node.children[1:], level + 1)])

    def heading(self, section: nodes.Element, level: int) -> Block:
        title = section.next_node(nodes.title)
        return f"{'#' * min(level, 6)} {self.inline.text(title)}" if title else ""

    def bold(self, node: nodes.Element) -> Block:
        return self.inline.text(nodes.paragraph("", "", nodes.strong("", "", *_copies(node))))

    def write_transition(self, node: nodes.Element, level: int) -> Block:
        return "---"

    def write_line_block(self, node: nodes.Element, level: int) -> Block:
        lines = []
        for line in node.children:
            if isinstance(line, nodes.line_block):
                lines.append(self.write_line_block(line, level))
            elif isinstance(line, nodes.Element):
                lines.append(escape_start(self.inline.text(line)) or "&nbsp;")
        return "  \n".join(lines)

    def write_raw(self, node: nodes.Element, level: int) -> Block:
        return self.inline.text(nodes.paragraph("", "", node.deepcopy()))

    # -- code and mathematics --------------------------------------------------------------------

    def write_literal_block(self, node: nodes.literal_block, level: int) -> Block:
        return fenced(node.astext(), plain_language(node, self.highlight_language))

    def write_doctest_block(self, node: nodes.Element, level: int) -> Block:
        return fenced(node.astext(), "python")

    def write_math_block(self, node: nodes.math_block, level: int) -> Block:
        return display_formula(node)

    # -- quotations and boxes --------------------------------------------------------------------

    def quoted(self, blocks: Iterable[Block]) -> Block:
        return indented(joined(blocks), "> ", "> ")

    def write_block_quote(self, node: nodes.Element, level: int) -> Block:
        return self.quoted(self.blocks(node.children, level))

    def admonition(self, node: nodes.Element, level: int) -> Block:
        """A box: its title in bold, quoted; behind a toggle if the page has it so."""
        title, body = _title_and_body(node)
        if "dropdown" in node.get("classes", ()) and title is not None:
            return self.details(title, body, level)
        label = self.bold(title) if title is not None else ""
        if title is None and node.tagname in admonitionlabels:
            label = f"**{admonitionlabels[node.tagname]}**"
        return self.quoted([label, *self.blocks(body, level)])

    def details(self, title: nodes.Element, body: Iterable[nodes.Node], level: int) -> Block:
        summary = f"<details>\n<summary>{self.inline.html(title).strip()}</summary>"
        return joined([summary, *self.blocks(body, level), "</details>"])

    def write_dropdown_main(self, node: nodes.Element, level: int) -> Block:
        """sphinx-design's dropdown, as its transform for HTML leaves it."""
        return self.details(node.children[0], node.children[1:], level)

    # -- lists -----------------------------------------------------------------------------------

    def write_bullet_list(self, node: nodes.Element, level: int) -> Block:
        return self.items(node, ["- "] * len(node.children), level)

    def write_enumerated_list(self, node: nodes.Element, level: int) -> Block:
        start = node.get("start", 1)
        numbers = range(start, start + len(node.children))
        return self.items(node, [f"{number}. " for number in numbers], level)

    def items(self, node: nodes.Element, markers: list[str], level: int) -> Block:
        written = [
            self.item(item.children, marker, level)
            for item, marker in zip(node.children, markers, strict=True)
            if isinstance(item, nodes.Element)
        ]
        is_loose = any("\n\n" in item for item in written)
        return ("\n\n" if is_loose else "\n").join(written)

    def item(self, children: Iterable[nodes.Node], marker: str, level: int) -> Block:
        children = list(children)
        blocks = self.blocks(children, level)
        nested = (nodes.bullet_list, nodes.enumerated_list)
        if len(blocks) == 2 and isinstance(children[-1], nested) and "\n\n" not in blocks[1]:
            return indented("\n".join(blocks), marker)
        return indented(joined(blocks), marker).rstrip() or marker.rstrip()

    def write_definition_list(self, node: nodes.Element, level: int) -> Block:
        items = []
        for item in node.children:
            terms = [child for child in item.children if isinstance(child, nodes.term)]
            body = [child for child in item.children if isinstance(child, nodes.definition)]
            label = ", ".join(self.bold(term) for term in terms)
            content = [block for part in body for block in self.blocks(part.children, level)]
            items.append(_labelled(label, content))
        return "\n".join(items)

    def write_field_list(self, node: nodes.Element, level: int) -> Block:
        items = []
        for field in node.children:
            name, body = field.children
            items.append(_labelled(self.bold(name), self.blocks(body.children, level)))
        return "\n".join(items)

    def write_footnote(self, node: nodes.Element, level: int) -> Block:
        label, *body = node.children
        blocks = self.blocks(body, level) or [""]
        return joined([f"<sup>[{escape(label.astext())}]</sup> {blocks[0]}", *blocks[1:]])

    write_citation = write_footnote

    # -- pictures and tables ---------------------------------------------------------------------

    def write_image(self, node: nodes.image, level: int) -> Block:
        return self.inline.text(nodes.paragraph("", "", node.deepcopy()))

    def write_figure(self, node: nodes.Element, level: int) -> Block:
        parts = []
        for child in node.children:
            if isinstance(child, nodes.caption):
                parts.append(self.write_paragraph(child, level))
            else:
                parts += self.blocks([child], level)
        return joined(parts)

    def write_table(self, node: nodes.Element, level: int) -> Block:
        title, body = _title_and_body(node)
        groups = [child for child in body if isinstance(child, nodes.tgroup)]
        label = self.bold(title) if title is not None else ""
        return joined([label, *(self.table_group(group) for group in groups)])

    def table_group(self, group: nodes.Element) -> Block:
        heads = [row for part in group.findall(nodes.thead) for row in part.children]
        rows = [row for part in group.findall(nodes.tbody) for row in part.children]
        width = group["cols"]
        head = self.row(heads[0], width) if heads else [""] * width
        first = (heads or rows)[0]
        lines = [head, [_alignment(entry) for entry in first.children]]
        lines += [self.row(row, width) for row in [*heads[1:], *rows]]
        lines[1] += ["---"] * (width - len(lines[1]))
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def row(self, row: nodes.Element, width: int) -> list[str]:
        cells: list[str] = []
        for entry in row.children:
            assert isinstance(entry, nodes.Element)
            parts = [self.cell(child) for child in entry.children]
            cells.append("<br>".join(part for part in parts if part))
            cells += [""] * entry.get("morecols", 0)
        return cells + [""] * (width - len(cells))

    def cell(self, node: nodes.Node) -> str:
        """What is in a cell on one line: a table of Markdown has no blocks."""
        if isinstance(node, (nodes.bullet_list, nodes.enumerated_list)):
            return "<br>".join(f"• {self.cell(item)}" for item in node.children)
        if isinstance(node, (nodes.list_item, nodes.container, nodes.block_quote)):
            return "<br>".join(self.cell(child) for child in node.children)
        if isinstance(node, nodes.math_block):
            node = nodes.paragraph("", "", nodes.math(node.astext(), node.astext()))
        if isinstance(node, nodes.literal_block):
            node = nodes.paragraph("", "", nodes.literal("", node.astext()))
        return self.inline.text(node, table=True) if isinstance(node, nodes.Element) else ""

    # -- descriptions of functions and classes ---------------------------------------------------

    def write_desc_signature(self, node: nodes.Element, level: int) -> Block:
        return fenced(node.astext(), "python")

    def write_versionmodified(self, node: nodes.Element, level: int) -> Block:
        return self.quoted(self.blocks(node.children, level))


def _labelled(label: str, blocks: list[Block]) -> Block:
    """A list item that begins with a label."""
    first = f"{label}: {blocks[0]}" if blocks and _is_text(blocks[0]) else label
    others = blocks[1:] if blocks and _is_text(blocks[0]) else blocks
    return indented(joined([first, *others]), "- ")


def _is_text(block: Block) -> bool:
    return not re.match(r"```|\$\$|[-|>]|\d+\. |<details>", block)


def _alignment(entry: nodes.Node) -> str:
    classes = entry.get("classes", ()) if isinstance(entry, nodes.Element) else ()
    if "text-right" in classes:
        return "--:"
    return ":-:" if "text-center" in classes else "---"


def _copies(node: nodes.Element) -> list[nodes.Node]:
    return [child.deepcopy() for child in node.children]


def _title_and_body(node: nodes.Element) -> tuple[nodes.Element | None, list[nodes.Node]]:
    if node.children and isinstance(node.children[0], nodes.title):
        return node.children[0], list(node.children[1:])
    return None, list(node.children)


def _is_inline(node: nodes.Element) -> bool:
    return isinstance(node, (nodes.Inline, nodes.reference, addnodes.pending_xref))
