"""Watch MyST-NB execute a page."""

from __future__ import annotations

import functools
import re
import textwrap
from typing import TYPE_CHECKING, Any

import myst_nb.sphinx_
from jupyter_cache import get_cache
from myst_nb.core.execute import ExecutionError
from nbclient import NotebookClient
from sphinx.errors import SphinxError, SphinxParallelError
from sphinx.util import logging

from .report import EXECUTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from myst_nb.core.execute import NotebookClientBase
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

_ANSI = re.compile("\x1b\\[[0-9;]*[A-Za-z]")


class CellError(SphinxError):
    """A cell raised an exception, and the build must not go on."""

    category = "Cell failed"


def _failing_cell(client: NotebookClientBase) -> tuple[int, Any] | None:
    """Return index and error output of the cell that ended the execution."""
    # The last one: an earlier cell may raise on purpose (tag "raises-exception").
    for index in range(len(client.notebook.cells) - 1, -1, -1):
        for output in client.notebook.cells[index].get("outputs", []):
            if output["output_type"] == "error":
                return index, output
    return None


def _failing_line(source: str, error: Any) -> str:
    """Return the line of the cell that raised, taken from IPython's traceback."""
    for entry in error["traceback"]:
        frame = _ANSI.sub("", entry)
        if frame.startswith(("Cell In[", "Input In [")):
            arrow = re.search(r"^-+> *(\d+)", frame, re.MULTILINE)
            arrow = arrow or re.search(r"line (\d+)", frame)
            lines = source.splitlines()
            if arrow and int(arrow[1]) <= len(lines):
                return lines[int(arrow[1]) - 1].strip()
    return ""


def describe_failure(page: str, client: NotebookClientBase, cause: BaseException | None) -> str:
    """Say in a few lines which cell of a page failed, where it stands, and why."""
    path = client.path or page
    found = _failing_cell(client)
    if found is None:  # no cell got to raise: a timeout, or a kernel that died
        return f"{page}: {cause}\n  in {path}"
    index, error = found
    cell = client.notebook.cells[index]
    line = _failing_line(cell["source"], error)
    message = textwrap.indent(f"{error['ename']}: {_ANSI.sub('', error['evalue'])}", "  ")
    code = f"\n  in: {line}" if line else ""
    place = f"{path}:{client.cell_line(index)}"
    return f"{page}, cell {index + 1} ({place})\n{message}{code}"


def _watch(client: NotebookClientBase, page: str) -> None:
    """Make one client report its execution."""
    start_client = client.start_client
    notebook = client.notebook

    def start_and_report() -> None:
        try:
            start_client()
        except ExecutionError as error:
            raise CellError(describe_failure(page, client, error.__cause__)) from error
        data = client.exec_metadata
        if data is None:
            return
        # Cells are executed in place; a match in the cache comes as a notebook of its own.
        executed = client.notebook is notebook
        data[EXECUTED] = executed
        how = "executed" if executed else "from cache"
        logger.info("%s … %.1f s %s", page, data["runtime"] or 0.0, how)

    client.start_client = start_and_report


def _watching(create: Callable[..., NotebookClientBase]) -> Callable[..., NotebookClientBase]:
    @functools.wraps(create)
    def create_client(*args: Any, **kwargs: Any) -> NotebookClientBase:
        client = create(*args, **kwargs)
        # the logger that MyST-NB makes for a document knows its name
        _watch(client, client.logger.extra["docname"])
        return client

    create_client.execution_report = True  # type: ignore[attr-defined]
    return create_client


def create_cache(app: Sphinx) -> None:
    """Create the cache of executed pages before anything reads in parallel.

    jupyter-cache creates its tables on first use; two processes that both find none fail.
    """
    config = app.env.mystnb_config  # type: ignore[attr-defined]  # set by MyST-NB
    if config.execution_mode == "cache":
        get_cache(config.execution_cache_path).db.dispose()


def print_failure(app: Sphinx, exception: Exception | None) -> None:
    """Print which cell failed, before Sphinx buries it under its versions and extensions."""
    if isinstance(exception, CellError):
        logger.error("%s", exception)
    elif isinstance(exception, SphinxParallelError) and CellError.__name__ in exception.message:
        # a worker process hands over the exception as a string
        logger.error("%s", exception.message.partition(": ")[2])


def install_in_myst_nb() -> None:
    """Watch every page that MyST-NB executes in Sphinx from now on."""
    create = myst_nb.sphinx_.create_client
    if not hasattr(create, "execution_report"):
        myst_nb.sphinx_.create_client = _watching(create)
    if not hasattr(NotebookClient.__init__, "joins_streams"):
        joining = _joining_streams(NotebookClient.__init__)
        NotebookClient.__init__ = joining  # type: ignore[method-assign]


def _joining_streams(initialise: Callable[..., None]) -> Callable[..., None]:
    """Let nbclient join what a cell prints.

    A kernel sends it in pieces, cut where it happened to flush. MyST-NB's ``nb_merge_streams``
    would start a line with each piece; nbclient's own option, off by default, joins them as they
    are, so that outputs are the same in every run.
    """

    @functools.wraps(initialise)
    def join(self: NotebookClient, *args: Any, **options: Any) -> None:
        initialise(self, *args, **{"coalesce_streams": True, **options})

    join.joins_streams = True  # type: ignore[attr-defined]
    return join
