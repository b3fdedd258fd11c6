"""What a build executed, how long each page took, and which cell failed.

For projects whose pages MyST-NB executes (``nb_execution_mode`` is ``cache``, ``force`` or
``auto``). While pages are read, one line is printed for each that has cells (``guide/start … 12.3 s
executed``, or ``from cache``). At the end a JSON list of all pages is written:
``[{"page", "language", "seconds", "executed"}]``. ``seconds`` is the time the page's cells took
when they were last executed, in this build or in the one that filled the cache (0 for a page
without cells); ``executed`` is true only if this build ran them.

A cell that raises, where ``nb_execution_raise_on_error`` is set, ends the build with one message
that names the page, the line and number of the cell, its failing line of code and the exception.

Configuration values:

``execution_report_path`` (str, default ``""``)
    File to write, relative to the configuration folder; nothing is written if empty.
``execution_time_text`` (str or dict, default ``{}``)
    Sentence of the ``{execution-time}`` directive, with ``{seconds}`` in it, instead of the
    extension's own; a dictionary gives one for each language.
``execution_table_headers`` (dict, default ``{}``)
    The two column heads of the ``{execution-table}`` directive for a language, instead of the
    extension's own.

The extension's own words are in ``locale/<language>/LC_MESSAGES/sphinx_execution_report.po``;
another language is another file there.

Directives: ``{execution-time}`` says how long the page took. ``{execution-table}`` lists all pages
with their times. Both come from MyST-NB's record of the execution, so that every language shows the
same number, and both carry the class ``volatile``: the next execution changes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .directives import (
    ExecutionTable,
    ExecutionTime,
    ResolveExecutionNodes,
    execution_table,
    execution_time,
    pages_with_table,
)
from .execution import CellError, create_cache, install_in_myst_nb, print_failure
from .report import forget_executions, report_rows, write_report

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["CellError", "report_rows", "setup"]

__version__ = "1.0"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.setup_extension("myst_nb")
    install_in_myst_nb()

    app.add_config_value("execution_report_path", "", "", str)
    app.add_config_value("execution_time_text", {}, "html", (str, dict))
    app.add_config_value("execution_table_headers", {}, "html", dict)

    app.connect("builder-inited", create_cache, priority=600)  # after MyST-NB's own
    app.connect("env-before-read-docs", forget_executions)
    app.connect("env-updated", pages_with_table)
    app.connect("build-finished", write_report)
    app.connect("build-finished", print_failure)

    app.add_node(execution_time)
    app.add_node(execution_table)
    app.add_directive("execution-time", ExecutionTime)
    app.add_directive("execution-table", ExecutionTable)
    app.add_post_transform(ResolveExecutionNodes)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
