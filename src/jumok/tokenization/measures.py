"""Into how many pieces texts are cut, and where."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jumok.data.sentences import BOUNDARY
from jumok.data.word_piece import SPECIAL_TOKENS

__all__ = [
    "Fertility",
    "fertility",
    "word_cuts",
    "particle_cuts",
]


@dataclass(frozen=True)
class Fertility:
    """Into how many tokens texts are cut: counts, and what they give together."""

    words: int
    """Stretches between white space; in Korean they are 어절, a word with its particles."""
    characters: int
    """White space not counted."""
    tokens: int
    unknown: int
    """How many of the tokens are unknown."""

    @property
    def tokens_per_word(self) -> float:
        """What the literature calls fertility."""
        return self.tokens / self.words

    @property
    def tokens_per_character(self) -> float:
        """In Korean, of a character that is a syllable; 1 is no better than single characters."""
        return self.tokens / self.characters

    @property
    def unknown_share(self) -> float:
        """The share of unknown tokens."""
        return self.unknown / self.tokens


def fertility(
    cut: Callable[[str], Iterable[str]], texts: Iterable[str], *, unknown: str = SPECIAL_TOKENS[1]
) -> Fertility:
    """Count what ``cut`` makes of texts.

    Raises:
        ValueError: there is not one token.

    >>> found = fertility(lambda text: ["the", "cat", "##s"], ["the cats"])
    >>> found.tokens_per_word, round(found.tokens_per_character, 2)
    (1.5, 0.43)
    """
    words = characters = tokens = unknowns = 0
    for text in texts:
        pieces = list(cut(text))
        words += len(text.split())
        characters += sum(map(len, text.split()))
        tokens += len(pieces)
        unknowns += pieces.count(unknown)
    if not tokens:
        raise ValueError("expected texts with at least one token")
    return Fertility(words, characters, tokens, unknowns)


def word_cuts(text: str, offsets: Iterable[tuple[int, int]]) -> set[int]:
    """Where tokens begin inside a word, as places in the text.

    Args:
        text: the text that was cut.
        offsets: of each token its start and end, as ``tokenizers`` gives them.

    >>> sorted(word_cuts("나무에서 잔다.", [(0, 2), (2, 4), (5, 6), (6, 7), (7, 8)]))
    [2, 6]
    """
    return {
        start
        for start, end in offsets
        if 0 < start < end and text[start].isalnum() and text[start - 1].isalnum()
    }


def particle_cuts(segmented: str) -> set[int]:
    """Where particles begin, as places in the text without its boundaries.

    Args:
        segmented: what `~jumok.data.sentences.Sentence` has under this name.

    >>> from jumok.data.sentences import sentences
    >>> segmented = sentences("train", 2, seed=1)[1].segmented
    >>> segmented.replace(BOUNDARY, "|"), sorted(particle_cuts(segmented))
    ('강아지|와 오리|가 벤치 위|에서 잤다.', [3, 7, 13])
    """
    found, place = set(), 0
    for part in segmented.split(BOUNDARY)[:-1]:
        place += len(part)
        found.add(place)
    return found
