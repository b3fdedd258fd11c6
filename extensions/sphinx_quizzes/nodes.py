"""An element of HTML around a quiz's paragraphs; other builders see the paragraphs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class quiz_element(nodes.General, nodes.Element):  # noqa: N801 - docutils' nodes are lower case
    """An element with a tag and attributes of HTML: ``details``, ``li data-correct``."""


def element(tag: str, *children: nodes.Node, classes: tuple[str, ...] = (), **data: object) -> Any:
    """Make one; a value of None leaves an attribute out, True gives it no value to speak of."""
    html = {
        name.rstrip("_").replace("_", "-"): "" if value is True else str(value)
        for name, value in data.items()
        if value is not None and value is not False
    }
    return quiz_element("", *children, tag=tag, html=html, classes=list(classes))


def visit_html(self: HTML5Translator, node: quiz_element) -> None:
    suffix = "" if node["tag"] == "summary" else "\n"
    self.body.append(self.starttag(node, node["tag"], suffix, **node["html"]))


def depart_html(self: HTML5Translator, node: quiz_element) -> None:
    self.body.append(f"</{node['tag']}>\n")


def nothing(self: Any, node: nodes.Element) -> None:
    """Leave what is inside to the builder."""


def add_node(app: Sphinx) -> None:
    plain = (nothing, nothing)
    app.add_node(
        quiz_element,
        html=(visit_html, depart_html),
        latex=plain,
        text=plain,
        man=plain,
        texinfo=plain,
    )
