"""Text inside a paragraph as Markdown that notebook programs understand.

Jupyter, VS Code and Colab read GitHub's Markdown with ``$…$`` for mathematics: no roles, no
directives. What Markdown lacks is written in the few HTML elements that all of them let through.
"""

from __future__ import annotations

import re
from html import escape as escape_html
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# Emphasis is written with these until its neighbours are known, see `finish`.
STRONG, STRONG_END, EMPHASIS, EMPHASIS_END, PICTURE = "\ue000\ue001\ue002\ue003\ue004"
_MARKS = f"{STRONG}{STRONG_END}{EMPHASIS}{EMPHASIS_END}"
_MARKDOWN = {STRONG: "**", STRONG_END: "**", EMPHASIS: "*", EMPHASIS_END: "*"}
_HTML = {STRONG: "<strong>", STRONG_END: "</strong>", EMPHASIS: "<em>", EMPHASIS_END: "</em>"}

_SPECIAL = re.compile(
    r"[\\`*~<]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # an underscore inside a word is no emphasis
    r"|\$"
    r"|&(?=#?\w+;)"
    r"|\[(?=[^\]]*\][\[(:])"
    r"|!(?=\[)"
)
_BLOCK_START = re.compile(r"(#{1,6}|[-+]|\d{1,9}(?=[.)])|={3,}$|-{3,}$)(?=[.)]?(\s|$))|>")

_INVISIBLE = (
    nodes.Invisible,
    nodes.system_message,
    addnodes.index,
    addnodes.toctree,
    addnodes.tabular_col_spec,
)
_STRONG = (nodes.strong, addnodes.literal_strong)
_EMPHASIS = (nodes.emphasis, nodes.title_reference, addnodes.literal_emphasis)
_FOOTNOTES = (nodes.footnote_reference, nodes.citation_reference)


def escape(text: str) -> str:
    r"""Plain text as Markdown that shows exactly this text.

    >>> escape("2 * d_k < $5, _x")
    '2 \\* d_k \\< <span>$</span>5, \\_x'
    """

    def replacement(match: re.Match[str]) -> str:
        found = match[0]
        # A backslash before a dollar keeps Markdown quiet, but not MathJax, which reads the page.
        return {"$": "<span>$</span>", "&": "&amp;"}.get(found, f"\\{found}")

    return _SPECIAL.sub(replacement, text)


