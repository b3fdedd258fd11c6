"""Directives that show how long pages take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from .report import execution_data, seconds
from .words import translate

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_HAS_TABLE = "has_execution_table"


class execution_time(nodes.General, nodes.Element):  # noqa: N801
    """Stands for the sentence that says how long the page took."""


class execution_table(nodes.General, nodes.Element):  # noqa: N801
    """Stands for the table of all pages with their times."""


class ExecutionTime(SphinxDirective):
    """``{execution-time}``: how long the cells of this page took."""

    def run(self) -> list[nodes.Node]:
        """Put a placeholder: the page isn't read to its end yet."""
        return [execution_time()]


class ExecutionTable(SphinxDirective):
    """``{execution-table}``: all executed pages and their times."""

    def run(self) -> list[nodes.Node]:
        """Put a placeholder: other pages aren't read yet."""
        self.env.metadata[self.env.docname][_HAS_TABLE] = True
        return [execution_table()]


def pages_with_table(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages to write again because a page was read whose time they show."""
    if not NbMetadataCollector.new_exec_data(env):
        return []
    return [page for page, data in env.metadata.items() if data.get(_HAS_TABLE)]


class ResolveExecutionNodes(SphinxPostTransform):
    """Replace the placeholders once every page has been read."""

    default_priority = 8  # before references are resolved: the table holds some

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        for placeholder in list(self.document.findall(execution_time)):
            placeholder.replace_self(self._sentence())
        for placeholder in list(self.document.findall(execution_table)):
            placeholder.replace_self(self._table())

    def _sentence(self) -> list[nodes.Node]:
        if not execution_data(self.env, self.env.docname):
            return []
        text = self.config.execution_time_text
        if isinstance(text, dict):
            own = translate("Executing this page took {seconds} s.", self.config.language)
            text = text.get(self.config.language, own)
        time = f"{seconds(self.env, self.env.docname):.1f}"
        classes = ["execution-time", "volatile"]
        return [nodes.paragraph("", text.format(seconds=time), classes=classes)]

    def _table(self) -> nodes.table:
        pages = sorted(page for page in self.env.all_docs if execution_data(self.env, page))
        body = nodes.tbody()
        body += [
            _row(self._link(page), nodes.Text(f"{seconds(self.env, page):.1f}")) for page in pages
        ]
        head = nodes.thead()
        own = [translate(text, self.config.language) for text in ("Page", "Seconds")]
        heads = self.config.execution_table_headers.get(self.config.language, own)
        head += _row(*map(nodes.Text, heads))
        group = nodes.tgroup("", nodes.colspec(colwidth=60), nodes.colspec(colwidth=12), cols=2)
        group += [head, body]
        return nodes.table("", group, classes=["execution-table", "volatile", "colwidths-auto"])

    def _link(self, page: str) -> addnodes.pending_xref:
        # Without a text of its own the link shows the page's title, translated.
        return addnodes.pending_xref(
            "",
            nodes.inline("", page),
            refdoc=self.env.docname,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{page}",
            refexplicit=False,
            refwarn=True,
        )


def _row(*cells: nodes.Node) -> nodes.row:
    row = nodes.row()
    row += [nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells]
    return row
