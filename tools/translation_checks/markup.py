"""What a reader sees of a message, and what the markup in it points to.

Markdown is read by markdown-it with the project's own MyST configuration, so that a mark which
does not open or close anything stays in the text here as it would on the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from sphinx_cjk_emphasis import cjk_emphasis_plugin

#: Roles whose text is translated and that point to nothing: only their number is compared.
TEXT_ROLES = frozenset({"abbr", "dfn", "emphasis", "guilabel", "sub", "sup", "strong", "title"})

_TITLE_AND_TARGET = re.compile(r"(.+?)\s*(?<!\\)<([^<>]*)>", re.S)
_SUBSTITUTION = re.compile(r"\{\{.*?\}\}")

# What stands in the visible text in place of code, a formula, …: one private-use character each.
_FIRST_PLACEHOLDER = 0xF0000

_RST = re.compile(
    r":(?P<role>[A-Za-z][\w:.+-]*):`(?P<body>[^`]+)`"
    r"|``(?P<literal>.+?)``(?!`)"
    r"|`(?P<reference>[^`]+)`__?(?!\w)"
    r"|`(?P<default>[^`]+)`"
    r"|(?<!\w)\|(?P<substitution>\S(?:[^|]*\S)?)\|(?!\w)"
    r"|\[(?P<note>#?[\w-]*|\*)\]_(?!\w)"
    r"|(?<![\w*])\*\*(?P<strong>\S(?:.*?\S)?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
    r"|(?P<address>https?://[^\s<>)\]]+[^\s<>)\].,;:!?'\"])",
    re.S,
)


@dataclass(frozen=True)
class Piece:
    """Something that is not running text: code, a formula, a role without words of its own."""

    kind: str
    value: str


@dataclass
class Text:
    """One side of a pair, taken apart."""

    parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    emphasis: Counter[str] = field(default_factory=Counter)
    blocks: tuple[str, ...] = ()
    visible: str = ""  # words as they are read, each piece one placeholder
    plain: str = ""  # words outside roles, links and emphasis: what leftover marks stand in
    own: str = ""  # the same outside emphasis, where words of another language are quoted
    pieces: list[Piece] = field(default_factory=list)
    inside: int = field(default=0, repr=False)  # depth of emphasis while it is read
    terms: list[tuple[str, str]] = field(default_factory=list)  # title and target of {term}

    def piece_at(self, index: int) -> Piece | None:
        """The piece whose placeholder stands at an index of the visible text."""
        if 0 <= index < len(self.visible):
            number = ord(self.visible[index]) - _FIRST_PLACEHOLDER
            if 0 <= number < len(self.pieces):
                return self.pieces[number]
        return None

    def words(self, replacement: str = " ") -> str:
        """The visible text with something else for each piece."""
        return PLACEHOLDER.sub(replacement, self.visible)

    def _add_piece(self, kind: str, value: str) -> None:
        self.visible += chr(_FIRST_PLACEHOLDER + len(self.pieces))
        self.plain += " "
        self.own += " "
        self.pieces.append(Piece(kind, value))

    def _add_words(self, words: str) -> None:
        self.visible += words
        self.plain += words
        self.own += words if not self.inside else ""

    def _add_title(self, words: str) -> None:
        self.visible += words
        self.plain += " "
        self.own += words if not self.inside else ""


PLACEHOLDER = re.compile(f"[{chr(_FIRST_PLACEHOLDER)}-{chr(_FIRST_PLACEHOLDER + 0xFFFD)}]")


def is_display_maths(text: str) -> bool:
    """Whether a message is a displayed formula, which gettext extracts without its fence.

    >>> is_display_maths(r"q \\cdot k = \\sum_i q_i k_i."), is_display_maths("Take $x_i$ twice.")
    (True, False)
    """
    if re.search(r"[`$]", text):
        return False
    if re.match(r"\s*\\begin\{", text):
        return True
    bare = re.sub(r"\\(?:text|operatorname|mathrm|mathit)\s*\{[^{}]*\}|\\[A-Za-z]+", " ", text)
    has_command = bool(re.search(r"\\[A-Za-z]+|[_^]\{", text))
    return has_command and not re.search(r"[^\W\d_]{3,}\s+[^\W\d_]{2,}", bare)


def _normal(text: str) -> str:
    return " ".join(text.split())


def _one_name(role: str) -> str:
    return role.removeprefix("py:")


class Markup:
    """Reads messages as a project's pages do."""

    def __init__(self, configuration: dict[str, Any] | None = None) -> None:
        known = {name: value for name, value in (configuration or {}).items() if _is_option(name)}
        self._parser: MarkdownIt = create_md_parser(MdParserConfig(**known), RendererHTML)
        self._parser.use(cjk_emphasis_plugin)
        self._substitutions = "substitution" in known.get("enable_extensions", ())

    def plain(self, text: str) -> Text:
        """An interface string: words alone."""
        return Text(blocks=("paragraph",), visible=text, plain=text, own=text)

    def myst(self, text: str) -> Text:
        """A message of a MyST page."""
        found = Text()
        tokens = self._parser.parse(text)
        found.blocks = tuple(
            token.type.removesuffix("_open")
            for token in tokens
            if token.level == 0 and token.nesting >= 0
        )
        for token in tokens:
            if token.type == "inline":
                if found.visible:
                    found._add_words("\n")
                self._inline(token.children or (), found)
            elif token.type in ("math_block", "amsmath", "math_block_label"):
                found.parts["math", _normal(token.content)] += 1
            elif token.type in ("fence", "code_block"):
                found.parts["code", token.content.strip()] += 1
            elif token.type == "html_block":
                found.parts["html", _normal(token.content)] += 1
            elif token.type == "footnote_reference_open":
                found.parts["footnote", str(token.meta["label"])] += 1
        return found

    def _inline(self, tokens: Iterable[Token], found: Text) -> None:
        for token in tokens:
            kind = token.type
            if kind == "text":
                self._words(token.content, found)
            elif kind in ("softbreak", "hardbreak"):
                found._add_words(" ")
            elif kind == "code_inline":
                found.parts["code", token.content] += 1
                found._add_piece("code", token.content)
            elif kind.startswith("math"):
                found.parts["math", _normal(token.content)] += 1
                found._add_piece("math", token.content)
            elif kind == "myst_role":
                self._role(token.meta["name"], token.content, found)
            elif kind == "link_open":
                found.parts["link", str(token.attrs.get("href", ""))] += 1
            elif kind == "image":
                found.parts["image", str(token.attrs.get("src", ""))] += 1
                found._add_piece("image", token.content)
            elif kind == "footnote_ref":
                found.parts["footnote", str(token.meta["label"])] += 1
                found._add_piece("footnote", str(token.meta["label"]))
            elif kind.startswith("substitution"):
                found.parts["substitution", _normal(token.content)] += 1
                found._add_piece("substitution", token.content)
            elif kind == "html_inline":
                found.parts["html", _normal(token.content)] += 1
            elif kind == "span_open":
                found.parts[
                    "span",
                    " ".join(f"{name}={value}" for name, value in sorted(token.attrs.items())),
                ] += 1
            elif kind in ("strong_open", "em_open", "s_open"):
                found.emphasis[kind.removesuffix("_open")] += 1
                found.inside += 1
            elif kind in ("strong_close", "em_close", "s_close"):
                found.inside -= 1

    def _words(self, words: str, found: Text) -> None:
        if not self._substitutions:
            # Not switched on: a reader would see the braces, unless a page defines them itself.
            for match in _SUBSTITUTION.finditer(words):
                found.parts["substitution", _normal(match[0][2:-2])] += 1
            words = _SUBSTITUTION.sub(" ", words)
        found._add_words(words)

    def _role(self, name: str, content: str, found: Text) -> None:
        name = _one_name(name)
        if name == "math":
            found.parts["math", _normal(content)] += 1
            found._add_piece("math", content)
            return
        if name == "code":
            found.parts["code", content] += 1
            found._add_piece("code", content)
            return
        if name in TEXT_ROLES:
            found.parts[name, ""] += 1
            found._add_title(content)
            return
        match = _TITLE_AND_TARGET.fullmatch(content)
        target = _normal(match[2] if match else content)
        found.parts[name, target] += 1
        if name == "term":
            found.terms.append((_normal(match[1] if match else content), target))
        if match:
            found._add_title(match[1])
        elif name == "term":
            found._add_title(content)
        else:
            found._add_piece(name, content)

    def docstring(self, text: str, translated: Text) -> Text:
        """A message of a page with docstrings: reStructuredText, unless it is the page's own.

        `` `name` `` is code in the page and a link in a docstring: the reading that agrees with
        the translation counts.
        """
        if re.search(r"\{[\w:.+-]+\}`", text):
            return self.myst(text)
        found = self.rst(text)
        if not re.search(r"``|:`|`_", text) and found.parts != translated.parts:
            as_page = self.myst(text)
            if as_page.parts == translated.parts:
                return as_page
        return found

    def rst(self, text: str) -> Text:
        """A docstring's message."""
        found = Text(blocks=("paragraph",))
        self._rst_into(text, found)
        return found

    def _rst_into(self, text: str, found: Text) -> None:
        last = 0
        for match in _RST.finditer(text):
            found._add_words(_unescaped(text[last : match.start()]))
            last = match.end()
            self._rst_piece(match, found)
        found._add_words(_unescaped(text[last:]))

    def _rst_piece(self, match: re.Match[str], found: Text) -> None:
        if match["role"]:
            self._role(match["role"], match["body"], found)
        elif match["literal"] is not None:
            found.parts["code", match["literal"]] += 1
            found._add_piece("code", match["literal"])
        elif match["reference"]:
            named = _TITLE_AND_TARGET.fullmatch(match["reference"])
            found.parts["link", named[2] if named else match["reference"]] += 1
            found._add_title(named[1] if named else match["reference"])
        elif match["default"]:
            self._role("obj", match["default"], found)
        elif match["substitution"]:
            found.parts["substitution", match["substitution"]] += 1
            found._add_piece("substitution", match["substitution"])
        elif match["note"] is not None:
            found.parts["footnote", match["note"].lstrip("#")] += 1
            found._add_piece("footnote", match["note"])
        elif match["address"]:
            found.parts["link", match["address"]] += 1
            found._add_words(match["address"])
        else:
            kind = "strong" if match["strong"] else "em"
            found.emphasis[kind] += 1
            found.inside += 1
            self._rst_into(match["strong"] or match["emphasis"], found)
            found.inside -= 1


def _unescaped(text: str) -> str:
    return re.sub(r"\\(\W)", r"\1", text)


def _is_option(name: str) -> bool:
    return name in MdParserConfig.__dataclass_fields__
