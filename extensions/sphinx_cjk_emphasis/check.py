"""Find emphasis marks that reached the reader."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

# A pair of asterisks anywhere; a single one that touches a word (5 * 3 is left alone, so is a
# footnote mark after a number); underscores around text that no identifier could be.
_LEFTOVER = re.compile(
    r"\*\*"
    r"|(?<![\w*])\*(?=[^\s*])"
    r"|(?<=[^\s*\d])\*(?!\*)"
    r"|(?<!\w)__?(?=[^\s_])[^_\n]*[^\x00-\x7f][^_\n]*(?<=[^\s_])__?"
)
_CONTEXT = 20

# *args and **kwargs, as API references set them in a list of parameters
_PARAMETER = re.compile(r"\*{1,2}[A-Za-z_]\w*", re.ASCII)

# Text in these nodes is code, mathematics or somebody else's markup.
_VERBATIM = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.system_message,
    addnodes.desc_signature,
    addnodes.literal_emphasis,
    addnodes.literal_strong,
)


def leftover_marks(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """Return the places in ``text`` where emphasis marks are left, with some context.

    >>> leftover_marks("GPT**(모델)**은 2 * 3")
    ['GPT**(모델)**은 2 * 3']
    >>> leftover_marks("2 * 3")
    []
    """
    if _PARAMETER.fullmatch(text):
        return []
    for pattern in allowed:
        text = re.sub(pattern, "", text)
    places: list[tuple[int, int]] = []
    for match in _LEFTOVER.finditer(text):
        start, end = max(0, match.start() - _CONTEXT), match.end() + _CONTEXT
        if places and start <= places[-1][1]:
            start = places.pop()[0]
        places.append((start, end))
    return [" ".join(text[start:end].split()) for start, end in places]


class _VisibleText(HTMLParser):
    """Collect the text of a page outside code, mathematics, scripts and pictures."""

    _SKIPPED_TAGS = frozenset({"code", "pre", "script", "style", "svg", "math", "kbd", "samp"})
    _SKIPPED_CLASSES = frozenset({"math", "katex", "highlight", "sig"})
    _VOID_TAGS = frozenset({"area", "base", "br", "col", "embed", "hr", "img"}) | frozenset(
        {"input", "link", "meta", "source", "track", "wbr"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool]] = []  # open tags, and whether each hides its text
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._VOID_TAGS:
            return
        classes = frozenset((dict(attrs).get("class") or "").split())
        hidden = tag in self._SKIPPED_TAGS or bool(classes & self._SKIPPED_CLASSES)
        self._open.append((tag, hidden or (bool(self._open) and self._open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self.texts.append(data)


def leftover_marks_in_html(html: str, allowed: Iterable[str] = ()) -> list[str]:
    """Return the places in a built page where emphasis marks are left in the visible text.

    >>> leftover_marks_in_html("<p>2점* <code>x**2</code> **</p>", allowed=[r"점\\*"])
    ['**']
    """
    parser = _VisibleText()
    parser.feed(html)
    parser.close()
    allowed = list(allowed)
    return [place for text in parser.texts for place in leftover_marks(text, allowed)]


def _is_verbatim(node: nodes.Node) -> bool:
    ancestor: nodes.Node | None = node.parent
    while ancestor is not None:
        if isinstance(ancestor, _VERBATIM):
            return True
        ancestor = ancestor.parent
    return False


def check_doctree(app: Sphinx, doctree: nodes.document) -> None:
    """Warn about emphasis marks left in a page, in the language it is read in."""
    if not app.config.cjk_emphasis_check:
        return
    for text in doctree.findall(nodes.Text):
        if "*" not in text and "_" not in text:
            continue
        if _is_verbatim(text):
            continue
        for place in leftover_marks(str(text), app.config.cjk_emphasis_allowed):
            app.env.note_reread()  # an incremental build shall not pass where a fresh one fails
            logger.warning(
                "%s: emphasis marks are left in the text: %r",
                app.env.docname,
                place,
                location=text.parent,
                type="cjk_emphasis",
                subtype="leftover",
            )
