"""An address for every cell, equation and figure of a page, and a link that copies it.

Sphinx gives ids to headings and to what has a label. This extension gives one to every code cell
of MyST-NB, every displayed equation and every figure besides: the id of the section, the kind and
the number within the section, such as ``masks-cell-2``. An edit in another section doesn't change
it, and it is the same in every language of a book. What has a name keeps it: ``:name: warm-up`` of
a ``{code-cell}`` or a figure, the label of an equation.

A link to it shows when the mouse or the focus is there. It is an ordinary link without JavaScript;
with it, it copies the address and says so, also to screen readers and from ``file://``.

There is nothing to configure but which nodes are figures::

    cell_anchors_figures = ["figure", "inline_figure"]  # names of docutils nodes

The extension's own words are in ``locale/<language>/LC_MESSAGES/sphinx_cell_anchors.po``; another
language is another file there.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__version__ = "1.0"

HERE = Path(__file__).parent
ADDRESS = {
    "cell": "Address of this cell",
    "equation": "Address of this equation",
    "figure": "Address of this figure",
}
COPY = {
    "cell": "Copy the address of this cell",
    "equation": "Copy the address of this equation",
    "figure": "Copy the address of this figure",
}
COPIED = "Address copied."
FAILED = "The browser does not let this page copy. The address is in the address bar now."


class anchored(nodes.General, nodes.Element):  # noqa: N801
    """What stands beside its own link: a box for both."""


class cell_anchor(nodes.General, nodes.Element):  # noqa: N801
    """The link to what it stands beside: ``kind``, and ``target``, an id of the same page.

    A node of its own, not raw HTML: that counts as written by the author, so that what takes text
    from the page, as ``sphinx_page_notebooks`` does, would take the link with it.
    """


@cache
def words(language: str) -> dict[str, str]:
    """The translations of the extension's own words; none in English."""
    for code in (language, language.split("_")[0].split("-")[0]):
        path = HERE / "locale" / code / "LC_MESSAGES" / "sphinx_cell_anchors.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=code)
            return {str(each.id): str(each.string) for each in messages if each.id and each.string}
    return {}


def say(message: str, language: str | None) -> str:
    return words(language or "en").get(message, message)


class AddAnchors(SphinxPostTransform):
    """Give ids, and put a link beside each thing that has one."""

    default_priority = 850  # MyST-NB has chosen among outputs and folded what is hidden
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        taken = {name for node in self.document.findall(nodes.Element) for name in node["ids"]}
        counts: Counter[tuple[str, str]] = Counter()
        for node, kind in list(self.things()):
            section = section_id(node)
            counts[section, kind] += 1
            if kind == "equation" and node.get("number"):
                continue  # Sphinx links it already
            if not node["ids"]:
                wanted = explicit_name(node) or f"{section}-{kind}-{counts[section, kind]}"
                node["ids"].append(free(wanted, taken))
            if not has_permalink(node):
                self.link(node, kind)

    def things(self) -> Iterator[tuple[nodes.Element, str]]:
        for node in self.document.findall(nodes.Element):
            if node.get("nb_element") == "cell_code":
                yield node, "cell"
            elif isinstance(node, nodes.math_block):
                yield node, "equation"
            elif node.tagname in self.config.cell_anchors_figures:
                yield node, "figure"

    def link(self, node: nodes.Element, kind: str) -> None:
        name = say(ADDRESS[kind], self.config.language)
        link = cell_anchor("", kind=kind, target=node["ids"][0], label=name)
        if kind == "cell":
            node.insert(0, link)
            return
        box = anchored("", classes=[f"anchored-{kind}"])
        node.parent.replace(node, box)  # node.replace_self would give the box the ids, too
        box += [node, link]


def section_id(node: nodes.Node) -> str:
    """The id of the section that a node stands in."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, nodes.section) and parent["ids"]:
            return str(parent["ids"][0])
        parent = parent.parent
    return "page"


def explicit_name(node: nodes.Element) -> str:
    """The name that an author gave to a code cell."""
    return nodes.make_id(str(node.get("cell_metadata", {}).get("name", "")))


def free(wanted: str, taken: set[str]) -> str:
    """The wanted id, with a number where another element of the page has it."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def has_permalink(node: nodes.Element) -> bool:
    """Whether Sphinx writes a link of its own: to figures with a caption."""
    return isinstance(node, nodes.figure) and node.next_node(nodes.caption) is not None


def visit_anchored(self: HTML5Translator, node: anchored) -> None:
    self.body.append(self.starttag(node, "div", CLASS="anchored"))


def depart_anchored(self: HTML5Translator, node: anchored) -> None:
    self.body.append("</div>\n")


def visit_cell_anchor(self: HTML5Translator, node: cell_anchor) -> None:
    kind, own, name = (escape(node[key]) for key in ("kind", "target", "label"))
    self.body.append(
        f'<a class="cell-anchor" data-kind="{kind}" href="#{own}" aria-label="{name}"></a>'
    )
    raise nodes.SkipNode


def add_files(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    language = app.config.language
    app.config.html_static_path.append(str(HERE / "static"))
    app.add_css_file("cell-anchors.css")
    data = {f"data-address-{kind}": say(text, language) for kind, text in COPY.items()}
    data |= {
        "data-address-copied": say(COPIED, language),
        "data-address-failed": say(FAILED, language),
    }
    app.add_js_file("cell-anchors.js", loading_method="defer", **data)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("cell_anchors_figures", ["figure", "inline_figure"], "html", (list, tuple))
    app.add_node(anchored, html=(visit_anchored, depart_anchored))
    app.add_node(cell_anchor, html=(visit_cell_anchor, None))
    app.add_post_transform(AddAnchors)
    app.connect("builder-inited", add_files)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
