"""Where a figure holds words for people: found by the structure of its markup, and replaced."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

ATTRIBUTES = r"(?:[^>\"']|\"[^\"]*\"|'[^']*')*"
_TAG = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>"
    rf"|<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]*)(?P<attributes>{ATTRIBUTES})>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?P<name>[\w:.-]+)\s*=\s*(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)')")
# HTML closes these by itself; in them nothing can be written.
_EMPTY = {"img", "br", "hr", "input", "wbr"}
_SKIPPED = {"style", "script", "metadata"}
_TABLE = {"th", "td", "caption"}
#: Matplotlib's group of the lines of one label.
_LABEL_GROUP = re.compile(r"text_\d+")
_UNITS = {"ns", "µs", "ms", "s", "min", "h", "kb", "mb", "gb", "tb", "px", "hz", "khz", "mhz"}


class Words(NamedTuple):
    """One message and where it stands: in one place, or in one for each line of a label."""

    places: tuple[tuple[int, int], ...]
    message: str
    is_alternative: bool = False
    is_common: bool = False


class _Element(NamedTuple):
    name: str
    attributes: dict[str, str]
    verbatim: bool
    common: bool
    svg_depth: int
    end: int  # of its opening tag


def is_language(text: str) -> bool:
    """Whether a text is language: it has a word that isn't a number, a symbol or a name of code.

    >>> [text for text in ("learning rate", "0.5 ms", "d_model", "QKᵀ/√d_k", "GELU", "6 × N",
    ...                    "head 1", "<END>", "층", "loss (bits)") if is_language(text)]
    ['learning rate', 'head 1', '층', 'loss (bits)']
    """
    pieces = re.split(r"[\s/=+·]+|(?<=\d)(?=[^\W\d_])", text)
    for before, piece in zip(["", *pieces], pieces, strict=False):
        is_unit = re.fullmatch(r"[\d.,]*\d", before) and piece.casefold() in _UNITS
        is_special = re.fullmatch(r"<.*>|\[.*\]", piece)  # tokens such as <END>, [MASK]
        if not is_unit and not is_special and _is_word(piece.strip(".,:;!?…\"'“”‘’()[]«»")):
            return True
    return False


def _is_word(piece: str) -> bool:
    parts = re.split(r"[-\N{EN DASH}'\N{RIGHT SINGLE QUOTATION MARK}]", piece)
    return bool(piece) and all(map(_is_plain, parts)) and any(map(_counts, parts))


def _is_plain(part: str) -> bool:
    """Letters only, and none of the raised, lowered or slanted ones of formulas."""
    kinds = {unicodedata.category(letter) for letter in part}
    styled = any(unicodedata.decomposition(letter).startswith("<") for letter in part)
    return kinds <= {"Ll", "Lu", "Lo", "Lt", "Mn", "Mc"} and not styled


def _counts(part: str) -> bool:
    """Written as words are: ``Loss``, ``값``; neither ``x``, ``GELU`` nor ``LayerNorm``."""
    if not part or part == part.lower() == part.upper():
        return bool(part)  # a script without capital letters
    return len(part) > 1 and part in (part.lower(), part.capitalize())


def find_words(markup: str, *, labels: bool = True) -> list[Words]:
    """Return the messages of a figure in the order in which they stand.

    Text alternatives and captions always; with ``labels`` also what is written or named inside a
    picture or a table, where it is language. What is data is left out: anything in an element with
    ``translate="no"`` or the class ``notranslate``. What an element of the class ``common-word``
    holds is marked as common to all figures.
    """
    found: list[Words] = []
    stack: list[_Element] = []
    label: list[tuple[int, int, bool]] = []  # runs of a <text>: start, end, begins a line
    group: list[list[tuple[int, int, bool]]] = []  # the <text>s of a label of several lines
    position = 0
    for tag in _TAG.finditer(markup):
        _read_run(markup, position, tag.start(), stack, label, found, labels=labels)
        position = tag.end()
        name = (tag["name"] or "").lower()
        if not name:
            continue
        if tag["close"]:
            closed = _close(stack, name)
            if closed and name == "text":
                if stack and _is_label_group(stack[-1]):
                    group.append(label)
                else:
                    found += _label(markup, label)
                label = []
            elif closed and _is_label_group(closed):
                found += _label_of_group(markup, group)
                group = []
            continue
        element = _open(tag, stack)
        found += _named(tag, element, labels=labels)
        if tag["attributes"].rstrip().endswith("/") or name in _EMPTY:
            continue
        stack.append(element)
    return sorted(words for words in found if words.message)


def _open(tag: re.Match[str], stack: list[_Element]) -> _Element:
    pairs = _ATTRIBUTE.finditer(tag["attributes"])
    attributes = {pair["name"].lower(): pair["a"] or pair["b"] or "" for pair in pairs}
    outer = stack[-1] if stack else None
    verbatim = outer.verbatim if outer else False
    if attributes.get("translate") in ("yes", ""):
        verbatim = False
    classes = attributes.get("class", "").split()
    if attributes.get("translate") == "no" or "notranslate" in classes:
        verbatim = True
    common = "common-word" in classes or bool(outer and outer.common)
    name = tag["name"].lower()
    depth = (outer.svg_depth if outer else 0) + (name == "svg")
    return _Element(name, attributes, verbatim, common, depth, tag.end())


def _close(stack: list[_Element], name: str) -> _Element | None:
    """Take an element off the stack, with what was left open in it."""
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth].name == name:
            element = stack[depth]
            del stack[depth:]
            return element
    return None


def _is_label_group(element: _Element) -> bool:
    return element.name == "g" and bool(_LABEL_GROUP.fullmatch(element.attributes.get("id", "")))


def _message(markup: str, start: int, end: int) -> str:
    return " ".join(html.unescape(markup[start:end]).split())


def _named(tag: re.Match[str], element: _Element, *, labels: bool) -> list[Words]:
    """The words in an opening tag: ``aria-label``, and the ``alt`` of an image."""
    wanted = {"aria-label", "alt"} if element.name == "img" else {"aria-label"}
    is_picture = element.name in ("svg", "figure", "img") and element.svg_depth <= 1
    found = []
    for pair in _ATTRIBUTE.finditer(tag["attributes"]):
        if pair["name"].lower() not in wanted:
            continue
        group = "a" if pair["a"] is not None else "b"
        start, end = (tag.start("attributes") + edge for edge in pair.span(group))
        message = html.unescape(pair[group])
        if is_picture or (labels and not element.verbatim and is_language(message)):
            found.append(Words(((start, end),), " ".join(message.split()), is_picture))
    return found


def _read_run(
    markup: str,
    start: int,
    end: int,
    stack: list[_Element],
    label: list[tuple[int, int, bool]],
    found: list[Words],
    *,
    labels: bool,
) -> None:
    """Note the text between two tags, according to the elements that it stands in."""
    if not stack or not markup[start:end].strip():
        return
    inner = stack[-1]
    names = [element.name for element in stack]
    place = ((start, end),)
    if "figcaption" in names:
        found.append(Words(place, _message(markup, start, end)))
    elif set(names) & _SKIPPED:
        return
    elif inner.common:
        found.append(Words(place, _message(markup, start, end), is_common=True))
    elif inner.svg_depth == 0:
        message = _message(markup, start, end)
        if labels and not inner.verbatim and _TABLE & set(names) and is_language(message):
            found.append(Words(place, message))
    elif inner.name in ("title", "desc"):
        own = names[-2] == "svg" and inner.svg_depth == 1  # the picture's, not that of a shape
        message = _message(markup, start, end)
        if own or (labels and not inner.verbatim and is_language(message)):
            found.append(Words(place, message, own and inner.name == "title"))
    elif labels and not inner.verbatim and "text" in names:
        moved = {"x", "y", "dy"} & set(inner.attributes)
        label.append((start, end, inner.name == "text" or bool(moved)))
    elif labels and not inner.verbatim and "foreignobject" in names:
        message = _message(markup, start, end)
        if is_language(message):
            found.append(Words(place, message))


def _label(markup: str, runs: list[tuple[int, int, bool]]) -> list[Words]:
    """The messages of a ``<text>``: one if its parts are lines, else one for each part."""
    if len(runs) > 1 and all(begins_line for _, _, begins_line in runs):
        return _lines(markup, [(start, end) for start, end, _ in runs])
    found = (Words(((start, end),), _message(markup, start, end)) for start, end, _ in runs)
    return [words for words in found if is_language(words.message)]


def _label_of_group(markup: str, texts: list[list[tuple[int, int, bool]]]) -> list[Words]:
    """The messages of Matplotlib's group of ``<text>`` elements, each a line of one label."""
    if len(texts) > 1 and all(len(runs) == 1 for runs in texts):
        return _lines(markup, [(start, end) for ((start, end, _),) in texts])
    return [words for runs in texts for words in _label(markup, runs)]


