"""Sentences with slots, in two languages: how they are filled, and where each name then stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from jumok.data.dates import Language
from jumok.data.korean import with_particle
from jumok.data.letters.vocabulary import ENTITIES, Setting, Word

__all__ = ["Mark", "particle", "Template", "Pattern"]

READINGS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
"""How Korean reads a digit: a particle follows its sound."""


class Mark(NamedTuple):
    """A stretch of a text that answers a question or is a name: which, and from where to where.

    >>> text, mark = "Yours, Min-su Kim", Mark("PER", 7, 17)
    >>> text[mark.start : mark.end]
    'Min-su Kim'
    """

    label: str
    start: int
    end: int


@cache
def particle(form: str, character: str) -> str:
    """The particle after a word that ends in ``character``, a Hangul syllable or a digit.

    >>> particle("을", "폰"), particle("을", "3"), particle("을", "5"), particle("으로", "7")
    ('을', '을', '를', '로')
    """
    character = READINGS.get(character, character)
    return with_particle(character, form).removeprefix(character)


class Template:
    """A sentence of one language with slots, as ``patterns.toml`` explains them.

    >>> template = Template("<what>{product} {kind}</what>{을} 샀습니다.", "ko")
    >>> product, kind = (Word({"": each}) for each in [("루미론", "Lumiron"), ("의자", "chair")])
    >>> text, marks = template.write({"product": product, "kind": kind})
    >>> text, [(mark.label, text[mark.start : mark.end]) for mark in marks]
    ('루미론 의자를 샀습니다.', [('MISC', '루미론'), ('what', '루미론 의자')])
    """

    PIECE = re.compile(
        r"\{(?P<article>a)\} |\{(?P<particle>[가-힣]+)\}"
        r"|\{(?P<slot>[a-z_]+)(?:\.(?P<column>\w+))?\}"
        r"|<(?P<open>\w+)>|</(?P<close>\w+)>"
    )

    def __init__(self, text: str, language: Language) -> None:
        self.text, self.language = text, language
        self.slots = {match["slot"] for match in self.PIECE.finditer(text) if match["slot"]}
        self.facts = {match["open"] for match in self.PIECE.finditer(text) if match["open"]}
        self._parts = list(self._cut())

    def _cut(self) -> Iterator[tuple[str, str, str]]:
        """The template in pieces: of what kind each is, and what it says."""
        end = 0
        for match in self.PIECE.finditer(self.text):
            if match.start() > end:
                yield "text", self.text[end : match.start()], ""
            end = match.end()
            if match["slot"]:
                yield "slot", match["slot"], match["column"] or ""
            elif match["article"]:
                following = self.PIECE.finditer(self.text, end)
                slot = next(piece for piece in following if piece["slot"])
                yield "article", slot["slot"], slot["column"] or ""
            else:
                kind = str(match.lastgroup)
                yield kind, match[kind], ""
        if end < len(self.text):
            yield "text", self.text[end:], ""

    def write(self, words: Mapping[str, Word]) -> tuple[str, list[Mark]]:
        """The sentence with these words in its slots, and its marks.

        >>> template = Template("It cost <price>{price}</price>.", "en")
        >>> template.write({"price": Word({"": ("9,000원", "9,000 won")})})
        ('It cost 9,000 won.', [Mark(label='price', start=8, end=17)])
        """
        written, marks, opened = "", [], 0
        for kind, content, column in self._parts:
            if kind == "text":
                written += content
            elif kind == "slot":
                text = words[content].text(self.language, column)
                if content in ENTITIES:
                    marks.append(Mark(ENTITIES[content], len(written), len(written) + len(text)))
                written += text
            elif kind == "particle":
                written += particle(content, written[-1])
            elif kind == "article":
                first = words[content].text(self.language, column)[0]
                written += "an " if first in "AEIOUaeiou" else "a "
            elif kind == "open":
                opened = len(written)
            else:
                marks.append(Mark(content, opened, len(written)))
        return written, marks


@dataclass(frozen=True, eq=False)
class Pattern:
    """Two templates that say the same, at the same place in a letter.

    Attributes:
        role: the place, such as ``"greeting"``.
        templates: one for each language.
        held_out: whether training never shows the pattern.
        sentiment: that of the letters it may stand in, if it matters.
        tones: the tones of these letters, if they matter.
        stories: what these letters are about, if it matters.
        needs: facts that a letter must tell, or ``"not …"``: for summaries and replies.

    >>> korean = Template("가격은 <price>{price}</price>입니다.", "ko")
    >>> english = Template("The price was <price>{price}</price>.", "en")
    >>> both = {"ko": korean, "en": english}
    >>> pattern = Pattern("price", both, tones=("polite",), needs=("not by",))
    >>> pattern.slots, pattern.facts
    (frozenset({'price'}), frozenset({'price'}))
    >>> pattern.fits(Setting("NEGATIVE", "angry", "defect", "audio"))
    False
    >>> pattern.suits(frozenset({"price"})), pattern.suits(frozenset({"price", "by"}))
    (True, False)
    """

    role: str
    templates: Mapping[str, Template]
    held_out: bool = False
    sentiment: str | None = None
    tones: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def fits(self, setting: Setting) -> bool:
        """Whether a letter of this setting may have the pattern."""
        return (
            self.sentiment in (None, setting.sentiment)
            and (not self.tones or setting.tone in self.tones)
            and (not self.stories or setting.story in self.stories)
        )

    def suits(self, facts: frozenset[str]) -> bool:
        """Whether a letter tells what the pattern needs."""
        return all(
            (need.removeprefix("not ") in facts) != need.startswith("not ") for need in self.needs
        )

    @cached_property
    def slots(self) -> frozenset[str]:
        """The slots to fill, in either language."""
        return frozenset[str]().union(*(each.slots for each in self.templates.values()))

    @cached_property
    def facts(self) -> frozenset[str]:
        """What the sentence tells, by the names of the questions."""
        return frozenset(self.templates["en"].facts)
