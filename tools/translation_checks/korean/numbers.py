"""Numbers as Korean writes them: 6,500만 is 65 million, 여섯 is 6."""

from __future__ import annotations

import re

_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_UNITS = {"십": 10, "백": 100, "천": 1000}
_BIG = {"만": 10**4, "억": 10**8, "조": 10**12}

_COMPOUND = re.compile(
    r"(?:\d[\d,]*(?:\.\d+)?\s*)?[십백천]?[만억조](?:\s*\d[\d,]*(?:\.\d+)?\s*[십백천]?[만억조]?)*"
    r"|\d[\d,]*(?:\.\d+)?\s*[십백천](?![가-힣]*하)"
    r"|(?<![가-힣])[십백천](?=\s*(?:개|명|번|배|가지|장|걸음|분의))"
)

#: Native and Sino-Korean words for the small numbers that are spelled out.
_WORDS = {
    0: "영 없",
    1: "하나 한 일 첫 첫째",
    2: "둘 두 이 둘째 양쪽",
    3: "셋 세 석 서 삼 셋째",
    4: "넷 네 넉 너 사 넷째",
    5: "다섯 오 다섯째",
    6: "여섯 육 여섯째",
    7: "일곱 칠",
    8: "여덟 팔",
    9: "아홉 구",
    10: "열 십",
    11: "열하나 열한 십일",
    12: "열둘 열두 십이",
    20: "스물 스무 이십",
    100: "백",
    1000: "천",
}
_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SMALL += ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"]
_SMALL += ["eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH_WORDS = {word: value for value, word in enumerate(_SMALL)}
_ENGLISH_WORDS |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_ENGLISH_WORDS |= {"dozen": 12, "hundred": 100, **_SCALES}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fifth": 5,
    "eighth": 8,
    "ninth": 9,
    "twelfth": 12,
}
#: A half is 30 of an hour or a minute, 50 of a hundred, and so on.
_SHARES = {"half": (0.5, 30, 50, 6), "quarter": (0.25, 15, 25, 3), "per cent": (100,)}


def _word_value(word: str) -> int | None:
    """The value of a number word: cardinal, ordinal, fraction or plural ("tens").

    >>> [_word_value(word) for word in ("twenty-fifth", "millionth", "tens", "house")]
    [25, 1000000, 10, None]
    """
    first, _, second = word.partition("-")
    if second:
        values = (_word_value(first), _word_value(second))
        return values[0] + values[1] if values[0] and values[1] else None
    if word in _ORDINALS:
        return _ORDINALS[word]
    for ending, replacement in (("", ""), ("s", ""), ("ths", ""), ("th", ""), ("ieth", "y")):
        if word.endswith(ending):
            stem = word.removesuffix(ending) + replacement
            if stem in _ENGLISH_WORDS:
                return _ENGLISH_WORDS[stem]
    return None


def _number(text: str) -> float:
    return float(text.replace(",", "") or 1)


def korean_values(text: str) -> set[float]:
    """The values of the numbers in a Korean text.

    >>> sorted(korean_values("6,500만이 아니라 1억 100만, 그리고 12개"))
    [12.0, 65000000.0, 101000000.0]
    """
    values: set[float] = set()
    for match in _COMPOUND.finditer(text):
        total = 0.0
        for digits, unit, big in re.findall(
            r"(\d[\d,]*(?:\.\d+)?)?\s*([십백천])?([만억조])?", match[0]
        ):
            if digits or unit or big:
                part = _number(digits.strip(",")) * _UNITS.get(unit, 1) * _BIG.get(big, 1)
                total += part
        values.add(round(total, 6))
    rest = _COMPOUND.sub(" ", text)
    values |= {_number(found.rstrip(",")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", rest)}
    return values


def _english_values(text: str) -> set[float]:
    values: set[float] = set()
    scales = {1.0, *(float(_SCALES[word]) for word in _SCALES if word in text.lower())}
    for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text):
        values |= {round(_number(found.rstrip(",")) * scale, 6) for scale in scales}
    text = text.lower()
    for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text):
        for part in (word, *word.split("-")):
            value = _word_value(part)
            if value is not None:
                values.add(float(value))
    values |= {value for word, shares in _SHARES.items() if word in text for value in shares}
    return values


def told_otherwise(number: str, original: str, translated: str, *, extra: bool = False) -> bool:
    """Whether a number of the English is in the Korean in another form, or the reverse."""
    if extra:
        digits = re.escape(number)
        grouped = "".join(
            digit + (",?" if (len(number) - index) % 3 == 1 and index < len(number) - 1 else "")
            for index, digit in enumerate(number)
        )
        known = _english_values(original)
        for match in _COMPOUND.finditer(translated):
            if re.search(rf"(?<![\d.,])(?:{digits}|{grouped})(?![\d])", match[0]):
                return bool(korean_values(match[0]) & known)
        return number.count(".") <= 1 and float(number) in known
    if number.count(".") > 1:
        return False
    value = float(number)
    here = korean_values(translated)
    scales = [1, *(_SCALES[word] for word in _SCALES if word in original.lower())]
    if any(round(value * scale, 6) in here for scale in scales):
        return True
    words = _WORDS.get(int(value), "").split() if value == int(value) else []
    return any(re.search(rf"(?<![가-힣]){word}(?![가-힣]*하)", translated) for word in words)
