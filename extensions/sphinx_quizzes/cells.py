"""The hidden cell of a quiz: put into the page when MyST-NB reads it.

The cell stands in the notebook that MyST-NB makes of a page, not in the page's text: no line of the
page moves, and its outputs are executed, cached and read as those of every other cell.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import myst_nb.core.read
import myst_nb.sphinx_
import nbformat
from markdown_it import MarkdownIt

from .kernel import cell_source, first_line
from .questions import QuizError, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from docutils import nodes

#: The tag of the cell. Who makes something else of a page's cells can leave it out.
TAG = "quiz-values"
_DIRECTIVE = re.compile(r"\{quiz\}\s*(\S*)")
_markdown = MarkdownIt("commonmark")


def quiz_names(markdown: str, page: str) -> Iterator[str]:
    """The quizzes that a piece of a page shows, by the directives in it."""
    for token in _markdown.parse(markdown):
        if token.type == "fence" and (found := _DIRECTIVE.match(token.info.strip())):
            yield quiz_name(found[1], page)


def quiz_name(argument: str, page: str) -> str:
    """The quiz that a directive names: without an argument, that of its page."""
    return argument.strip().removesuffix(".yml").strip("/") or page


def quiz_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.yml"


def pages_with_quizzes(sources: Mapping[str, Path]) -> dict[str, str]:
    """The page that shows each quiz, from the files of the pages."""
    found: dict[str, str] = {}
    for page, path in sources.items():
        text = path.read_text(encoding="utf-8")
        if "{quiz}" in text:
            found.update(dict.fromkeys(quiz_names(text, page), page))
    return found


def insert_cells(notebook: nbformat.NotebookNode, folder: Path, page: str) -> nbformat.NotebookNode:
    """Put the cell of each quiz before the piece of text that shows it."""
    lines = notebook.metadata.get("source_map")
    index = 0
    while index < len(notebook.cells):
        cell = notebook.cells[index]
        names = quiz_names(cell.source, page) if cell.cell_type == "markdown" else ()
        for name in names:
            try:
                source = cell_source(load(quiz_path(folder, name), name))
            except QuizError:
                continue  # the directive says what is wrong
            if source:
                metadata = {"tags": ["remove-cell", TAG]}
                hidden = nbformat.v4.new_code_cell(source=source, metadata=metadata)
                notebook.cells.insert(index, hidden)
                if lines is not None:
                    lines.insert(index, lines[index])
                index += 1
        index += 1
    return notebook


def install_in_myst_nb(srcdir: Path, folder: Path) -> None:
    """Let every notebook that is read from now on have the cells of its quizzes."""
    for module in (myst_nb.core.read, myst_nb.sphinx_):
        create = getattr(module.create_nb_reader, "without_quizzes", module.create_nb_reader)
        module.create_nb_reader = _with_quizzes(create, srcdir, folder)


def _with_quizzes(create: Callable[..., Any], srcdir: Path, folder: Path) -> Callable[..., Any]:
    @functools.wraps(create)
    def create_nb_reader(path: str, *arguments: Any) -> Any:
        reader = create(path, *arguments)
        if reader is not None:
            page = page_of(Path(path), srcdir)
            read = reader.read
            reader.read = lambda text: insert_cells(read(text), folder, page)
        return reader

    create_nb_reader.without_quizzes = create  # type: ignore[attr-defined]
    return create_nb_reader


def page_of(path: Path, srcdir: Path) -> str:
    try:
        return path.resolve().relative_to(srcdir.resolve()).with_suffix("").as_posix()
    except ValueError:
        return path.stem


def cell_result(document: nodes.document, name: str) -> dict[str, Any] | None:
    """What the cell of a quiz gave on the page that is being read; None if it wasn't executed."""
    renderer = document.attributes.get("nb_renderer")
    client = renderer.renderer.md_options.get("nb_client") if renderer is not None else None
    for cell in client.notebook.cells if client is not None else ():
        if cell.cell_type == "code" and cell.source.startswith(first_line(name) + "\n"):
            for output in cell.get("outputs", ()):
                result = output.get("data", {}).get("application/json")
                if isinstance(result, dict) and result.get("quiz") == name:
                    return dict(result)
    return None
