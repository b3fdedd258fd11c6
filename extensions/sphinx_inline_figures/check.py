"""Checks of pictures and of what cells print."""

from __future__ import annotations

import re
import sys
import sysconfig
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

from .figure import _ancestors, inline_figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

_GLYPH = re.compile(r"Glyph \d+ [^\n]*missing from[^\n]*font[^\n.]*")


class _Pictures(HTMLParser):
    """Find the pictures of a piece of HTML that have no text alternative."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unnamed: list[str] = []
        self._depth = 0  # of nested <svg>; only the outermost needs a name
        self._pending = ""  # an <svg> that only its first child, a <title>, can still name

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self._pending:
            if tag != "title":
                self.unnamed.append(self._pending)
            self._pending = ""
        named = (
            bool((attributes.get("aria-label") or attributes.get("aria-labelledby") or "").strip())
            or attributes.get("aria-hidden") == "true"
            or attributes.get("role") in ("presentation", "none")
        )
        if tag == "img" and "alt" not in attributes and not named:
            self.unnamed.append(self.get_starttag_text() or "<img>")
        elif tag == "svg":
            if not self._depth and not named:
                self._pending = self.get_starttag_text() or "<svg>"
            self._depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._pending:
            self.unnamed.append(self._pending)
            self._pending = ""
        if tag == "svg":
            self._depth = max(0, self._depth - 1)


def pictures_without_alt(markup: str) -> list[str]:
    """Return the tags of the ``<img>`` and ``<svg>`` in ``markup`` without a text alternative.

    An ``<img alt="">`` is decoration and passes, so does what is hidden from screen readers.

    >>> pictures_without_alt('<svg width="9"><path/></svg><svg aria-label="A curve"></svg>')
    ['<svg width="9">']
    """
    parser = _Pictures()
    parser.feed(markup)
    parser.close()
    return parser.unnamed


def glyph_warnings(text: str) -> list[str]:
    """Return Matplotlib's warnings about missing glyphs that are printed in ``text``.

    >>> glyph_warnings("UserWarning: Glyph 54620 (HANGUL) missing from font(s) DejaVu Sans.")
    ['Glyph 54620 (HANGUL) missing from font(s) DejaVu Sans']
    """
    return [match[0] for match in _GLYPH.finditer(text)]


def build_machine_folders(extra: Iterable[str] = ()) -> list[str]:
    """Return the folders of this machine that no page should name."""
    paths = {key: sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")}
    folders = {str(Path.home()), sys.prefix, sys.base_prefix, *paths.values(), *extra}
    # "/", "/usr" and their like are words that a page may well print.
    common = {"/", "/usr", "/usr/local", "/opt", ""}
    return sorted({folder.rstrip("/\\") for folder in folders} - common)


def machine_paths(text: str, folders: Iterable[str]) -> list[str]:
    """Return the paths in ``text`` that lie in one of ``folders`` or in the temporary folder.

    >>> machine_paths("File /srv/book/page.py, see https://a.org/srv/book/", ["/srv/book"])
    ['/srv/book/page.py']
    """
    temporary = {tempfile.gettempdir().rstrip("/\\"), "/tmp"}
    patterns = [re.escape(folder) + r"(?![\w-])" for folder in folders if folder not in temporary]
    # A folder for temporary files is everybody's; what a process puts there is not.
    patterns += [re.escape(folder) + r"[/\\](?=\w)" for folder in sorted(temporary)]
    found = re.compile(rf"(?<![\w.-])(?:{'|'.join(patterns)})[^\s\"'<>&,;:()\[\]]*")
    return [match[0] for match in found.finditer(text)]


def _place(app: Sphinx, node: nodes.Node) -> tuple[str, bool]:
    """Return the page and cell of a node in words, and whether it is (in) an output."""
    page, in_output = app.env.docname, False
    for ancestor in _ancestors(node):
        element = ancestor.get("nb_element")
        in_output = in_output or element in ("cell_code_output", "mime_bundle")
        if element == "cell_code":
            return f"{page}, cell {ancestor['cell_index'] + 1}", in_output
    return page, in_output


def _located(node: nodes.Node) -> nodes.Node:
    """Return the nearest node around ``node`` that knows its line."""
    located = (place for place in (node, *_ancestors(node)) if place.line is not None)
    return next(located, node)


def check_doctree(app: Sphinx, doctree: nodes.document) -> None:
    """Check the pictures of a page and the outputs of its cells."""
    if not app.config.inline_figures_check:
        return
    extra = [str(app.srcdir), str(app.confdir), *app.config.inline_figures_machine_paths]
    folders = build_machine_folders(extra)

    def warn(node: nodes.Node, place: str, subtype: str, message: str) -> None:
        app.env.note_reread()  # an incremental build shall not pass where a fresh one fails
        logger.warning(
            "%s: %s",
            place,
            message,
            location=_located(node),
            type="inline_figures",
            subtype=subtype,
        )

    checked = (nodes.raw, inline_figure, nodes.image, nodes.literal_block)
    for node in doctree.findall(lambda node: isinstance(node, checked)):
        place, in_output = _place(app, node)
        if isinstance(node, nodes.image):
            if not node.get("alt", "").strip():
                warn(node, place, "alt", f"image without alt text: {node['uri']}")
            continue
        text = node["markup"] if isinstance(node, inline_figure) else node.astext()
        if not isinstance(node, nodes.literal_block):
            if isinstance(node, nodes.raw) and "html" not in node.get("format", "").split():
                continue
            for tag in pictures_without_alt(text):
                warn(node, place, "alt", f"picture without text alternative: {tag[:80]}")
        if in_output or isinstance(node, inline_figure):
            for glyph in dict.fromkeys(glyph_warnings(text)):
                warn(node, place, "glyph", f"an output holds a glyph warning: {glyph}")
            for path in dict.fromkeys(machine_paths(text, folders)):
                warn(node, place, "path", f"an output holds a path of this machine: {path}")
