"""Pages of notebooks without executing a cell: for a translator's preview.

MyST-NB either executes what isn't in its cache or shows no outputs at all. With this extension a
page shows the outputs that some cache still holds, and says where there are none. It needs neither
a kernel nor the packages that the cells import. List it after ``myst_nb``.

A page whose cells are all in a cache is shown as it was executed. Where a cell was changed since,
what comes before it is still right and is shown; from there on each cell carries a note, in the
language of the page.

Configuration values:

``preview_caches`` (list of str, default ``[]``)
    Folders of executed pages (``nb_execution_cache_path`` of other builds), in the order in which
    they are asked. Nothing is executed, and no folder is made.
``preview_stub_directives`` (list of str, default ``[]``)
    Directives, such as ``automodule``, that would import what isn't installed: they show a note
    instead. Leave the extension that defines them out of ``extensions``.
``preview_report_path`` (str, default ``""``)
    File to write, relative to the configuration folder: a JSON list of the pages that aren't shown
    as they would be if they were executed.

The notes are translated in ``locale/``; their class is ``preview-note``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from .outputs import LEFT_OUT, install_in_myst_nb, note, uninstall_from_myst_nb

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["setup"]
__version__ = "1.0"

NOT_AS_EXECUTED = "preview_not_as_executed"  # a key of the page's metadata in the environment


class AnyOption(dict[str, Any]):
    """An option specification that knows every option."""

    def __getitem__(self, name: str) -> Any:
        return directives.unchanged

    def __contains__(self, name: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


class LeftOut(SphinxDirective):
    """Stands for a directive that would import what isn't installed."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = AnyOption()

    def run(self) -> list[nodes.Node]:
        """Put a note, and remember that the page isn't whole."""
        self.env.metadata[self.env.docname][NOT_AS_EXECUTED] = True
        text = note(LEFT_OUT, self.config.language)
        return [nodes.paragraph("", text, classes=["preview-note"], translatable=False)]


def prepare(app: Sphinx, config: Config) -> None:
    """Replace the directives that import."""
    for name in config.preview_stub_directives:
        app.add_directive(name, LeftOut, override=True)


def ask_caches(app: Sphinx) -> None:
    """Let MyST-NB ask the caches instead of executing."""

    def remember(page: str) -> None:
        app.env.metadata[page][NOT_AS_EXECUTED] = True

    folders = [Path(app.confdir, folder) for folder in app.config.preview_caches]
    install_in_myst_nb(folders, app.config.language, remember)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """List the pages that aren't shown as they would be after an execution."""
    uninstall_from_myst_nb()
    if exception is not None or not app.config.preview_report_path:
        return
    pages = [name for name, data in app.env.metadata.items() if data.get(NOT_AS_EXECUTED)]
    path = Path(app.confdir, app.config.preview_report_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sorted(pages), indent=1) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.setup_extension("myst_nb")
    app.add_config_value("preview_caches", [], "", list)
    app.add_config_value("preview_stub_directives", [], "env", list)
    app.add_config_value("preview_report_path", "", "", str)
    app.connect("config-inited", prepare)
    app.connect("builder-inited", ask_caches, priority=700)  # before others that watch it
    app.connect("build-finished", finish)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
