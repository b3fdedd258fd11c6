"""From a page's code cells and its translated text to a notebook and a program."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat
from docutils import nodes
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .markdown import MarkdownWriter

#: Id and tag of the cell that installs what is missing.
SETUP = "setup"

#: What a page calls the package's extras that it needs, in its front matter.
EXTRAS = "notebook_extras"

#: A page that hides a cell's code has it folded in JupyterLab too.
_FOLDED_TAGS = {"hide-input", "hide-cell"}


@dataclass(frozen=True)
class CodeCell:
    """A code cell as the author wrote it."""

    index: int
    line: int
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PageCode:
    """The code cells of a page, and the kernel that runs them."""

    cells: tuple[CodeCell, ...]
    kernel: str = "python3"
    kernel_title: str = "Python 3 (ipykernel)"
    extras: tuple[str, ...] = ()

    @property
    def is_python(self) -> bool:
        return self.kernel.startswith("python")


def page_code(notebook: nbformat.NotebookNode, skip_tags: Collection[str] = ()) -> PageCode:
    """The code of a notebook that MyST-NB read, with the line of each cell.

    Cells with one of the tags are left out; the others keep their numbers.
    """
    lines = notebook.metadata.get("source_map") or [
        (index + 1) * 10_000 for index in range(len(notebook.cells))
    ]  # MyST-NB numbers the lines of an .ipynb in this way
    cells = tuple(
        CodeCell(index, lines[index], cell.source.rstrip("\n"), dict(cell.metadata))
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and cell.source.strip()
        and not set(skip_tags).intersection(cell.metadata.get("tags", ()))
    )
    kernel = notebook.metadata.get("kernelspec", {})
    name = kernel.get("name", "python3")
    title = kernel.get("display_name") or name
    title = "Python 3 (ipykernel)" if title == "python3" else title
    extras = notebook.metadata.get(EXTRAS) or ()
    return PageCode(cells, name, title, (extras,) if isinstance(extras, str) else tuple(extras))


@dataclass(frozen=True)
class Piece:
    """A piece of the page: some Markdown under a heading, or the place of a code cell."""

    section: str
    line: int
    text: str = ""
    cell: int | None = None
    starts_section: bool = False


def is_code_cell(node: nodes.Element) -> bool:
    return bool(node.get("nb_element") == "cell_code")


def pieces(
    writer: MarkdownWriter, parent: nodes.Element, section: str = "", level: int = 0
) -> Iterator[Piece]:
    """The page from top to bottom; sections begin pieces of their own."""
    line = 0
    for child in parent.children:
        line = getattr(child, "line", None) or line
        if not isinstance(child, nodes.Element) or writer.inline.skipped(child):
            continue
        if is_code_cell(child):
            yield Piece(section, line, cell=child["cell_index"])
        elif isinstance(child, nodes.section):
            ident = child["ids"][0] if child["ids"] else section
            heading = writer.heading(child, level + 1)
            yield Piece(ident, line, heading, starts_section=True)
            body = nodes.Element("", *())
            body.children = child.children[1:] if heading else child.children
            yield from pieces(writer, body, ident, level + 1)
        elif any(
            found.get("nb_element") == "cell_code" for found in child.findall(nodes.container)
        ):
            yield from pieces(writer, child, section, level)
        elif text := "\n\n".join(writer.blocks([child], level)):
            yield Piece(section, line, text)


def markdown_cell(source: str, ident: str) -> NotebookNode:
    """A cell of text. (nbformat's own function validates each cell; we validate them together.)"""
    return NotebookNode(cell_type="markdown", id=ident, metadata=NotebookNode(), source=source)


def code_cell(source: str, metadata: dict[str, Any], ident: str) -> NotebookNode:
    """A cell of code that has not run yet."""
    return NotebookNode(
        cell_type="code",
        id=ident,
        metadata=nbformat.from_dict(metadata),
        source=source,
        outputs=[],
        execution_count=None,
    )


class _Cells:
    """Collects cells, with ids that are the same in every language and every build."""

    def __init__(self) -> None:
        self.cells: list[nbformat.NotebookNode] = []
        self._waiting: list[Piece] = []
        self._seen: dict[str, int] = {}

    def _name(self, name: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:56] or "text"
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return name if count == 1 else f"{name}-{count}"

    def add_text(self, piece: Piece) -> None:
        if piece.starts_section:
            self.end_text()
        self._waiting.append(piece)

    def end_text(self, before: int | None = None) -> None:
        """Make a cell of the text so far, or of that which stands before a line."""
        taken = [piece for piece in self._waiting if before is None or piece.line < before]
        self._waiting = self._waiting[len(taken) :]
        if taken:
            name = self._name(f"text-{taken[0].section}")
            text = "\n\n".join(piece.text for piece in taken)
            self.cells.append(markdown_cell(text, name))

    def add_code(self, source: str, metadata: dict[str, Any], name: str = "") -> None:
        name = name or f"code-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
        self.cells.append(code_cell(source, metadata, self._name(name)))


def cell_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """A cell's tags and options, and JupyterLab's word for what the page hides."""
    result = {key: value for key, value in metadata.items() if key != "execution"}
    if _FOLDED_TAGS & set(result.get("tags", ())):
        result["jupyter"] = {**result.get("jupyter", {}), "source_hidden": True}
    return result


def make_notebook(
    code: PageCode,
    page: Iterable[Piece],
    *,
    setup: str = "",
    closing: str = "",
    metadata: dict[str, Any] | None = None,
) -> nbformat.NotebookNode:
    """The notebook of a page: its text in the language of the build, its code untouched.

    Outputs are left out. They would be ours, from another machine, under code that the reader may
    have changed by the time she looks at them; without them the file is small, and two builds
    write the same bytes. Cells that the page doesn't show (``remove-cell``) are there: what
    follows may need them.
    """
    cells = _Cells()
    if setup:
        cells.add_code(setup, {"tags": [SETUP]}, SETUP)
    remaining = list(code.cells)
    for piece in page:
        if piece.cell is None:
            cells.add_text(piece)
            continue
        while remaining and remaining[0].index <= piece.cell:
            cell = remaining.pop(0)
            cells.end_text(before=None if cell.index == piece.cell else cell.line)
            cells.add_code(cell.source, cell_metadata(cell.metadata))
    for cell in remaining:
        cells.end_text(before=cell.line)
        cells.add_code(cell.source, cell_metadata(cell.metadata))
    cells.end_text()
    if closing:
        cells.cells.append(markdown_cell(closing, "closing"))
    language = {"name": "python"} if code.is_python else {}
    kernel = {"name": code.kernel, "display_name": code.kernel_title}
    if code.is_python:
        kernel["language"] = "python"
    notebook = new_notebook(
        cells=cells.cells,
        metadata={**(metadata or {}), "kernelspec": kernel}
        | ({"language_info": language} if language else {}),
    )
    notebook.nbformat_minor = 5
    return notebook


def notebook_text(notebook: nbformat.NotebookNode) -> str:
    """The file of a notebook; one that Jupyter would not open raises an error."""
    nbformat.validate(notebook, relax_add_props=False)
    return nbformat.writes(notebook, version=4) + "\n"


def program_text(notebook: nbformat.NotebookNode, head: str) -> str:
    """The notebook as a Python program with its text in comments (``# %%``, percent format)."""
    import jupytext

    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if cell.id != SETUP]
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.source = wrapped(cell.source)
    copy.metadata = nbformat.from_dict(
        {
            "kernelspec": notebook.metadata.kernelspec,
            "jupytext": {"notebook_metadata_filter": "-all", "cell_metadata_filter": "tags,-all"},
        }
    )
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    return f"{comment}\n{jupytext.writes(copy, fmt='py:percent')}"


