"""Rules that hold in every language: the translation keeps what is not words.

Each rule is a function that takes a pair and yields what is wrong with it, one line each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sphinx_cjk_emphasis import leftover_marks

from .catalogs import Pair

Rule = Callable[[Pair], Iterator[str]]

RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return register


# -- what stands in both ----------------------------------------------------------------------

#: Kinds of parts with a rule of their own; every other kind is a role.
_KINDS = {
    "code": ("code", "code span `{}`"),
    "math": ("maths", "formula ${}$"),
    "link": ("links", "link to {}"),
    "image": ("links", "image {}"),
    "footnote": ("footnotes", "footnote [^{}]"),
    "substitution": ("substitutions", "substitution {{{{{}}}}}"),
    "html": ("html", "HTML {}"),
    "span": ("spans", "attributes {{{}}}"),
}


def _differences(pair: Pair) -> Iterator[tuple[str, str]]:
    """Rule and message for each part that one side has more often than the other."""
    original, translated = pair.original.parts, pair.translated.parts
    for part in original.keys() | translated.keys():
        kind, value = part
        name, template = _KINDS.get(kind, ("roles", f"{{{{{kind}}}}}`{{}}`"))
        label = template.format(value)
        here, there = translated[part], original[part]
        if here < there:
            missing = f"{label} is missing" if not here else f"{label} stands {here} times"
            yield name, f"{missing}; the English has it {_times(there)}"
        elif here > there:
            extra = (
                f"{label} is not in the English" if not there else f"{label} stands {here} times"
            )
            yield name, extra if not there else f"{extra}; the English has it {_times(there)}"


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _part_rule(name: str) -> None:
    @rule(name)
    def check(pair: Pair) -> Iterator[str]:
        if not pair.is_maths and pair.original.parts != pair.translated.parts:
            yield from sorted(message for found, message in _differences(pair) if found == name)


for _name in sorted({name for name, _ in _KINDS.values()} | {"roles"}):
    _part_rule(_name)


@rule("displayed-maths")
def displayed_maths(pair: Pair) -> Iterator[str]:
    """A displayed formula is the same but for the words in ``\\text{…}``."""
    if pair.is_maths and _bare_formula(pair.source) != _bare_formula(pair.translation):
        yield "the displayed formula differs from the English"


def _bare_formula(text: str) -> str:
    without_words = re.sub(r"\\text(?:rm|it|bf)?\s*\{[^{}]*\}", r"\\text{}", text)
    return re.sub(r"\s+", "", without_words)


# -- what a reader would see -------------------------------------------------------------------

# Marks that have no business in running text unless the English shows them as well.
_MARKS = {
    "*": "emphasis that does not open or close",
    "_": "emphasis that does not open or close",
    "`": "code that does not open or close",
    "$": "a formula that does not open or close",
    "{": "a brace that belongs to a role or attributes",
    "}": "a brace that belongs to a role or attributes",
    "[": "a bracket that belongs to a link",
    "]": "a bracket that belongs to a link",
    "<": "a target or tag that is not read as one",
    ">": "a target or tag that is not read as one",
    "\\": "a backslash that escapes nothing",
    "|": "a bar that belongs to a table or a substitution",
    "~~": "a mark of deleted text",
    "^": "a mark of a footnote or exponent outside a formula",
    "::": "a mark of a directive",
}
_RAW_ROLE = re.compile(r":[a-z][\w:+.-]*:\s?$|\{[a-z][\w:+.-]*\}\s*$|^__?(?!\w)")


@rule("markup")
def markup(pair: Pair) -> Iterator[str]:
    """Marks that are still there once the message is rendered."""
    if pair.is_maths or pair.syntax == "plain":
        return
    original, translated = pair.original, pair.translated
    told = False
    for mark, what in _MARKS.items():
        if translated.plain.count(mark) > max(original.plain.count(mark), 0):
            told = True
            yield f"{mark} is left in the text: {what}{_context(translated.plain, mark)}"
    if not told and len(leftover_marks(translated.plain)) > len(leftover_marks(original.plain)):
        yield f"emphasis is not rendered: {leftover_marks(translated.plain)[0]}"
    for segment in re.split(r"[\U000f0000-\U000ffffd]", translated.visible)[:-1]:
        if _RAW_ROLE.search(segment):
            yield f"a role in another markup's syntax: {segment[-20:]!r} before a backtick"
    for title, target in translated.terms:
        if re.search(r"[<>`]", title) or not target:
            yield f"the role's title or target is broken: {title!r} <{target}>"


def _context(text: str, mark: str) -> str:
    index = text.rindex(mark)
    around = " ".join(text[max(0, index - 15) : index + 15].split())
    return f" (… {around} …)"


_PAIRS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "‘": "’",
    "“": "”",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
}
_LIST_NUMBER = re.compile(r"(?:^|(?<=[\s.,;:]))\d+\)|^\w\)")


def unbalanced(text: str) -> list[str]:
    """Brackets and quotation marks without their other half.

    >>> unbalanced("a (b) c) ‘d’"), unbalanced("1) first, 2) second")
    ([')'], [])
    """
    text = _LIST_NUMBER.sub(" ", text) if text.count(")") > text.count("(") else text
    text = (
        re.sub(r"(?<=[A-Za-z])’(?=[A-Za-z]|\s|$)", "", text) if "‘" not in text else text
    )  # the cat’s
    wanted: list[str] = []
    wrong: list[str] = []
    for character in text:
        if character in _PAIRS:
            wanted.append(_PAIRS[character])
        elif character in _PAIRS.values():
            if wanted and wanted[-1] == character:
                wanted.pop()
            else:
                wrong.append(character)
    opening = {close: start for start, close in _PAIRS.items()}
    wrong += [opening[close] for close in wanted]
    if text.count('"') % 2:
        wrong.append('"')
    return wrong


@rule("brackets")
def brackets(pair: Pair) -> Iterator[str]:
    """Brackets and quotation marks come in pairs."""
    if pair.is_maths:
        return
    wrong = unbalanced(pair.translated.visible)
    if wrong and not unbalanced(pair.original.visible):
        yield f"{' '.join(wrong)} has no other half"


@rule("emphasis")
def emphasis(pair: Pair) -> Iterator[str]:
    """Bold agrees in number; italics may grow, or turn into quotation marks, but not vanish."""
    if pair.is_maths or pair.syntax == "plain":
        return
    original, translated = pair.original.emphasis, pair.translated.emphasis
    if original["strong"] != translated["strong"]:
        here, there = (_times(side["strong"]) for side in (translated, original))
        yield f"bold {here}; the English has it {there}"
    quoted = len(re.findall(r"[‘“「『《〈]|\"[^\"]*\"", pair.translated.visible))
    if translated["em"] + quoted < original["em"] or (translated["em"] and not original["em"]):
        here, there = (_times(side["em"]) for side in (translated, original))
        yield f"italics {here}; the English has them {there}"


@rule("structure")
def structure(pair: Pair) -> Iterator[str]:
    """A message is one paragraph, and doesn't become a heading, a list or code by accident."""
    if pair.is_maths or pair.syntax == "plain":
        return
    original, translated = pair.original.blocks, pair.translated.blocks
    if original != translated:
        yield f"rendered as {_list(translated)}; the English is {_list(original)}"


def _list(blocks: tuple[str, ...]) -> str:
    return ", ".join(block.replace("_", " ") for block in blocks) or "nothing"
