"""How words, digits, letters and formulas end when they are read aloud in Korean.

Whether a particle is 은 or 는 depends on it. Where the reading isn't certain (step, top, $e^{s}$)
the answer is None, and nobody is told anything.
"""

from __future__ import annotations

import re
from typing import Literal

#: Ends in a vowel (는, 를, 가, 와, 로), in ㄹ (은, 을, 이, 과, 로) or in another consonant (으로).
Ending = Literal["vowel", "l", "consonant"]

_DIGITS: dict[str, Ending] = dict.fromkeys("2459", "vowel")
_DIGITS |= dict.fromkeys("178", "l") | dict.fromkeys("036", "consonant")

# The names of letters. R is 알 to some and 아르 to others.
_LETTERS: dict[str, Ending] = dict.fromkeys("ABCDEFGHIJKOPQSTUVWXYZ", "vowel")
_LETTERS |= {"L": "l", "M": "consonant", "N": "consonant"}

_GREEK = "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
_COMMANDS: dict[str, Ending] = dict.fromkeys(_GREEK.split(), "vowel")
_COMMANDS |= dict.fromkeys(["phi", "varphi", "chi", "psi", "omega", "infty"], "vowel")
_COMMANDS |= {"epsilon": "consonant", "varepsilon": "consonant"}

#: Readings that the spelling does not tell, or tells wrongly.
_READINGS: dict[Ending, str] = {
    "vowel": "bit broadcast cache float int le list logit mask mat object pipe query "
    "reshape shape torch true false weight bert the he she we me be logits",
    "consonant": "adam attention beam bin cat dict dim dropout git input it katex main map "
    "matplotlib nan none norm one output padding step sum top set python",
    "l": "babel bool eval kernel label model null pickle positional tuple",
}
_WORDS: dict[str, Ending] = {
    word: ending for ending, words in _READINGS.items() for word in words.split()
}
# Endings of English words whose reading is certain, the first that fits.
_SPELLING: tuple[tuple[str, Ending | None], ...] = (
    (r"(?:ight|eight|[sxnfcpl]t)", "vowel"),
    (r"(?:sk|rk|nk|lk)", "vowel"),
    (r"(?:[^i]lle|ille)", None),  # French as often as English
    (r"(?:le|l)", "l"),
    (r"(?:ng|n|m|ne|me)", "consonant"),
    (r"(?:se|ze|ce|ge|ve|ke|te|de|ue|ee|ie|re)", "vowel"),
    (r"(?:s|z|x|f|v|j|sh|ch|th|ph|d|r|w|y|a|i|o|u)", "vowel"),
)


def ending_of_hangul(character: str) -> Ending | None:
    """How a syllable ends; None for anything else.

    >>> [ending_of_hangul(syllable) for syllable in "가말산x"]
    ['vowel', 'l', 'consonant', None]
    """
    index = ord(character) - 0xAC00
    if not 0 <= index < 11172:
        return None
    final = index % 28
    return "vowel" if final == 0 else "l" if final == 8 else "consonant"


def ending_of_word(word: str) -> Ending | None:
    """How a word in Latin letters or digits ends.

    >>> [ending_of_word(word) for word in ("softmax", "NaN", "GPU", "model", "float16", "step")]
    ['vowel', 'consonant', 'vowel', 'l', 'consonant', 'consonant']
    >>> ending_of_word("shop") is None
    True
    """
    if not word or word[-1] in "'’":  # l', d': not Korean readings
        return None
    if word[-1].isdigit():
        return ending_of_number(word)
    if word[-1] == "%":
        return "vowel"  # 퍼센트
    found = re.search(r"[A-Za-z]+$", word)
    if not found:
        return None
    last = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", found[0])
    part = last[-1] if last else found[0]
    if found[0].lower() in _WORDS:
        return _WORDS[found[0].lower()]
    if part.lower() in _WORDS:
        return _WORDS[part.lower()]
    if part.isupper() or len(part) == 1:
        return _LETTERS.get(part[-1].upper())
    for pattern, ending in _SPELLING:
        if re.search(pattern + "$", part):
            return ending
    return None


def ending_of_number(number: str) -> Ending | None:
    """How a number ends: 10 is 십, 0.5 is 영 점 오.

    >>> [ending_of_number(number) for number in ("10", "0.5", "2017", "1,000", "33")]
    ['consonant', 'vowel', 'l', 'consonant', 'consonant']
    """
    return _DIGITS.get(number[-1])


def ending_of_formula(formula: str) -> Ending | None:
    """How a formula ends, where that is certain: a letter, an index, a number.

    >>> [ending_of_formula(text) for text in ("d_k", "n", r"d_{\\text{model}}", "W^Q", "x^2")]
    ['vowel', 'consonant', 'l', 'vowel', 'consonant']
    >>> ending_of_formula(r"\\frac{a}{b}") is None
    True
    """
    formula = formula.strip()
    formula = re.sub(r"\\(?:mathbf|mathrm|hat|bar|tilde|vec|boldsymbol)\s*", "", formula)
    if found := re.search(r"\^\{?(-?\w+)\}?$", formula):
        power = found[1]
        if power == "2":
            return "consonant"  # 제곱
        return _LETTERS.get(power) if power.isupper() else None
    if re.search(r"\^(?:\{[^{}]*\}|\\?\w+)$", formula):
        return None  # e^{-\\infty}: some read the power, some don't
    if re.search(r"\\(?:frac|binom|begin|end|right|top|choose)\b", formula):
        return None
    if found := re.search(r"_\{?\\(?:text|mathrm)\{([\w -]+)\}\}?$", formula):
        return ending_of_word(found[1])
    if found := re.search(r"\\([A-Za-z]+)\}?$", formula):
        return _COMMANDS.get(found[1])
    if found := re.search(r"(?:^|[_{ =+*·,(-]|[A-Za-z])([A-Za-z])\}?$", formula):
        return _LETTERS.get(found[1].upper()) if found[1] != "r" else None
    if found := re.search(r"(\d[\d.,{}]*)\}?$", formula):
        return ending_of_number(re.sub(r"[{},]", "", found[1]))
    return None
