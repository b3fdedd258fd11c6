"""Letters of customers, in Korean and English, sentence by sentence, with everything known of them.

A grammar writes them (``patterns.toml`` and ``vocabulary.toml`` beside this file). As it knows what
it writes, each letter comes with labels for six tasks: its sentiment, the names in it, questions
with their answers, a summary, its translation, and a reply. Positions count characters, so that
``text[start:end]`` is the name or the answer.

Training's letters never hold the names and the patterns of the two other splits. Companies,
products and parcel services are invented.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

from jumok.checks import check_choice
from jumok.data.dates import Language
from jumok.data.letters.counting import count_frames, count_letters
from jumok.data.letters.grammar import Draft, Grammar, Split, load_grammar
from jumok.data.letters.templates import Mark
from jumok.data.letters.vocabulary import ENTITIES

__all__ = [
    "Split",
    "Entity",
    "Question",
    "Letter",
    "letter",
    "letters",
    "count_letters",
    "count_frames",
    "LETTER_TO_AMAZON",
    "REPLY_CUES",
]

LETTER_TO_AMAZON = (
    "Dear Amazon, last week I ordered an Optimus Prime action figure \n"
    "from your online store in Germany. Unfortunately, when I opened the package, \n"
    "I discovered to my horror that I had been sent an action figure of Megatron \n"
    "instead! As a lifelong enemy of the Decepticons, I hope you can understand my \n"
    "dilemma. To resolve the issue, I demand an exchange of Megatron for the \n"
    "Optimus Prime figure I ordered. Enclosed are copies of my records concerning \n"
    "this purchase. I expect to hear from you soon. Sincerely, Bumblebee."
)
"""The letter that Tunstall et al. (2022, chapter 1) take through six tasks; no grammar wrote it."""

REPLY_CUES: dict[Language, str] = {"ko": "고객센터 답장:", "en": "Customer service response:"}
"""What stands between a letter and its reply, where one model reads both as one text."""

UNASKED = {"problem", "praise"}
"""Facts that are not asked for where they are missing: another sentence might hint at them."""


@dataclass(frozen=True)
class Entity:
    """A name in a letter: a person, an organisation, a place or a product.

    >>> letter("train", 3).entities("en")[2]
    Entity(label='LOC', text='Milan', start=107, end=112)
    """

    label: str
    """``"PER"``, ``"ORG"``, ``"LOC"`` or ``"MISC"``."""
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Question:
    """A question about a letter and its answer, a stretch of the letter; ``None`` if it has none.

    An answer that stands in the letter more than once is given where it stands first.

    >>> question = letter("train", 3).questions("en")[-1]
    >>> question.text, question.answer
    ('Whom did the customer have in mind?', None)
    """

    fact: str
    """What is asked for, such as ``"wanted"`` or ``"when"``; the same in both languages."""
    text: str
    answer: str | None
    start: int | None
    end: int | None


@dataclass(frozen=True, eq=False)
class Letter:
    """A letter in both languages, with its labels.

    Attributes:
        split: the split it was drawn from.
        draft: its patterns and words.

    >>> one = letter("train", 3)
    >>> one.split, "wanted" in one.draft.facts
    ('train', True)
    """

    split: str
    draft: Draft
    _grammar: Grammar = field(repr=False)
    _phrasing: int = field(repr=False)  # decides how questions are put, and which have no answer

    @property
    def sentiment(self) -> str:
        """``"NEGATIVE"`` or ``"POSITIVE"``.

        >>> letter("train", 3).sentiment
        'POSITIVE'
        """
        return self.draft.setting.sentiment

    @property
    def tone(self) -> str:
        """Polite, firm or angry if it complains, warm or delighted if it praises.

        >>> letter("train", 3).tone
        'delighted'
        """
        return self.draft.setting.tone

    @cached_property
    def _written(self) -> dict[Language, list[tuple[str, list[Mark]]]]:
        languages: tuple[Language, ...] = get_args(Language)
        return {
            language: [
                pattern.templates[language].write(self.draft.words)
                for pattern in self.draft.patterns
            ]
            for language in languages
        }

    def sentences(self, language: Language) -> tuple[str, ...]:
        """The sentences, from greeting to signature; those of the same index say the same.

        >>> one = letter("train", 3)
        >>> one.sentences("ko")[2], one.sentences("en")[2]
        ('가격은 197,000원이었습니다.', 'The price was 197,000 won.')
        """
        return tuple(text for text, _ in self._written[language])

    def text(self, language: Language) -> str:
        """The whole letter, one space between sentences.

        >>> letter("train", 3).text("en")[:36]
        'To the support team at Melowol Tech,'
        """
        return " ".join(self.sentences(language))

    def marks(self, language: Language) -> list[Mark]:
        """Every name and every fact in the text, in order.

        >>> one = letter("train", 3)
        >>> for mark in one.marks("en")[:4]:
        ...     print(mark.label, one.text("en")[mark.start : mark.end])
        ORG Melowol Tech
        company Melowol Tech
        MISC Nuaron 5
        what Nuaron 5 digital photo frame
        """
        found, start = [], 0
        for text, marks in self._written[language]:
            found += [Mark(mark.label, start + mark.start, start + mark.end) for mark in marks]
            start += len(text) + 1
        return found

    def entities(self, language: Language) -> tuple[Entity, ...]:
        """The names in the text, in order.

        >>> for entity in letter("train", 3).entities("ko"):
        ...     print(entity.label, entity.start, entity.end, entity.text)
        ORG 0 5 멜로월테크
        MISC 16 21 누아론 5
        LOC 30 33 밀라노
        PER 194 197 류수진
        """
        text = self.text(language)
        return tuple(
            Entity(mark.label, text[mark.start : mark.end], mark.start, mark.end)
            for mark in self.marks(language)
            if mark.label in ENTITIES.values()
        )

    def questions(self, language: Language) -> tuple[Question, ...]:
        """A question for each fact the letter tells, and one or two for facts it doesn't tell.

        Those of the same index ask the same in both languages.

        >>> for question in letter("train", 3).questions("en")[-3:]:
        ...     print(question.text, "|", question.answer)
        How much did the product cost? | 197,000 won
        Under which number is the order registered? | J-96775
        Whom did the customer have in mind? | None
        """
        text = self.text(language)
        answers: dict[str, Mark] = {}
        for mark in self.marks(language):
            if mark.label in self._grammar.questions:
                answers.setdefault(mark.label, mark)
        missing = [f for f in self._grammar.questions if f not in answers and f not in UNASKED]
        first = self._phrasing % len(missing)
        chosen = (missing[first:] + missing[:first])[: 1 + self._phrasing // 16 % 2]
        questions = []
        for place, fact in enumerate(self._grammar.questions):
            if fact in answers or fact in chosen:
                wordings = self._grammar.questions[fact]
                wording = wordings[(self._phrasing >> place) % len(wordings)]
                _, start, end = answers.get(fact, (fact, None, None))
                answer = None if start is None else text[start:end]
                asked = wording[language == "en"]
                questions.append(Question(fact, asked, answer, start, end))
        return tuple(questions)

    def summary(self, language: Language) -> str:
        """What the letter says, in one sentence.

        >>> from textwrap import fill
        >>> print(fill(letter("train", 3).summary("en"), 90))
        Su-jin Ryu, who bought a Nuaron 5 digital photo frame from Melowol Tech, praises the long
        battery life and wants colour samples.
        """
        facts = self.draft.facts
        pattern = next(each for each in self._grammar.summaries if each.suits(facts))
        return pattern.templates[language].write(self.draft.words)[0]

    def reply(self, language: Language) -> str:
        """What the company answers.

        >>> print(*letter("train", 3).reply("en").split(". "), sep=".\\n")
        Dear Su-jin Ryu, Thank you for your kind words about the Nuaron 5 digital photo frame.
        Your praise of the long battery life encourages us greatly.
        We will send you colour samples within a week.
        Kind regards, the Melowol Tech support team
        """
        facts = self.draft.facts
        return " ".join(
            each.templates[language].write(self.draft.words)[0]
            for each in self._grammar.replies
            if each.suits(facts)
        )

    def prompt(self, language: Language) -> str:
        """The letter and the cue after which its reply stands.

        >>> letter("train", 3).prompt("en")[-55:]
        'Yours faithfully, Su-jin Ryu Customer service response:'
        """
        return f"{self.text(language)} {REPLY_CUES[language]}"


def letter(split: Split, index: int, *, seed: int = 0) -> Letter:
    """The letter of that number, the same whatever other letters were drawn before.

    ``"train"`` is to learn from. ``"new names"`` has training's patterns with people, companies,
    places, products and full dates that training never shows. In ``"new patterns"``, one sentence
    at least has a pattern, too, that training never shows.

    >>> one = letter("train", 3)
    >>> one.sentiment, one.tone
    ('POSITIVE', 'delighted')
    >>> for korean, english in zip(one.sentences("ko")[:5], one.sentences("en"), strict=False):
    ...     print(korean, english, sep="\\n")
    멜로월테크 고객지원팀 귀중.
    To the support team at Melowol Tech,
    누아론 5 디지털 액자를 밀라노 매장에서 구입한 날은 2029년 5월 27일입니다.
    The day I purchased the Nuaron 5 digital photo frame at your store in Milan was May 27, 2029.
    가격은 197,000원이었습니다.
    The price was 197,000 won.
    주문 번호는 J-96775입니다.
    The order number is J-96775.
    써 보니 배터리가 오래갑니다.
    Now that I have used it, I can say that the battery lasts a long time.
    """
    check_choice("split", split, get_args(Split))
    if index < 0:
        raise ValueError(f"index must be at least 0, got {index}")
    grammar = load_grammar()
    draw = random.Random(f"{split} {seed} {index}")
    draft = grammar.draw(draw, split)
    return Letter(split, draft, grammar, draw.getrandbits(32))


def letters(split: Split, count: int, *, start: int = 0, seed: int = 0) -> Iterator[Letter]:
    """``count`` letters of a split, from number ``start`` on; each is made when it is its turn.

    >>> [one.entities("en")[0].text for one in letters("new names", 3)]
    ['Pureunden Apparel', 'Pureuntera Appliances', 'Borambita Kitchen']
    """
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")
    if start < 0:
        raise ValueError(f"start must be at least 0, got {start}")
    return (letter(split, index, seed=seed) for index in range(start, start + count))
