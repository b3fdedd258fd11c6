"""Which pages a page builds on, from its front matter."""

from __future__ import annotations

import json
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

NEEDS = "needs"
HAS_MAP = "has_book_map"


def needs_of(env: BuildEnvironment, page: str) -> list[str]:
    """The pages that a page names in its front matter, as it names them.

    MyST hands a list of the front matter on as JSON.
    """
    given = env.metadata.get(page, {}).get(NEEDS) or "[]"
    try:
        names = json.loads(given)
    except json.JSONDecodeError:
        names = given
    return [names] if isinstance(names, str) else [str(name) for name in names]


def needed(env: BuildEnvironment, page: str) -> list[str]:
    """The pages that a page builds on, those that exist."""
    return [name for name in needs_of(env, page) if name in env.found_docs and name != page]


def opened(env: BuildEnvironment, page: str) -> list[str]:
    """The pages that build on a page, in the order of the book."""
    return [name for name in book_pages(env) if page in needed(env, name)]


def part_of(env: BuildEnvironment, page: str) -> str:
    """The part of the book that a page is in; "" for a page outside the book."""
    folder = page.partition("/")[0] if "/" in page else ""
    if env.metadata.get(page, {}).get(HAS_MAP):
        return ""  # the map isn't a place on it
    return folder if folder in env.config.book_map_parts else ""


def in_order(env: BuildEnvironment) -> list[str]:
    """All pages in the order of the table of contents."""
    found: list[str] = []

    def walk(page: str) -> None:
        if page in found:
            return
        found.append(page)
        for child in env.toctree_includes.get(page, []):
            walk(child)

    walk(env.config.root_doc)
    return found


def book_pages(env: BuildEnvironment) -> list[str]:
    """The pages of the book's parts, in order, without the map itself."""
    return [page for page in in_order(env) if part_of(env, page)]


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of pages that need what isn't there, or each other."""
    graph = {}
    for page in sorted(env.found_docs):
        names = needs_of(env, page)
        for name in names:
            if name not in env.found_docs or name == page:
                logger.warning(
                    "needs: there is no other page %r (expected the name of a page from the "
                    "source folder, without suffix)",
                    name,
                    location=page,
                    type="book_map",
                    subtype="needs",
                )
        graph[page] = needed(env, page)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        logger.warning(
            "needs: these pages need each other: %s",
            " → ".join(circle),
            location=circle[0],
            type="book_map",
            subtype="needs",
        )
