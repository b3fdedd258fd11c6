"""What a page says of itself: under its title, and at its end."""

from __future__ import annotations

import re
from html import escape
from math import ceil
from typing import TYPE_CHECKING, Any

from docutils import nodes
from markupsafe import Markup
from sphinx.transforms.post_transforms import SphinxPostTransform

from .entries import translations
from .needs import needed, opened, part_of
from .words import translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

MINUTES = "book_map_minutes"
WORD = re.compile(r"\S*\w\S*")


class page_facts(nodes.Invisible, nodes.Element):  # noqa: N801
    """The line under a page's title. It is no text of the page: search doesn't see it."""


class page_end(nodes.Invisible, nodes.Element):  # noqa: N801
    """What stands at the end of a page."""


def is_output(node: nodes.Node) -> bool:
    """Whether a node holds what a cell printed, which is looked at rather than read."""
    return isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code_output"


def count_words(node: nodes.Node) -> tuple[int, int]:
    """The words of a text without its code, and the lines of code."""
    if isinstance(node, nodes.literal_block):
        return 0, len([line for line in node.astext().splitlines() if line.strip()])
    if is_output(node) or isinstance(node, nodes.Invisible | nodes.math_block):
        return 0, 0
    if isinstance(node, nodes.TextElement):
        return len(WORD.findall(node.astext())), 0
    counts = [count_words(child) for child in node.children]
    return sum(words for words, _ in counts), sum(lines for _, lines in counts)


def note_minutes(app: Sphinx, doctree: nodes.document) -> None:
    """Note how long a page takes to read, in the language that it is in."""
    words, lines = count_words(doctree)
    config = app.config
    speed = config.book_map_words_per_minute.get(config.language, 200)
    read = words + lines * config.book_map_words_per_line
    app.env.metadata[app.env.current_document.docname][MINUTES] = str(max(1, ceil(read / speed)))


def minutes(env: BuildEnvironment, page: str) -> str:
    """How long a page takes, as a sentence of few words."""
    number = int(env.metadata.get(page, {}).get(MINUTES, 1))
    text = translate("About {minutes} min to read", env.config.language)
    return text.replace("{minutes}", str(number))


class AddFacts(SphinxPostTransform):
    """Put what a page says of itself into the pages of the book."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        page = self.env.current_document.docname
        if self.app.builder.name not in {"html", "dirhtml"}:
            return
        if part_of(self.env, page):
            title = next(iter(self.document.findall(nodes.title)), None)
            if title is not None:
                title.parent.insert(title.parent.index(title) + 1, page_facts(page=page))
        section = next(iter(self.document.findall(nodes.section)), None)
        if section is not None:
            section += page_end(page=page)


def links(self: HTML5Translator, here: str, pages: Iterable[str]) -> str:
    """Links to pages by their titles, separated by commas."""
    made = []
    for page in pages:
        title = self.builder.env.titles[page].astext()
        address = self.builder.get_relative_uri(here, page)
        made.append(f'<a href="{escape(address)}">{escape(title)}</a>')
    return ", ".join(made)


def visit_facts(self: HTML5Translator, node: page_facts) -> None:
    """Write the line under the title."""
    env, page = self.builder.env, node["page"]
    parts = [f"<span>{escape(minutes(env, page))}</span>"]
    if pages := needed(env, page):
        label = escape(translate("Builds on", env.config.language))
        parts.append(f"<span>{label}: {links(self, page, pages)}</span>")
    self.body.append(f'<p class="book-map-facts" data-nosnippet>{" ".join(parts)}</p>\n')
    raise nodes.SkipNode


def visit_end(self: HTML5Translator, node: page_end) -> None:
    """Write what stands at the end: where to go from here, and how to mend the page."""
    env, page, config = self.builder.env, node["page"], self.builder.config

    def say(text: str) -> str:
        return escape(translate(text, config.language))

    lines = []
    if pages := opened(env, page):
        lines.append(f"<p>{say('Opens the way to')}: {links(self, page, pages)}</p>")
    if part_of(env, page):
        done, undo = say("Mark as read"), say("Read. Take it back")
        lines.append(
            f'<p hidden><button type="button" class="book-map-read" data-read="{escape(page)}"'
            f' data-done="{done}" data-undo="{undo}"></button></p>'
        )
    changes = []
    if config.book_map_edit_url:
        path = env.metadata.get(page, {}).get("edit") or env.doc2path(page, base=False)
        address = config.book_map_edit_url.replace("{path}", str(path))
        changes.append(f'<a href="{escape(address)}">{say("Edit this page")}</a>')
    if config.book_map_catalog_url and config.language in translations(self.builder.app):
        address = config.book_map_catalog_url.replace("{language}", config.language)
        address = address.replace("{page}", page).partition("#")[0]
        changes.append(f'<a href="{escape(address)}">{say("Improve this translation")}</a>')
    if changes:
        lines.append(f'<p class="book-map-changes">{" ".join(changes)}</p>')
    told = escape(translate("Improve this translation", config.language))
    self.body.append(
        f'<div class="book-map-end" data-nosnippet data-improve="{told}"'
        f' data-has-read="{say("read")}">{"".join(lines)}</div>\n'
    )
    raise nodes.SkipNode


def link_licences(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let the line of the copyright, whatever its language, lead to the licences it names."""
    line = escape(str(context.get("copyright") or ""))
    for name, address in app.config.book_map_licences.items():
        link = f'<a rel="license" href="{escape(address)}">{escape(name)}</a>'
        line = line.replace(escape(name), link)
    if line:
        context["copyright"] = Markup(line)  # a template's escaping leaves it alone


def skip(self: Any, node: nodes.Element) -> None:
    """Leave out what only pages on the web show."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (skip, None))
    app.add_node(page_facts, html=(visit_facts, None), **others)
    app.add_node(page_end, html=(visit_end, None), **others)
    app.connect("doctree-read", note_minutes)
    app.connect("html-page-context", link_licences)
    app.add_post_transform(AddFacts)
