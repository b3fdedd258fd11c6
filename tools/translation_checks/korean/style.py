"""Politeness, punctuation and turns of phrase that give a translation away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from translation_checks.catalogs import Pair

# -- 합니다체 --------------------------------------------------------------------------------------

_SENTENCE_END = re.compile(r"([가-힣]+)([.?!…])(?=[\s’”\")\]]|$)")
_QUOTED = re.compile(r"‘[^’]*’|“[^”]*”|\"[^\"]*\"|\([^()]*\)")
_POLITE = re.compile(
    r"(?:니다|니까|세요|십시오|시다|까요|가요|나요)$"  # 합니다, 보세요, 봅시다, 할까요
)
_PLAIN = re.compile(
    r"(?:[^니]다|라|자|냐|니|[어아해여]|[았었했겠]어)$"  # 한다, 하라, 하자, 했어
)
_FRIENDLY = re.compile(r"(?:요|죠)$")


def wrong_register(pair: Pair) -> Iterator[str]:
    """A sentence that doesn't end as 합니다체 does; notes without a verb are free."""
    text = _QUOTED.sub(lambda match: " " * len(match[0]), pair.translated.visible)
    for match in _SENTENCE_END.finditer(text):
        word, mark = match.groups()
        if _POLITE.search(word):
            continue
        if _FRIENDLY.search(word):
            yield f"{word}{mark} is 해요체; these pages are written in 합니다체"
        elif mark != "?" and _is_plain(word):
            yield f"{word}{mark} is 해라체 or 해체; these pages are written in 합니다체"


def _is_plain(word: str) -> bool:
    if not _PLAIN.search(word):
        return False
    if word.endswith("다"):
        return True
    from .analysis import analyse

    found, _ = analyse(word + ".")
    return any(morpheme.tag == "EF" for morpheme in found[-2:])


# -- punctuation -----------------------------------------------------------------------------------

_FULL_WIDTH = re.compile(r"[，。！？：；（）［］｛｝～、｡＂＇％＝＋０-９Ａ-Ｚａ-ｚ\u3000]")


def wrong_punctuation(pair: Pair) -> Iterator[str]:
    """Full-width marks are Chinese or Japanese; Korean uses those of the keyboard."""
    text = pair.translated.visible
    for mark in sorted(set(_FULL_WIDTH.findall(text)) - set(pair.source)):
        yield f"{mark!r} is a full-width character"
    if "..." in text and "..." not in pair.original.visible:
        yield "three full stops instead of …"
    if re.search(r"[.,]{2}(?!\.)|[?!]{3,}", text.replace("...", "…")) and not re.search(
        r"[.,]{2}|[?!]{3,}", pair.original.visible
    ):
        yield "a mark stands twice"
    if re.search(r"(?<=[가-힣])[·ㆍ‧]{2,}|ㆍ|‧", text):
        yield "a middle dot that is not · (U+00B7)"


# -- 번역투 ----------------------------------------------------------------------------------------

_CASE = "(?:은|는|이|가|을|를|의|에|에게|로|과|와|도|만|에서)?(?![가-힣])"
_MANY = "수많은|많은|여러|모든|각각의|각|다양한|몇몇|대부분의|[0-9]+개의|두|세|네"
_PASSIVE = "보여|쓰여|불리어|불리워|불려|잊혀|나뉘어|놓여|담겨|모여|닫혀|읽혀|묶여|섞여|바뀌어"
_AGAIN = "(?:지|진|질|집|졌|져)"

#: A pattern and what to write instead.
_TURNS: tuple[tuple[str, str], ...] = (
    (r"에 ?의(?:해|하여|해서)(?![가-힣])", "say who does it, in the active voice"),
    (r"(?:을|를) (?:가지고|갖고|지니고) 있", "이/가 있다"),
    (
        rf"(?<![가-힣])(?:그것들?|그들|[이저]것들)(?!도|만){_CASE}",
        "name the thing, or leave it out",
    ),
    (rf"(?<![가-힣])(?:당신|그녀|귀하){_CASE}", "Korean leaves this pronoun out"),
    (rf"(?:{_MANY}) (?:[가-힣]+ )?[가-힣]+들{_CASE}", "the number already says it: without 들"),
    (rf"되어{_AGAIN}(?!지 않은 채)", "a double passive: 되다"),
    (rf"(?:{_PASSIVE}){_AGAIN}", "a double passive"),
    (r"행해(?:지|집|진|졌)", "하다"),
    (r"에 있어서?(?:의|는|도)?(?= [가-힣]+(?:을|를|이|가|은|는|에) )(?<=서)", "에서"),
    (r"에 있어서(?:의|는|도)?(?![가-힣])", "에서"),
    (r"(?:으로|로) 인(?:해|하여|해서)(?![가-힣])", "때문에, or a verb"),
    (r"에도 불구하고", "지만, 는데도"),
    (r"(?:을|를) 필요로 (?:하|한|합|할|했)", "이/가 필요하다"),
    (r"(?:으로|로) 하여금", "에게 … 하게"),
    (r"(?:으로|로)부터의", "에서 온"),
    (r"(?:으로|에)의 ", "에의, 으로의: a verb"),
    (r"에 위치(?:하|한|해)", "에 있다"),
    (r"하는 중(?:이다|입니다)|고 있는 중", "하고 있다"),
    (r"하는 것은 [^.?!]{1,40} 하는 것입니다", "하는 것 once"),
    (r"(?:^|[.?!,은는이가을를서] )하나의 (?![가-힣]+로 )[가-힣]", "an English article"),
    (r"(?:가장|매우) [가-힣]+(?:한|은|운) [가-힣 ]+ 중(?:의)? 하나", "one of the most …"),
    (r"(?:불)?가능하게 (?:만들|합니다|한다|해 줍)", "할 수 있다"),
)
_TRANSLATIONESE = tuple((re.compile(pattern), message) for pattern, message in _TURNS)


def translationese(pair: Pair) -> Iterator[str]:
    """Turns that carry English over instead of saying it in Korean."""
    text = pair.translated.visible
    told: set[str] = set()
    for pattern, message in _TRANSLATIONESE:
        found = pattern.search(text)
        if found and message not in told:
            told.add(message)
            yield f"{found[0].strip()!r}: {message}"
