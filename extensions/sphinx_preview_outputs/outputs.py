"""Outputs from caches that other builds filled, and notes where there are none."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import myst_nb.sphinx_
from babel.messages.pofile import read_po
from jupyter_cache import get_cache
from myst_nb.core.execute import NotebookClientBase
from nbformat import NotebookNode, from_dict

if TYPE_CHECKING:
    from jupyter_cache.cache.db import NbCacheRecord
    from jupyter_cache.cache.main import JupyterCacheBase

NOT_EXECUTED = "Not executed in this preview."
LEFT_OUT = "Left out of this preview: what is described here isn't installed."


@functools.cache
def translations(language: str) -> dict[str, str]:
    """The notes in a language; nothing is compiled that could go stale."""
    folder = Path(__file__).parent / "locale"
    for code in dict.fromkeys([language, language.partition("_")[0]]):
        path = folder / code / "LC_MESSAGES" / "sphinx_preview_outputs.po"
        if path.exists():
            with path.open("rb") as file:
                return {message.id: message.string for message in read_po(file) if message.string}
    return {}


def note(text: str, language: str) -> str:
    """A note in the language of the build."""
    return translations(language).get(text, text)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def open_caches(folders: Sequence[Path]) -> Iterator[JupyterCacheBase]:
    """Those of the folders that hold a cache; none is made."""
    for folder in folders:
        if (folder / "global.db").exists():
            yield get_cache(folder)


def records(cache: JupyterCacheBase, path: Path) -> list[NbCacheRecord]:
    """What a cache holds of a page, the newest first; the folder may have been moved since."""
    tail = path.parts[-2:]
    found = [one for one in cache.list_cache_records() if Path(one.uri).parts[-2:] == tail]
    return sorted(found, key=lambda record: record.created, reverse=True)


def common_cells(ours: list[NotebookNode], theirs: list[NotebookNode]) -> int:
    """How many cells, from the first, have the same code: their outputs hold."""
    count = 0
    for mine, cached in zip(ours, theirs, strict=False):
        if mine.source.strip() != cached.source.strip():
            break
        count += 1
    return count


class PreviewClient(NotebookClientBase):
    """Takes the place of MyST-NB's clients; executes nothing."""

    caches: Sequence[Path] = ()
    language = "en"
    complete = True  # whether the page is shown as it was executed

    def start_client(self) -> None:
        """Give the cells of the page their outputs, or a note."""
        cells = code_cells(self.notebook)
        if not cells or all(cell.outputs for cell in cells):  # outputs stored in the file
            return
        for cache in open_caches(self.caches):
            try:
                record = cache.match_cache_notebook(self.notebook)
                _, self._notebook = cache.merge_match_into_notebook(self.notebook)
            except (KeyError, OSError):
                continue
            self.exec_metadata = {
                "mtime": record.created.timestamp(),
                "runtime": record.data.get("execution_seconds"),
                "method": "cache",
                "succeeded": True,
                "error": None,
                "traceback": None,
            }
            return
        self._notebook = copy.deepcopy(self.notebook)
        self._name_language()
        cells = code_cells(self._notebook)
        known = self._take_what_still_holds(cells)
        self.complete = known == len(cells)
        for cell in cells[known:]:
            cell.outputs = [self._note()]

    def _take_what_still_holds(self, cells: list[NotebookNode]) -> int:
        """Take the outputs of the cells before the first that changed; return their number."""
        best: list[NotebookNode] = []
        for cache in open_caches(self.caches) if self.path else ():
            for record in records(cache, Path(self.path)):
                try:
                    cached = code_cells(cache.get_cache_bundle(record.pk).nb)
                except (KeyError, OSError):
                    continue
                count = common_cells(cells, cached)
                if count > len(best):
                    best = cached[:count]
            if len(best) == len(cells):
                break
        for cell, cached in zip(cells, best, strict=False):
            cell.outputs = cached.outputs
            cell.execution_count = cached.execution_count
        return len(best)

    def _name_language(self) -> None:
        """Say in which language the cells are written; a kernel would have told."""
        kernel = self._notebook.metadata.get("kernelspec", {})
        name = kernel.get("language") or kernel.get("name", "").rstrip("0123456789")
        if name and "language_info" not in self._notebook.metadata:
            self._notebook.metadata["language_info"] = from_dict({"name": name})

    def _note(self) -> NotebookNode:
        text = note(NOT_EXECUTED, self.language)
        html = f'<p class="preview-note">{escape(text)}</p>'
        data = {"text/html": html, "text/plain": text}
        return from_dict({"output_type": "display_data", "data": data, "metadata": {}})


def install_in_myst_nb(
    folders: Sequence[Path], language: str, on_incomplete: Callable[[str], None]
) -> None:
    """Make MyST-NB use `PreviewClient` for every page it reads from now on."""
    create = getattr(myst_nb.sphinx_.create_client, "without_preview", None)
    create = create or myst_nb.sphinx_.create_client

    def create_client(
        notebook: NotebookNode, source: str, nb_config: Any, logger: Any, read_fmt: Any = None
    ) -> NotebookClientBase:
        path = Path(source)
        client = PreviewClient(notebook, path if path.is_file() else None, nb_config, logger)
        client.caches, client.language = folders, language
        start = client.start_client

        def start_and_tell() -> None:
            start()
            if not client.complete:
                on_incomplete(logger.extra["docname"])

        client.start_client = start_and_tell  # type: ignore[method-assign]
        return client

    create_client.without_preview = create  # type: ignore[attr-defined]
    myst_nb.sphinx_.create_client = create_client


def uninstall_from_myst_nb() -> None:
    """Give MyST-NB its own clients back, for the next build in this process."""
    create = getattr(myst_nb.sphinx_.create_client, "without_preview", None)
    if create is not None:
        myst_nb.sphinx_.create_client = create
