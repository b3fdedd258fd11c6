"""Where GNU gettext breaks the lines of a .po file.

msgcat, msgmerge and Poedit break lines by Unicode's rules (UAX 14) as libunistring implements
them: between two syllables of Hangul, for instance, and before ``(`` only after a space. Other
libraries follow other versions of the rules, and each difference would be a changed line in
somebody's next diff. `BREAKS` is libunistring's table of pairs, read off its functions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from uniseg.linebreak import line_break

# For each class of character before a possible break, what holds before each class after it,
# in the same order:
# "/" a break, "." a break if there is a space, "x" none even then.
TABLE = """\
AL ././.xx//x.//../.x///...../xx
B2 /x./.xx//x.///./.x///////./xx
BA //./.xx//x////./.x///////./xx
BB .....xx..x.......x.........xx
NS //./.xx//x.///./.x///////./xx
CL //./xxx//x.///./.x/////.../xx
CP ././.xx//x.//../.x///./.../xx
EB //./.xx/.x.///./.x/////././xx
EM //./.xx//x.///./.x/////././xx
EX //./.xx//x.///./.x///////./xx
GL .....xx..x.......x.........xx
H2 //./.xx//x.///./.x/..//././xx
H3 //./.xx//x.///./.x/.///././xx
HL ././.xx//x.//../.x///...../xx
HY //./.xx//x////./.x///.///./xx
ID //./.xx//x.///./.x/////././xx
IN //./.xx//x.///./.x///////./xx
IS //./.xx//x.///./.x///.///./xx
JL //./.xx//x..././.x././/././xx
JT //./.xx//x.///./.x/.///././xx
JV //./.xx//x.///./.x/..//././xx
NU ././.xx//x.//../.x///...../xx
OP xxxxxxxxxxxxxxxxxxxxxxxxxxxxx
PO ././.xx//x.//../.x///..//./xx
PR ././.xx..x.......x.....//./xx
QU .....xx..x.......x....x....xx
RI //./.xx//x.///./.x///////..xx
SY //./.xx//x.//../.x///.///./xx
WJ .....xx..x.......x.........xx
"""
BREAKS = dict(row.split() for row in TABLE.splitlines())
COLUMN = {name: index for index, name in enumerate(BREAKS)}
OTHER_CLASSES = {"CB": "ID", "CJ": "NS"}  # all others that aren't in the table are letters
LETTERS = {"AL", "HL", "NU"}


def width(text: str) -> int:
    """The columns that a text takes in a terminal; Hangul and Hanja take two each."""
    return sum(map(character_width, text))


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


def character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"} and character != "\u00ad":
        return 0
    if "\u1160" <= character <= "\u11ff":
        return 0  # vowels and finals of decomposed Hangul stand in the columns of their initial
    return 2 if is_wide(character) else 1


def breaks(text: str) -> list[bool]:
    """For each character whether a line may be broken before it."""
    allowed = [False] * len(text)
    earlier, before, spaces, flags = "", "", 0, 0
    for index, character in enumerate(text):
        kind = line_break(character).name
        if kind == "SP":
            spaces += 1
            continue
        if kind in {"CM", "ZWJ"} and index and not spaces:
            continue  # belongs to the character before it
        if kind == "ZW":
            before, spaces = "ZW", 0
            continue
        kind = kind if kind in COLUMN else OTHER_CLASSES.get(kind, "AL")
        if before == "ZW":
            allowed[index] = True
        elif before:
            rule = BREAKS[before][COLUMN[kind]]
            if kind == "OP" and before in LETTERS and is_wide(character):
                rule = "/"  # a bracket of East Asian text stands by itself
            allowed[index] = rule == "/" or (rule == "." and spaces > 0)
            if earlier == "HL" and before in {"HY", "BA"} and not spaces:
                allowed[index] = False  # a hyphen in a Hebrew word
        flags = flags + 1 if kind == "RI" else 0
        if flags > 2 and flags % 2 and not spaces:  # a flag is a pair of these
            allowed[index] = True
        earlier, before, spaces = "" if spaces else before, kind, 0
    return allowed


def forbid_in_escapes(escaped: str, allowed: list[bool]) -> None:
    """Keep ``\\n`` and ``\\"`` whole, and the last ``\\n`` at its line."""
    index = 0
    while index < len(escaped):
        if escaped[index] == "\\" and index + 1 < len(escaped):
            allowed[index + 1] = False
            index += 1
        index += 1
    if escaped.endswith("\\n"):
        allowed[len(escaped) - 2] = False


def wrap(escaped: str, columns: int, first: int = 0) -> Iterator[str]:
    """Break a text at ``columns``; its first line begins at column ``first``."""
    allowed = breaks(escaped)
    forbid_in_escapes(escaped, allowed)
    start = 0  # of this line
    piece = 0  # where its last piece that can't be broken begins
    line_width, piece_width = first, 0
    for index in range(len(escaped) + 1):
        ends = index == len(escaped)
        if ends or allowed[index]:
            if piece > start and line_width + piece_width > columns:
                yield escaped[start:piece]
                start, line_width = piece, 0
            piece, line_width, piece_width = index, line_width + piece_width, 0
        if not ends:
            piece_width += character_width(escaped[index])
    yield escaped[start:]
