"""Small damage to a good translation, of the kinds that happen in an editor.

Each function takes a random generator and a translation and returns a damaged one, or None where
there is nothing to damage. Used by the test of the checks and by tools/compare_linters.py.
"""

import random
import re
import unicodedata
from collections.abc import Callable

Damage = Callable[[random.Random, str], str | None]

DAMAGES: dict[str, Damage] = {}

ROLE = re.compile(r"\{([\w:]+)\}`([^`<>]*?)(?: <([^<>`]+)>)?`")
CODE = re.compile(r"(?<![`}])`[^`\n]+`(?!`)")
FORMULA = re.compile(r"(?<![\\$])\$[^$\n]+\$")
PARTICLES = {
    "은": "는",
    "는": "은",
    "이": "가",
    "가": "이",
    "을": "를",
    "를": "을",
    "과": "와",
    "와": "과",
}


def damage(name: str) -> Callable[[Damage], Damage]:
    def register(function: Damage) -> Damage:
        DAMAGES[name] = function
        return function

    return register


def one(
    rng: random.Random, pattern: re.Pattern[str], text: str, change: Callable[[re.Match[str]], str]
) -> str | None:
    """Change one of the places where a pattern matches."""
    found = list(pattern.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    changed = text[: match.start()] + change(match) + text[match.end() :]
    return changed if changed != text else None


def outside(text: str) -> str:
    """The text with other characters for code, formulas and roles, of the same length."""
    for pattern in (ROLE, CODE, FORMULA):
        text = pattern.sub(lambda match: "\x00" * len(match[0]), text)
    return text


def one_outside(
    rng: random.Random, pattern: str, text: str, change: Callable[[re.Match[str]], str]
) -> str | None:
    found = list(re.finditer(pattern, outside(text)))
    if not found:
        return None
    match = rng.choice(found)
    changed = text[: match.start()] + change(match) + text[match.end() :]
    return changed if changed != text else None


@damage("a role is lost")
def lose_role(rng: random.Random, text: str) -> str | None:
    return one(rng, ROLE, text, lambda match: match[2])


@damage("a role's target changes")
def change_target(rng: random.Random, text: str) -> str | None:
    return one(rng, ROLE, text, lambda match: match[0][:-2] + "x" + match[0][-2:])


@damage("a role's target gets lost")
def lose_target(rng: random.Random, text: str) -> str | None:
    pattern = re.compile(r"(\{[\w:]+\}`[^`<>]+?) <[^<>`]+>`")
    return one(rng, pattern, text, lambda match: match[1] + "`")


@damage("a backtick is lost")
def lose_backtick(rng: random.Random, text: str) -> str | None:
    return one(rng, re.compile("`"), text, lambda match: "")


@damage("code changes")
def change_code(rng: random.Random, text: str) -> str | None:
    return one(rng, CODE, text, lambda match: match[0][:-1] + "s`")


@damage("a formula changes")
def change_formula(rng: random.Random, text: str) -> str | None:
    return one(rng, FORMULA, text, lambda match: match[0][:-1] + "'$")


@damage("a dollar sign is lost")
def lose_dollar(rng: random.Random, text: str) -> str | None:
    return one(rng, re.compile(r"(?<!\\)\$"), text, lambda match: "")


@damage("an asterisk is lost")
def lose_asterisk(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"(?<!\\)\*", text, lambda match: "")


@damage("a bracket is lost")
def lose_bracket(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"[()‘’]", text, lambda match: "")


@damage("a brace is lost")
def lose_brace(rng: random.Random, text: str) -> str | None:
    return one(rng, re.compile(r"[{}](?=[\w:]*\}?`)"), text, lambda match: "")


@damage("an address changes")
def change_address(rng: random.Random, text: str) -> str | None:
    return one(rng, re.compile(r"\]\(([^)]+)\)"), text, lambda match: f"]({match[1]}x)")


@damage("a digit changes")
def change_digit(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"\d", text, lambda match: str((int(match[0]) + 3) % 10))


@damage("the English is left")
def leave_english(rng: random.Random, text: str) -> str | None:
    return None  # made from the message: see `damaged`


@damage("the full stop is lost")
def lose_stop(rng: random.Random, text: str) -> str | None:
    return text[:-1] if text.endswith("니다.") else None


@damage("letters in pieces")
def decompose(rng: random.Random, text: str) -> str | None:
    found = unicodedata.normalize("NFD", text)
    return found if found != text else None


@damage("a space too many")
def add_space(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"(?<=[가-힣]) (?=[가-힣])", text, lambda match: "  ")


@damage("the wrong particle after code or a formula")
def wrong_particle(rng: random.Random, text: str) -> str | None:
    pattern = re.compile(r"(?<=[`$])(은|는|이|가|을|를|과|와)(?![가-힣])")
    return one(rng, pattern, text, lambda match: PARTICLES[match[1]])


@damage("the wrong particle after a Korean noun")
def wrong_particle_after_noun(rng: random.Random, text: str) -> str | None:
    nouns = (
        "모델|토큰|단어|가중치|벡터|행렬|마스크|쿼리|디코더|인코더|점수|그림|페이지|코드|문장|패딩"
    )
    pattern = rf"(?<![가-힣])({nouns})(은|는|을|를|과|와|이|가)(?![가-힣])"
    return one_outside(rng, pattern, text, lambda match: match[1] + PARTICLES[match[2]])


@damage("a space before a particle")
def detach_particle(rng: random.Random, text: str) -> str | None:
    pattern = re.compile(r"(?<=[`$])(은|는|을|를|에서|으로|의)(?![가-힣])")
    return one(rng, pattern, text, lambda match: " " + match[1])


@damage("수 있다 without a space")
def attach_noun(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"(?<=[가-힣]) 수(?= [있없])", text, lambda match: "수")


@damage("때, 것 without a space")
def attach_dependent(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"(?<=[가-힣][할볼쓸될는]) (때|것)", text, lambda match: match[1])


@damage("해라체")
def plain_style(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"합니다\.", text, lambda match: "한다.")


@damage("해요체")
def friendly_style(rng: random.Random, text: str) -> str | None:
    return one_outside(rng, r"합니다\.", text, lambda match: "해요.")


@damage("a term run together")
def join_term(rng: random.Random, text: str) -> str | None:
    terms = "셀프 어텐션|크로스 어텐션|멀티 헤드|인과 마스크|층 정규화|어텐션 가중치|위치 인코딩"
    return one(rng, re.compile(terms), text, lambda match: match[0].replace(" ", ""))


@damage("a synonym of a term")
def use_synonym(rng: random.Random, text: str) -> str | None:
    synonyms = {"매개변수": "파라미터", "쿼리": "질의", "사영": "투영", "학습": "훈련"}
    synonyms |= {"인코더": "부호기", "디코더": "복호기", "내적": "점곱", "미세 조정": "미세 튜닝"}
    words = "|".join(synonyms)
    found = sorted({match[0] for match in re.finditer(rf"(?<![가-힣])(?:{words})", text)})
    return text.replace(word := rng.choice(found), synonyms[word]) if found else None


def damaged(name: str, rng: random.Random, source: str, translation: str) -> str | None:
    """A translation with one kind of damage."""
    if name == "the English is left":
        return source if len(re.findall(r"\b[a-z]{3,}\b", source)) >= 4 else None
    return DAMAGES[name](rng, translation)
