"""Previous and next by sense: from part to part, and not from the book into its reference."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .directive import captions
from .needs import book_pages, part_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def neighbour(app: Sphinx, here: str, page: str | None) -> dict[str, str] | None:
    """The page before or behind, with the name of its part where that is another one."""
    if page is None:
        return None
    title = app.env.titles[page].astext()
    part = part_of(app.env, page)
    if part != part_of(app.env, here):
        title = f"{captions(app.env).get(part, part)}: {title}"
    return {"link": app.builder.get_relative_uri(here, page), "title": escape(title)}


def lead_on(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the template the neighbours of a page of the book."""
    if doctree is None:
        return
    pages = book_pages(app.env)
    if pagename in pages:
        place = pages.index(pagename)
        if place:  # the first page has the book's opening page before it, as Sphinx says
            context["prev"] = neighbour(app, pagename, pages[place - 1])
        after = pages[place + 1] if place + 1 < len(pages) else None
        context["next"] = neighbour(app, pagename, after)
    elif pages and pagename != app.config.root_doc:
        last = app.builder.get_relative_uri(pagename, pages[-1])
        if (context.get("prev") or {}).get("link") == last:
            context["prev"] = None


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", lead_on, priority=450)