_UNBREAKABLE = re.compile(r"(?:\$[^$\n]+\$|`[^`\n]+`|\]\([^)\n]*\)|<[^>\n]+>|\S)+")
_PREFIX = re.compile(r"(?:\s|> ?|- |\d+\. )*")
_NEVER_FIRST = re.compile(r"[-+*>#|=]|\d+[.)]|```|\$\$|:")


def columns(text: str) -> int:
    """The width of a text in a terminal or an editor, where a Hangul syllable takes two columns."""
    return len(text) + sum(unicodedata.east_asian_width(each) in "WF" for each in text)


def wrapped(markdown: str, width: int = 96) -> str:
    """Markdown with its paragraphs in lines of a width at which a program is read.

    Formulas, code and addresses stay whole; no line begins with what would start a block.
    """
    result, fence = [], ""
    for line in markdown.split("\n"):
        text = line.lstrip("> ")
        if mark := re.match(r"`{3,}|\$\$", text):
            fence = "" if fence and text.startswith(fence) else fence or mark[0]
            result.append(line)
        elif fence or columns(line) <= width or text.startswith(("|", "<", "#")):
            result.append(line)
        else:
            result += wrapped_line(line, width)
    return "\n".join(result)


def wrapped_line(line: str, width: int) -> list[str]:
    match = _PREFIX.match(line)
    prefix = match[0] if match else ""
    rest = re.sub(r"[^>\s]", " ", prefix)
    lines, current, filled = [], prefix, columns(prefix)
    is_empty = True
    for word in _UNBREAKABLE.findall(line[len(prefix) :]):
        size = columns(word)
        if is_empty or filled + 1 + size <= width or _NEVER_FIRST.match(word):
            current += word if is_empty else f" {word}"
            filled += size if is_empty else size + 1
        else:
            lines.append(current)
            current, filled = rest + word, len(rest) + size
        is_empty = False
    return [*lines, current]