def _lines(markup: str, places: list[tuple[int, int]]) -> list[Words]:
    message = " ".join(_message(markup, start, end) for start, end in places)
    return [Words(tuple(places), message)] if is_language(message) else []


def replace_words(markup: str, translations: dict[str, str], *, labels: bool = True) -> str:
    """Return a figure with the translations of its messages in their places."""
    changes: list[tuple[int, int, str]] = []
    for words in find_words(markup, labels=labels):
        if (translation := translations.get(words.message)) is not None:
            lines = break_lines(translation, len(words.places))
            changes += [
                (start, end, html.escape(line))
                for (start, end), line in zip(words.places, lines, strict=True)
            ]
    pieces: list[str] = []
    position = 0
    for start, end, text in sorted(changes):
        pieces += [markup[position:start], text]
        position = end
    return "".join([*pieces, markup[position:]])


def break_lines(text: str, count: int) -> list[str]:
    """Break a text between words into ``count`` lines of about the same width.

    >>> break_lines("가로축의 이름 두 줄", 2)
    ['가로축의', '이름 두 줄']
    """
    target = _width(text) / count
    lines: list[str] = []
    current = ""
    for word in text.split() if count > 1 else [text]:
        longer = f"{current} {word}".strip()
        too_long = _width(longer) - target > target - _width(current)
        if current and too_long and len(lines) < count - 1:
            lines.append(current)
            current = word
        else:
            current = longer
    lines.append(current)
    return [*lines, *[""] * (count - len(lines))]


def _width(text: str) -> int:
    """The width of a text in half letters of Hangul."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
