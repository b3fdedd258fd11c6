"""The flanking rule of the CommonMark CJK-friendly Amendments, for markdown-it-py.

Source: *CommonMark CJK-friendly Amendments Specification*, sections 2.1 and 6.2,
https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Scanned, StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

# Wide characters that are pictures rather than letters (Emoji_Presentation=Yes). Only wide
# characters are looked up here, so the ranges may span narrow ones.
_WIDE_EMOJI = (
    (0x231A, 0x231B),
    (0x23E9, 0x23F3),
    (0x25FD, 0x2615),
    (0x2648, 0x2653),
    (0x267F, 0x267F),
    (0x2693, 0x2B55),
    (0x1F004, 0x1F1FF),
    (0x1F201, 0x1F201),
    (0x1F21A, 0x1F21A),
    (0x1F22F, 0x1F22F),
    (0x1F232, 0x1F236),
    (0x1F238, 0x1F23A),
    (0x1F250, 0x1F251),
    (0x1F300, 0x1FAFF),
)

# "Ambiguous" quotation marks that a variation selector turns into their full-width form.
_FULLWIDTH_QUOTATION_MARKS = frozenset("‘’“”")
_FULLWIDTH_SELECTOR = "\ufe01"


@functools.lru_cache(maxsize=4096)
def is_cjk(char: str) -> bool:
    """Whether ``char`` is a *CJK character*: wide, full-width or half-width, or Hangul; no emoji.

    >>> [is_cjk(char) for char in "은。한字a(✅"]
    [True, True, True, True, False, False, False]
    """
    code = ord(char)
    if 0x1100 <= code <= 0x11FF:  # Hangul letters; the vowels and finals are not "wide"
        return True
    if unicodedata.east_asian_width(char) not in ("W", "F", "H"):
        return False
    return not any(first <= code <= last for first, last in _WIDE_EMOJI)


def _is_punctuation(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


def _is_selector(char: str) -> bool:
    """Whether ``char`` is a variation selector that changes a shape but makes no emoji."""
    return "\ufe00" <= char <= "\ufe0e"


def _is_ideographic_selector(char: str) -> bool:
    return "\U000e0100" <= char <= "\U000e01ef"


class CJKStateInline(StateInline):
    """Inline state whose delimiter scan knows CJK characters."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """Tell whether the run of marks at ``start`` can open and can close emphasis.

        The beginning and the end of the text count as white space. ``canSplitWord`` is true for
        ``*`` and ``~``, false for ``_``.
        """
        marker = self.src[start]
        end = start
        while end < self.posMax and self.src[end] == marker:
            end += 1
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "

        # A variation selector belongs to the character before it.
        selector = ""
        if start > 1 and _is_selector(before):
            selector, before = before, self.src[start - 2]

        before_space = isWhiteSpace(ord(before))
        after_space = isWhiteSpace(ord(after))
        before_punctuation = _is_punctuation(before)
        after_punctuation = _is_punctuation(after)
        before_cjk = (
            is_cjk(before)
            or _is_ideographic_selector(before)
            or (before in _FULLWIDTH_QUOTATION_MARKS and selector == _FULLWIDTH_SELECTOR)
        )
        after_cjk = is_cjk(after)

        # CommonMark's two rules, with every CJK character as free as a punctuation mark outside
        # the emphasis, and CJK punctuation as free as a letter inside it.
        left_flanking = not after_space and (
            not (after_punctuation and not after_cjk)
            or before_space
            or before_punctuation
            or before_cjk
        )
        right_flanking = not before_space and (
            not (before_punctuation and not before_cjk)
            or after_space
            or after_punctuation
            or after_cjk
        )
        can_open = left_flanking and (canSplitWord or not right_flanking or before_punctuation)
        can_close = right_flanking and (canSplitWord or not left_flanking or after_punctuation)
        return Scanned(can_open, can_close, end - start)


def cjk_emphasis_plugin(md: MarkdownIt) -> None:
    """Make one markdown-it parser follow the CJK-friendly rule (a markdown-it-py plugin)."""
    inline = md.inline

    def parse(src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = CJKStateInline(src, md, env, tokens)
        inline.tokenize(state)
        for rule in inline.ruler2.getRules(""):
            rule(state)
        return state.tokens

    # The state's class is fixed in ParserInline.parse; everything else stays the parser's own.
    inline.parse = parse  # type: ignore[method-assign]
