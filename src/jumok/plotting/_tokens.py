"""Tokens as a person reads them: Hangul composed, bytes decoded."""

import re
import unicodedata
from collections.abc import Sequence

# A letter of decomposed Hangul that stands alone is drawn on a dotted circle or not at all; the
# letters that Unicode has for showing it carry the same names.
_CONJOINING = re.compile("[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]")
_SPECIAL = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_SPACE = "\N{OPEN BOX}"


def _byte_alphabet() -> dict[str, int]:
    """The letter that byte-level BPE writes for each byte (Radford et al., 2019), reversed."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in shown}
    hidden = [byte for byte in range(256) if byte not in shown]
    return letters | {chr(256 + number): byte for number, byte in enumerate(hidden)}


_BYTES = _byte_alphabet()


def readable_tokens(tokens: Sequence[str]) -> list[str]:
    """What a page shows for the tokens of any tokenizer.

    - Decomposed Hangul is composed; a letter alone becomes the letter as it is printed.
    - The alphabet of byte-level BPE is decoded where all tokens are written in it; a leading space
      is shown as ``␣``. Bytes that are no whole character are shown as ``⟨EC⟩``.
    - A token of nothing but spaces is shown as ``␣``.
    - Marks that say how pieces join, ``##`` and ``▁``, stay: they are part of the vocabulary.

    >>> readable_tokens(["[CLS]", "ᄋ", "##ᅥ텐", "##션"])
    ['[CLS]', 'ㅇ', '##ㅓ텐', '##션']
    >>> readable_tokens(["<s>", "Ġì£¼", "ëª©", "íķ", "ľ"])
    ['<s>', '␣주', '목', '⟨ED 95⟩', '⟨9C⟩']
    """
    if _is_byte_level(tokens):
        tokens = [_decode(token) for token in tokens]
    return [_compose(token) for token in tokens]


def _compose(token: str) -> str:
    composed = unicodedata.normalize("NFC", token)
    composed = _CONJOINING.sub(lambda letter: _printed(letter[0]), composed)
    shown = "".join(f"U+{ord(c):04X}" if unicodedata.category(c) == "Cc" else c for c in composed)
    return shown if shown.strip() else _SPACE * max(1, len(shown))


def _printed(letter: str) -> str:
    """The compatibility letter of a conjoining one: HANGUL CHOSEONG KIYEOK is ㄱ."""
    sound = unicodedata.name(letter, "").rsplit(" ", 1)[-1]
    try:
        return unicodedata.lookup(f"HANGUL LETTER {sound}")
    except KeyError:
        return letter


def _is_byte_level(tokens: Sequence[str]) -> bool:
    """Whether these are written in bytes: all in the alphabet, and together proper UTF-8."""
    written = [token for token in tokens if not _SPECIAL.fullmatch(token)]
    together = "".join(written)
    if together.isascii() or not set(together) <= _BYTES.keys():
        return False
    data = bytes(_BYTES[letter] for letter in together)
    # A word such as "č" is in the alphabet, too, but stands for a control character there.
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "Ġ" in together  # a text that was cut in the middle of a character
    return True


def _decode(token: str) -> str:
    if _SPECIAL.fullmatch(token):
        return token
    data = bytes(_BYTES[letter] for letter in token)
    text = data.decode("utf-8", "surrogateescape")
    text = re.sub("^ | $", _SPACE, text).replace("\n", "⏎").replace("\t", "⇥")
    return re.sub("[\udc80-\udcff]+", lambda broken: _hexadecimal(broken[0]), text)


def _hexadecimal(broken: str) -> str:
    data = broken.encode("utf-8", "surrogateescape")
    return f"⟨{data.hex(' ').upper()}⟩"
