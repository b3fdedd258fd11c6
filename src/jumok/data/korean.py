"""Korean grammar in small: particles that fit the word before them, and forms of verbs.

Hangul syllables are numbered in Unicode by their letters, so both are a little arithmetic: a
syllable is ``0xAC00 + (initial · 21 + vowel) · 28 + final``.
"""

import unicodedata
from dataclasses import dataclass

__all__ = ["PARTICLES", "final_consonant", "with_particle", "add_final", "Predicate"]

FIRST, LAST = 0xAC00, 0xD7A3  # 가, 힣
FINALS: tuple[str, ...] = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

PARTICLES = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이었": ("이었", "였"),
    "이라": ("이라", "라"),
}
"""Particles by their form after a consonant, each with that form and the one after a vowel."""


def final_consonant(word: str) -> str:
    """The consonant that the last syllable of ``word`` ends in, or an empty text after a vowel.

    Raises:
        ValueError: the word doesn't end in a Hangul syllable, so it has to be read aloud first.

    >>> final_consonant("낙엽"), final_consonant("나무")
    ('ㅂ', '')
    """
    word = unicodedata.normalize("NFC", word)
    if not word or not FIRST <= ord(word[-1]) <= LAST:
        raise ValueError(f"expected a word that ends in a Hangul syllable, got {word!r}")
    return FINALS[(ord(word[-1]) - FIRST) % len(FINALS)]


def with_particle(word: str, particle: str, between: str = "") -> str:
    """``word`` with a particle of `PARTICLES` in the form that its last sound asks for.

    ``between`` is put between the two, such as a mark for a tokenizer.

    >>> with_particle("낙엽", "은"), with_particle("나무", "은")
    ('낙엽은', '나무는')
    >>> with_particle("책", "으로"), with_particle("연필", "으로")  # ㄹ counts as a vowel here
    ('책으로', '연필로')
    """
    if particle not in PARTICLES:
        raise ValueError(f"particle must be one of {', '.join(PARTICLES)}, got {particle!r}")
    final = final_consonant(word)
    like_vowel = final == "" or (particle == "으로" and final == "ㄹ")
    return word + between + PARTICLES[particle][like_vowel]


def add_final(text: str, final: str) -> str:
    """``text`` with a consonant put under its last syllable, which must end in a vowel.

    >>> add_final("마셔", "ㅆ")
    '마셨'
    """
    if present := final_consonant(text):
        raise ValueError(f"{text!r} ends in {present} already, no room for {final}")
    return text[:-1] + chr(ord(text[-1]) + FINALS.index(final))


def drop_final(text: str) -> str:
    """``text`` without the consonant that its last syllable ends in."""
    return text[:-1] + chr(ord(text[-1]) - FINALS.index(final_consonant(text)))


@dataclass(frozen=True)
class Predicate:
    """A verb or an adjective, from which its forms are made.

    Attributes:
        stem: the dictionary form without 다, such as 듣.
        infinitive: the form with 아 or 어, such as 들어.
        before_vowel: what the stem becomes before 으, such as 들으, if that is irregular.
        is_adjective: adjectives make some forms in another way: 좋다, but 읽는다.

    >>> read = Predicate("읽", "읽어")
    >>> print(*(read.form(name) for name in Predicate.FORMS))
    읽어요 읽었어요 읽고 있어요 읽을 거예요 읽고 읽지만 읽으면서 읽는다 읽었다 읽는
    >>> bake, dull = Predicate("굽", "구워", "구우"), Predicate("재미없", "재미없어", None, True)
    >>> bake.form("future"), dull.form("adnominal"), dull.form("plain")
    ('구울 거예요', '재미없는', '재미없다')
    """

    stem: str
    infinitive: str
    before_vowel: str | None = None
    is_adjective: bool = False

    FORMS = (
        *("present", "past", "progressive", "future", "and", "but", "while"),
        *("plain", "plain_past", "adnominal"),
    )

    def form(self, name: str) -> str:
        """The form of that name, one of `FORMS`: polite, joining, plain or before a noun."""
        if name not in self.FORMS:
            raise ValueError(f"form must be one of {', '.join(self.FORMS)}, got {name!r}")
        return str(getattr(self, f"_{name}")())

    def _present(self) -> str:
        return self.infinitive + "요"

    def _past(self) -> str:
        return add_final(self.infinitive, "ㅆ") + "어요"

    def _progressive(self) -> str:
        return self.stem + "고 있어요"

    def _future(self) -> str:
        base = self._before_vowel()
        return (base if final_consonant(base) else add_final(base, "ㄹ")) + " 거예요"

    def _and(self) -> str:
        return self.stem + "고"

    def _but(self) -> str:
        return self.stem + "지만"

    def _while(self) -> str:
        return self._before_vowel() + "면서"

    def _plain(self) -> str:
        if self.is_adjective:
            return self.stem + "다"
        final = final_consonant(self.stem)
        if final in ("", "ㄹ"):
            return add_final(drop_final(self.stem), "ㄴ") + "다"
        return self.stem + "는다"

    def _plain_past(self) -> str:
        return add_final(self.infinitive, "ㅆ") + "다"

    def _adnominal(self) -> str:
        if self.is_adjective and self.stem[-1] not in "있없":
            return add_final(drop_final(self._before_vowel()), "ㄴ")
        stem = drop_final(self.stem) if final_consonant(self.stem) == "ㄹ" else self.stem
        return stem + "는"

    def _before_vowel(self) -> str:
        """The stem with 으 where it ends in a consonant other than ㄹ."""
        if self.before_vowel is not None:
            return self.before_vowel
        return self.stem if final_consonant(self.stem) in ("", "ㄹ") else self.stem + "으"