def code_span(code: str) -> str:
    """Code between as many backticks as it needs.

    >>> code_span("a`b")
    '``a`b``'
    """
    code = " ".join(code.split("\n"))
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * (longest + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{space}{code}{space}{fence}"


def _flanks(inside: str, outside: str) -> bool:
    """Whether CommonMark takes a mark between these characters for emphasis.

    Beside a word, as before a Korean particle, a mark counts only if a letter is on its other
    side: this is why ``**어텐션(attention)**은`` prints its asterisks.
    """
    return not inside.isspace() and (inside.isalnum() or not outside.isalnum())


def finish(text: str) -> str:
    """Turn the marks of emphasis into asterisks where these work, else into HTML elements.

    >>> finish(f"{STRONG}어텐션{STRONG_END}은 {STRONG}값(value){STRONG_END}을")
    '**어텐션**은 <strong>값(value)</strong>을'
    """
    opened: list[int] = []
    result = list(text)
    for end, character in enumerate(text):
        if character in (STRONG, EMPHASIS):
            opened.append(end)
        elif character in (STRONG_END, EMPHASIS_END):
            start = opened.pop()
            before, first = text[start - 1 : start], text[start + 1]
            last, after = text[end - 1], text[end + 1 : end + 2]
            if first == character:  # nothing inside
                result[start] = result[end] = ""
                continue
            neighbours = {before, first, last, after}
            works = _flanks(first, before) and _flanks(last, after)
            marks = _MARKDOWN if works and not neighbours & {*_MARKS, "*"} else _HTML
            result[start], result[end] = marks[text[start]], marks[character]
    return "".join(result).replace(PICTURE, "!")


def escape_start(text: str) -> str:
    r"""Keep a paragraph from looking like the start of a heading, a list or a quotation.

    >>> escape_start("1. Februar"), escape_start("- 5"), escape_start("-5")
    ('1\\. Februar', '\\- 5', '-5')
    """
    match = _BLOCK_START.match(text)
    if not match:
        return text
    place = match.end() if match[0][0].isdigit() else 0
    return f"{text[:place]}\\{text[place:]}"


class Inline:
    """Writes inline nodes of one page.

    ``page_url`` is the page's address; links and pictures inside the site lead there, since a
    notebook that was downloaded has no neighbours. Without an address they become plain text.
    """

    def __init__(
        self,
        page_url: str,
        picture_urls: Mapping[str, str] | None = None,
        skip_classes: Collection[str] = (),
    ) -> None:
        self.page_url = page_url
        self.picture_urls = picture_urls or {}
        self.skip_classes = frozenset(skip_classes)
        self._in_link = False
        self._in_table = False

    def text(self, node: nodes.Element, *, table: bool = False) -> str:
        """The Markdown of what is in a paragraph, a title or another element that holds text."""
        self._in_table = table
        try:
            return finish(self._children(node.children).strip())
        finally:
            self._in_table = False

    def html(self, node: nodes.Element) -> str:
        """What is in an element as plain HTML text with mathematics, for a ``<summary>``."""
        if isinstance(node, nodes.Text):
            return escape_html(str(node), quote=False)
        if "spoken" in node:
            return f" ({escape_html(node['spoken'], quote=False)})"
        if self.skipped(node) or isinstance(node, (nodes.raw, *_INVISIBLE)):
            return ""
        if isinstance(node, nodes.math):
            return escape_html(self._formula(node), quote=False)
        inside = "".join(self.html(child) for child in node.children)
        return f"<code>{inside}</code>" if isinstance(node, nodes.literal) else inside

    def skipped(self, node: nodes.Node) -> bool:
        """Whether a setting says that notebooks do without it."""
        return isinstance(node, nodes.Element) and not self.skip_classes.isdisjoint(
            node.get("classes", ())
        )

    def address(self, uri: str) -> str:
        """An absolute address, or "" where the site's own is unknown."""
        return urljoin(self.page_url, uri) if self.page_url or "://" in uri else ""

    def picture(self, node: nodes.image) -> str:
        """A picture by its address; by its description where there is none."""
        description = node.get("alt", "")
        uri = self.picture_urls.get(node["uri"], node["uri"])
        address = self.address(uri)
        if not address:
            return escape(f"[{description}]") if description else ""
        return f"{PICTURE}[{_in_brackets(escape(description))}]({_quoted(address)})"

    def _children(self, children: Iterable[nodes.Node]) -> str:
        return "".join(self._write(child) for child in children)

    def _write(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return self._plain(str(node))
        assert isinstance(node, nodes.Element)
        if "spoken" in node:
            return f" {EMPHASIS}({escape(node['spoken'])}){EMPHASIS_END}"
        if self.skipped(node) or isinstance(node, _INVISIBLE):
            return ""
        if isinstance(node, nodes.literal):
            span = code_span(node.astext())
            return span.replace("|", r"\|") if self._in_table else span
        if isinstance(node, nodes.math):
            return self._formula(node)
        if isinstance(node, nodes.image):
            return self.picture(node)
        if isinstance(node, nodes.raw):
            return _visible_html(node)
        if isinstance(node, _FOOTNOTES):
            return f"<sup>[{escape(node.astext())}]</sup>"
        if isinstance(node, nodes.reference):
            return self._link(node, node.get("refuri") or _anchor(node))
        if isinstance(node, addnodes.download_reference) and "filename" in node:
            return self._link(node, self.picture_urls.get(node["reftarget"], ""))
        inside = self._children(node.children)
        if isinstance(node, _STRONG):
            return f"{STRONG}{inside}{STRONG_END}" if inside.strip() else inside
        if isinstance(node, _EMPHASIS):
            return f"{EMPHASIS}{inside}{EMPHASIS_END}" if inside.strip() else inside
        if isinstance(node, nodes.superscript):
            return f"<sup>{inside}</sup>"
        if isinstance(node, nodes.subscript):
            return f"<sub>{inside}</sub>"
        return inside

    def _plain(self, text: str) -> str:
        text = escape(re.sub(r"[ \t\r\n]+", " ", text))
        return text.replace("|", r"\|") if self._in_table else text

    def _formula(self, node: nodes.math) -> str:
        tex = " ".join(node.astext().split())
        if self._in_table:  # a bar would end the cell
            tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        return f"${tex}$"

    def _link(self, node: nodes.Element, uri: str) -> str:
        address = "" if self._in_link else self.address(uri)
        if not address:
            return self._children(node.children)
        self._in_link = True
        inside = self._children(node.children)
        self._in_link = False
        if not inside.strip():
            return ""
        # Emphasis would have the bracket as its neighbour: better outside than lost.
        return f"[{_in_brackets(finish(inside))}]({_quoted(address)})"


def _anchor(node: nodes.Element) -> str:
    return f"#{node['refid']}" if "refid" in node else ""


def _in_brackets(text: str) -> str:
    """Text for the brackets of a link: brackets of its own need a backslash."""
    code = re.compile(r"(`+[^`]*`+|\$[^$]*\$|!\[[^\]]*\]\([^)]*\))")
    parts = code.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"(?<!\\)([\[\]])", r"\\\1", parts[index])
    return "".join(parts)


def _quoted(address: str) -> str:
    return quote(address, safe="/:?#@!$&'*+,;=%~._-")


def _visible_html(node: nodes.raw) -> str:
    """HTML that the author wrote, such as ``<br>``; not what decorates the web page."""
    if "html" not in node.get("format", "").split():
        return ""
    text = node.astext()
    return "" if re.match(r"\s*<(svg|script|style|!--)", text, re.I) else text.strip("\n")
