"""Particles that change with the sound before them: 은/는, 이/가, 을/를, 과/와, 으로/로."""

from __future__ import annotations

import re
from collections.abc import Iterator

from translation_checks.catalogs import Pair
from translation_checks.markup import PLACEHOLDER, Text

from .analysis import is_left_over, is_noun_with_particle, likelier
from .sound import Ending, ending_of_formula, ending_of_hangul, ending_of_word

# What may follow the particle for it to be one, and no word of its own (로그, 과정, 이것).
_MORE = r"(?:의|는|은|도|만|까지|부터|서|써|나|요|라도)*"
_PARTICLES = re.compile(
    rf"(?:(?P<topic>은|는)|(?P<subject>이|가)|(?P<object>을|를)"
    rf"|(?P<and>과|와){_MORE}|(?P<by>으로|로){_MORE})(?![가-힣])"
)
_AFTER_CONSONANT = {"topic": "은", "subject": "이", "object": "을", "and": "과", "by": "으로"}
_AFTER_VOWEL = {"topic": "는", "subject": "가", "object": "를", "and": "와", "by": "로"}


def right_particle(kind: str, ending: Ending) -> str:
    """The form of a particle after a sound.

    >>> right_particle("by", "l"), right_particle("object", "l"), right_particle("by", "consonant")
    ('로', '을', '으로')
    """
    if ending == "vowel" or (kind == "by" and ending == "l"):
        return _AFTER_VOWEL[kind]
    return _AFTER_CONSONANT[kind]


_BEFORE = re.compile(r"[A-Za-z0-9%][A-Za-z0-9%.,_\-]*$|[가-힣]$")


def ending_before(text: Text, index: int) -> tuple[str, Ending | None]:
    """The word before an index of the visible text, and how it ends when read aloud.

    Brackets are passed over, as in 어텐션(attention)은: the particle follows 어텐션.
    """
    visible = text.visible
    while index and visible[index - 1] in '"”':
        index -= 1
    if index and visible[index - 1] == ")":
        depth = 0
        for place in range(index - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(visible[place], 0)
            if not depth:
                before = visible[:place].rstrip(" ")
                # (금)은, ($x$)는: nothing before the bracket is read with it
                if not before or before != visible[:place]:
                    return "", None
                return ending_before(text, place)
        return "", None
    if index and PLACEHOLDER.match(visible[index - 1]):
        piece = text.piece_at(index - 1)
        assert piece is not None
        if piece.kind == "math":
            return f"${piece.value}$", ending_of_formula(piece.value)
        if piece.kind in ("code", "obj", "func", "class", "meth", "mod", "attr", "data"):
            return f"`{piece.value}`", _ending_of_code(piece.value)
        return "", None
    found = _BEFORE.search(visible[:index])
    if not found:
        return "", None
    word = found[0]
    if re.match(r"[가-힣]", word):
        return word, None  # Hangul words: the analyser knows where they end
    return word, ending_of_word(word)


def _ending_of_code(code: str) -> Ending | None:
    """``forward()`` and ``keepdim=True`` are read; what ends in another mark is not."""
    name = code.removesuffix("()")
    return ending_of_word(name) if re.fullmatch(r"(?:\w+=)?-?[~.\w-]+", name) else None


def wrong_particles(pair: Pair) -> Iterator[str]:
    """Each particle that doesn't fit the sound of what stands before it."""
    text = pair.translated
    for match in _PARTICLES.finditer(text.visible):
        start = match.start()
        if not start or re.match(r"[가-힣\s]", text.visible[start - 1]):
            continue
        kind = str(match.lastgroup)
        word, ending = ending_before(text, start)
        if ending is None:
            hangul = text.visible[start - 1]
            ending = ending_of_hangul(hangul)
        if ending is None and word and re.match(r"[가-힣]", word):
            ending = ending_of_hangul(word)
        if ending is None:
            continue
        right = right_particle(kind, ending)
        if match[kind] != right:
            yield f"{word}{match[kind]} should be {word}{right}"


_UNDECIDED = re.compile(
    r"은\(는\)|는\(은\)|을\(를\)|를\(을\)|이\(가\)|가\(이\)|과\(와\)|와\(과\)|\(으\)로|\(이\)라"
    r"|(?:은는|는은|을를|를을)(?![가-힣])"
)


def undecided_particles(pair: Pair) -> Iterator[str]:
    """은(는): a program can't know what stands before it, a translator can."""
    for match in _UNDECIDED.finditer(pair.translated.visible):
        yield f"{match[0]}: choose the particle that fits"


_NOUN = re.compile(r"(?<![가-힣])([가-힣]{1,12}?)(은|는|이|가|을|를|과|와|으로|로)(?![가-힣])")
_KINDS = {form: kind for kind, form in [*_AFTER_CONSONANT.items(), *_AFTER_VOWEL.items()]}
# Final syllables before a form that looks wrong but is right in very many verbs and nouns.
_USUAL = re.compile(
    r"[있없않같많좋짧넓높낮얕깊찾받맞읽넣묻씻묶웃]는$|[결효성초통경사투]과$|[평국작증단추첨]가$"
    r"|^(?:나|지|이|부|그|저|긋|짓|낫)(?:은|을)$"
)


def wrong_particles_after_nouns(pair: Pair) -> Iterator[str]:
    """모델는, 값를: the particle doesn't fit the Korean noun it follows."""
    for match in _NOUN.finditer(pair.translated.visible):
        noun, particle = match.groups()
        ending = ending_of_hangul(noun[-1])
        kind = _KINDS[particle]
        right = right_particle(kind, ending) if ending else particle
        if right == particle or _USUAL.search(match[0]):
            continue
        if is_noun_with_particle(noun + right) and (
            likelier(noun + right, match[0]) or is_left_over(match[0])
        ):
            yield f"{match[0]} should be {noun}{right}"
