"""Finding a Korean noun in a text, with what may follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .analysis import analyse

_PARTICLE = (
    "은|는|이|가|을|를|의|에|에서|에게|께|으로|로|과|와|랑|이랑|도|만|부터|까지|마다|조차|마저|밖에|뿐|처럼|같이|보다|라도|이라도|이나|나"
    "|든지|이든|라고|이라고|라는|이라는|란|이란|라면|이라면|면|이면|이며|며|이고|고|야|서|써|들|별|끼리"
    "|입니다|이다|입니까|일까요|인가요|인|임|일|이었|였|이지만|이므로|여서|이어서|이라서|라서|이에요|예요"
)
_FOLLOWS = re.compile(
    rf"(?:{_PARTICLE})*"
    r"(?:(?:하|한|할|함|합|했|해|되|된|될|됨|됩|됐|돼|시키|시킨|시킬|시킵|시켰|시켜|당하|받)[가-힣]*)?"
)
_SUFFIX = re.compile(r"(?:적|화|기|용|식|형|층|률|율|값|수|표|행렬|벡터)")


def spacing_pattern(name: str) -> str:
    """A pattern for a name whose words are run together, joined by a hyphen or cut.

    >>> bool(re.search(spacing_pattern("셀프 어텐션"), "셀프어텐션은"))
    True
    >>> bool(re.search(spacing_pattern("가중치"), "가 중치를"))
    True
    """
    words = name.split()
    if len(words) > 1:
        inner = r"(?:\s*|-)".join(re.escape(word) for word in words)
    elif len(name) >= 3 and re.fullmatch(r"[가-힣]+", name):
        inner = r"\s?".join(name)
    else:
        return r"(?!)"
    return rf"(?<![가-힣]){inner}"


def find_words(text: str, form: str) -> Iterator[re.Match[str]]:
    """Where a noun stands, whatever particle or ending follows.

    >>> [match[0] for match in find_words("파라미터를 훈련시킵니다", "훈련")]
    ['훈련']
    >>> list(find_words("주의하세요", "주의의"))
    []
    """
    words = r"[\s-]?".join(re.escape(word) for word in form.split())
    long_enough = len(form.replace(" ", "")) >= 4
    before = "" if long_enough else "(?<![가-힣])"
    for match in re.finditer(before + words, text):
        rest = re.match(r"[가-힣]*", text[match.end() :])
        if rest and _is_ending(match[0], rest[0], free=long_enough):
            yield match


def _is_ending(noun: str, rest: str, *, free: bool) -> bool:
    if not rest or _FOLLOWS.fullmatch(rest):
        return True
    if free or (len(noun) >= 3 and _SUFFIX.match(rest)):
        return True
    found, _ = analyse(noun.split()[-1] + rest)
    place = len(noun.split()[-1])
    after = next((morpheme for morpheme in found if morpheme.start >= place), None)
    clean = any(morpheme.end == place for morpheme in found)
    return bool(clean and after and after.tag[0] in "JEV" and after.tag != "VV")


def find_everyday_word(text: str, form: str) -> Iterator[re.Match[str]]:
    """Where a word is used as a noun rather than in a verb: 주의가, not 주의하세요."""
    for match in find_words(text, form):
        if not re.match(r"\s?(?:하|한|할|함|합|했|해|되|된|될|됩|깊)", text[match.end() :]):
            yield match
