"""``{book-map}``: the parts of the book, their pages, what each needs and what has been read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from .facts import minutes
from .needs import HAS_MAP, book_pages, needed, part_of
from .words import translate

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class book_map(nodes.General, nodes.Element):  # noqa: N801
    """Stands for the map until every page has been read."""


class BookMap(SphinxDirective):
    """``{book-map}``."""

    def run(self) -> list[nodes.Node]:
        """Put a placeholder: other pages aren't read yet."""
        self.env.metadata[self.env.docname][HAS_MAP] = True
        return [book_map()]


def pages_with_map(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages to write again when any page has been read."""
    return [page for page, data in env.metadata.items() if data.get(HAS_MAP)]


def captions(env: BuildEnvironment) -> dict[str, str]:
    """What the table of contents calls each part, in the language of the build."""
    found: dict[str, str] = {}
    for toctree in env.get_doctree(env.config.root_doc).findall(addnodes.toctree):
        for _, page in toctree["entries"]:
            part = part_of(env, page or "")
            if part and toctree.get("caption"):
                found.setdefault(part, toctree["caption"])
    return found


def progress(language: str) -> str:
    """Where the script says how far the reader has come; hidden until it has something to say."""

    def say(text: str) -> str:
        return escape(translate(text, language))

    return (
        '<div class="book-map-progress" hidden'
        f' data-count="{say("You have read {read} of {all} pages.")}"'
        f' data-ready="{say("You have read all that this page builds on")}"'
        f' data-has-read="{say("read")}" data-right="{say("Questions right: {right}")}"'
        f' data-erased="{say("Forgotten.")}"><p role="status"></p>'
        f'<button type="button">{say("Forget what I have read")}</button></div>'
    )


class ResolveMap(SphinxPostTransform):
    """Replace the placeholder by lists, whose links Sphinx resolves."""

    default_priority = 8

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        for placeholder in list(self.document.findall(book_map)):
            placeholder.replace_self(self._map())

    def _map(self) -> list[nodes.Node]:
        names = captions(self.env)
        pages = book_pages(self.env)
        whole = nodes.container(classes=["book-map"])
        whole += nodes.raw("", progress(self.config.language), format="html")
        for part in self.config.book_map_parts:
            own = [page for page in pages if part_of(self.env, page) == part]
            if not own:
                continue
            column = nodes.container(classes=["book-map-part"])
            column += nodes.paragraph("", names.get(part, part), classes=["book-map-caption"])
            items = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
            items += [self._item(page) for page in own]
            column += items
            whole += column
        return [whole]

    def _item(self, page: str) -> nodes.list_item:
        item = nodes.list_item("", classes=["book-map-page"])
        item += nodes.paragraph("", "", self._link(page), classes=["book-map-title"])
        item += nodes.paragraph("", minutes(self.env, page), classes=["book-map-minutes"])
        if pages := needed(self.env, page):
            label = translate("Builds on", self.config.language)
            line = nodes.paragraph("", f"{label}: ", classes=["book-map-needs"])
            for number, name in enumerate(pages):
                line += [nodes.Text(", ")] if number else []
                line += self._link(name)
            item += line
        return item

    def _link(self, page: str) -> addnodes.pending_xref:
        return addnodes.pending_xref(
            "",
            nodes.inline("", page),
            refdoc=self.env.current_document.docname,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{page}",
            refexplicit=False,
            refwarn=True,
        )


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_node(book_map)
    app.add_directive("book-map", BookMap)
    app.connect("env-updated", pages_with_map)
    app.add_post_transform(ResolveMap)
