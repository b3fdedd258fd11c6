"""Each check of the translations finds what is planted, and leaves correct Korean alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "extensions")]

from translation_checks import Pair, Settings, check_pairs  # noqa: E402
from translation_checks.markup import Markup  # noqa: E402

SETTINGS = Settings.read(ROOT)
MARKUP = Markup(SETTINGS.myst)


def found(source: str, translation: str, **options: object) -> list[str]:
    """The rules that a pair breaks."""
    language = str(options.pop("language", "ko"))
    pair = Pair(Path("x.po"), 1, language, source, translation, MARKUP, **options)  # type: ignore[arg-type]
    return sorted({finding.rule for finding in check_pairs([pair], SETTINGS, language)})


# For each rule: pairs with a defect of that kind. The translation is right but for it.
DEFECTS: dict[str, list[tuple[str, str]]] = {
    "roles": [
        ("A {term}`mask` hides keys.", "마스크는 키를 가립니다."),
        ("A {term}`mask` hides keys.", "{term}`마스크(mask) <masks>`는 키를 가립니다."),
        ("See {doc}`/start/how-to-read`.", "{ref}`/start/how-to-read`를 보세요."),
        ("See {py:func}`jumok.f`.", "{py:func}`jumok.f`, {py:func}`jumok.g`를 보세요."),
        ("It is in {cite:t}`vaswani2017attention`.", "{cite:p}`vaswani2017attention`에 있습니다."),
        ("{doc}`Here </a/b>` and {doc}`there </a/c>`.", "{doc}`여기 </a/b>`와 {doc}`저기 </a/b>`."),
    ],
    "maths": [
        ("The width is $d_k$.", "폭은 $d_v$입니다."),
        ("The width is $d_k$.", "폭은 d_k입니다."),
        ("From $x$ to $y$.", "$x$에서 $x$까지."),
        ("Divide by $\\sqrt{d_k}$.", "$\\sqrt{d_{k}}$로 나눕니다."),
        ("The rank is $r$.", "랭크는 $r$이고, $n$보다 작습니다."),
    ],
    "code": [
        ("Call `forward()` first.", "먼저 `forward`를 부릅니다."),
        ("Call `forward()` first.", "먼저 부릅니다."),
        ("Both `a` and `b` work.", "`a`와 `a`가 모두 됩니다."),
        ("Write ``a`b`` here.", "여기에 ``a`c``라고 씁니다."),
        ("Set the flag.", "`flag`를 켭니다."),
    ],
    "links": [
        ("Read [this](https://a.org/x).", "[이 글](https://a.org/y)을 읽어 보세요."),
        ("Read [this](https://a.org/x).", "이 글을 읽어 보세요."),
        ("Go to <https://a.org>.", "<https://a.com>으로 가세요."),
        ("Go to <https://a.org>.", "https://a.org로 가세요."),
        ("See [below](#the-end).", "[아래](#끝)를 보세요."),
    ],
    "footnotes": [
        ("So it is.[^1]", "그렇습니다."),
        ("So it is.[^1]", "그렇습니다.[^2]"),
        ("So it is.[^why]", "그렇습니다.[^까닭]"),
        ("So[^a] it is.[^b]", "그렇습니다.[^a]"),
        ("So it is.", "그렇습니다.[^1]"),
    ],
    "substitutions": [
        ("Version {{ version }} is out.", "새 버전이 나왔습니다."),
        ("Version {{ version }} is out.", "{{ release }} 버전이 나왔습니다."),
        ("The newest is out.", "{{ version }} 버전이 나왔습니다."),
        ("{{ a }} and {{ b }}.", "{{ a }}와 {{ a }}."),
        ("By {{ author }}.", "{{ 저자 }} 씀."),
    ],
    "html": [
        ("Press <kbd>a</kbd>.", "<kbd>a를 누르세요."),
        ("Press <kbd>a</kbd>.", "a를 누르세요."),
        ("One<br>two.", "하나<hr>둘."),
        ("Just words.", "말<b>뿐</b>입니다."),
        ('<a id="x"></a>Here.', '<a id="y"></a>여기.'),
    ],
    "spans": [
        ("[A figure]{.caption}", "[그림]{.captoin}"),
        ("[A figure]{.caption}", "[그림]{#caption}"),
        ("A [small]{.s} and a [big]{.b} one.", "[작은]{.s} 것과 큰 것."),
        ("A [small]{.s} one.", "[작은]{.b} 것."),
        ("One figure.", "[그림]{.caption} 하나."),
    ],
    "displayed-maths": [
        ("\\frac{a_1}{b}", "\\frac{a_1}{c}"),
        ("q \\cdot k = \\sum_i q_i k_i.", "q \\cdot k = \\sum_j q_i k_i."),
        ("\\operatorname{softmax}(x)", "\\operatorname{소프트맥스}(x)"),
        ("\\begin{aligned} a &= b \\end{aligned}", "\\begin{aligned} a = b \\end{aligned}"),
        ("x^{2} + \\text{loss}", "x^{3} + \\text{손실}"),
    ],
    "markup": [
        ("**Bold** words.", "**굵은 말입니다."),
        ("**Bold** words.", "** 굵은** 말입니다."),
        ("The name `x` stays.", "이름 `x는 남습니다."),
        ("A length of $n$.", "길이는 $n입니다."),
        ("See {term}`mask`.", "{term}'mask'를 보세요."),
        ("See {term}`mask`.", "{term} `mask`를 보세요."),
        ("Read [this](https://a.org).", "[이 글] (https://a.org)을 읽어 보세요."),
        ("Read [this](https://a.org).", "[이 글][this]을 읽어 보세요."),
        ("See {py:func}`f`.", ":py:func:`f`를 보세요."),
        ("An *old* rule.", "*오래된 규칙입니다."),
    ],
    "brackets": [
        ("A mask (see below).", "마스크(아래 참고."),
        ("A mask (see below).", "마스크 아래 참고)."),
        ("Call it 'word'.", "‘단어라고 부릅니다."),
        ("A “table” of words.", "단어의 “표입니다."),
        ('A "table" of words.', '단어의 "표입니다.'),
    ],
    "emphasis": [
        ("**Never** do it.", "절대로 하지 마세요."),
        ("**Never** do it.", "*절대로* 하지 마세요."),
        ("**One** and **two**.", "**하나**와 둘."),
        ("Read *this* now.", "이것부터 읽으세요."),
        ("Read this now.", "**지금** 읽으세요."),
    ],
    "structure": [
        ("In 2017 it began.", "2017. 그때 시작했습니다."),
        ("A number.", "# 수"),
        ("Minus one.", "- 1입니다."),
        ("First, cut.", "1. 자릅니다."),
        ("One sentence.", "한 문장.\n\n또 한 문장."),
        ("He said so.", "> 그렇게 말했습니다."),
    ],
    "untranslated": [
        ("The mask hides the future.", "The mask hides the future."),
        ("attention weights", "attention weights"),
        ("Add the two vectors. Then divide.", "두 벡터를 더합니다. Then divide by two."),
        ("How to read this book", "How to read this book"),
        (
            "Cut it. Every query may attend to what is not padding.",
            "자릅니다. Every query may attend to what is not padding.",
        ),
        ("A *word* to the wise: begin early.", "A *word* to the wise: begin early."),
    ],
    "characters": [
        ("The mask.", "마스크\ufffd."),
        ("The mask.", "마\u200b스크."),
        ("The top.", "위\top."),
        ("The mask.", "\u1106\u1161스크."),
        ("The mask.", "ë§ˆìŠ¤í\x81¬."),
        ("The mask.", "마스크\ufeff."),
    ],
    "numbers": [
        ("It takes 30 steps.", "걸음이 필요합니다."),
        ("It takes 30 steps.", "13걸음이 필요합니다."),
        ("The loss is 0.25.", "손실은 0.52입니다."),
        ("About 65 million numbers.", "수가 약 650만 개입니다."),
        ("It was written in 2017.", "2018년에 썼습니다."),
        ("Take 1,000 words.", "단어를 10,000개 고릅니다."),
    ],
    "end": [
        ("The mask hides the future.", "마스크는 미래를 가립니다"),
        ("Masks", "마스크."),
        ("Look at the table:", "표를 봅시다"),
        ("Does the order of the words matter at all here?", "단어의 순서는 중요합니다."),
        ("The mask hides the future.", "마스크는 미래를 가립니다,"),
    ],
    "space": [
        ("The mask hides it.", "마스크는  가립니다."),
        ("The mask hides it.", "마스크는 가립니다. "),
        ("The mask hides it.", " 마스크는 가립니다."),
        ("First, then.", "먼저,  다음."),
        ("The `x` is it.", "`x`가  그것입니다."),
    ],
}

# Correct translations that none of the rules may report.
CORRECT: dict[str, list[tuple[str, str]]] = {
    "roles": [
        ("A {term}`mask` hides keys.", "{term}`마스크(mask) <mask>`는 키를 가립니다."),
        ("{term}`Keys <key>` meet {term}`queries <query>`.",
         "{term}`쿼리(query) <query>`가 {term}`키(key) <key>`를 만납니다."),
        ("See {doc}`/start/how-to-read`.", "{doc}`읽는 법 </start/how-to-read>`을 보세요."),
        ("See {py:func}`jumok.f`.", "{func}`jumok.f`를 보세요."),
        ("It is in {cite:t}`vaswani2017attention`.", "{cite:t}`vaswani2017attention`에 있습니다."),
    ],
    "maths": [
        ("From $x$ to $y$.", "$y$까지, $x$부터."),
        ("The width is {math}`d_k`.", "폭은 $d_k$입니다."),
        ("It costs \\$5.", "5달러입니다."),
        ("The sum $a +\n b$.", "합은 $a + b$입니다."),
        ("Divide by $\\sqrt{d_k}$.", "$\\sqrt{d_k}$로 나눕니다."),
    ],
    "code": [
        ("Both `a` and `b` work.", "`b`도 `a`도 됩니다."),
        ("Write ``a`b`` here.", "여기에 ``a`b``라고 씁니다."),
        ("Write `` ` `` here.", "여기에 `` ` ``라고 씁니다."),
        ("Write `a` here.", "여기에 ``a``라고 씁니다."),
        ("A `$x$` is no formula.", "`$x$`는 수식이 아닙니다."),
    ],
    "links": [
        ("Read [this](https://a.org/x).", "[이 글](https://a.org/x)을 읽어 보세요."),
        ("Go to <https://a.org>.", "<https://a.org>로 가세요."),
        ("[A](x) and [b](y).", "[나](y)와 [가](x)."),
        ("See [**the end**](#end).", "[**끝**](#end)을 보세요."),
        ("![A map](map.svg) of it.", "![지도](map.svg)입니다."),
    ],
    "footnotes": [
        ("So it is.[^1]", "그렇습니다.[^1]"),
        ("So[^a] it is.[^b]", "그렇습니다.[^b] 정말 그렇습니다.[^a]"),
        ("As `x[^1]` says.", "`x[^1]`처럼 합니다."),
        ("Why?[^why]", "왜 그럴까요?[^why]"),
        ("One.[^1] Two.[^2]", "하나.[^1] 둘.[^2]"),
    ],
    "substitutions": [
        ("Version {{ version }} is out.", "{{ version }} 버전이 나왔습니다."),
        ("{{a}} and {{ b }}.", "{{ b }}와 {{ a }}."),
        ("A `{{ x }}` in code.", "코드의 `{{ x }}`."),
        ("By {{ author }}.", "{{ author }} 씀."),
        ("The set $\\{1\\}$.", "집합 $\\{1\\}$."),
    ],
    "html": [
        ("Press <kbd>a</kbd>.", "<kbd>a</kbd>를 누르세요."),
        ("One<br>two.", "하나<br>둘."),
        ("If a < b, stop.", "a < b이면 멈춥니다."),
        ("Is 2 > 1?", "2 > 1일까요?"),
        ("<b>Now</b> go.", "<b>이제</b> 가세요."),
    ],
    "spans": [
        ("[A figure]{.caption}", "[그림]{.caption}"),
        ("[A figure]{#f .caption}", "[그림]{#f .caption}"),
        ("A [small]{.s} and a [big]{.b} one.", "[큰]{.b} 것과 [작은]{.s} 것."),
        ("[**A** figure]{.caption}", "[**그림**]{.caption}"),
        ("An array [1, 2].", "배열 [1, 2]."),
    ],
    "displayed-maths": [
        ("\\frac{a}{b}", "\\frac{a}{b}"),
        ("x^{2} + \\text{loss}", "x^{2} + \\text{손실}"),
        ("a_{i} = b_i\n\\qquad c", "a_{i} = b_i \\qquad c"),
        ("\\text{post-norm:} \\quad x_{1}", "\\text{사후 정규화:} \\quad x_{1}"),
        ("\\begin{aligned} a &= b \\end{aligned}", "\\begin{aligned} a &= b \\end{aligned}"),
    ],
    "markup": [
        ("**Attention** is it.", "**어텐션(attention)**이 그것입니다."),
        ("**The `x`** is it.", "**`x`**가 그것입니다."),
        ("Write 2 * 3 there.", "거기에 2 * 3이라고 씁니다."),
        ("A star\\* here.", "여기 별\\*이 있습니다."),
        ("A *word* and **two**.", "*말* 하나와 **둘**."),
        ("Use `a_b` and `*`.", "`a_b`와 `*`를 씁니다."),
    ],
    "brackets": [
        ("A mask (see below).", "마스크(아래 참고)."),
        ("It is the `(`.", "`(`입니다."),
        ("1) first 2) second", "1) 처음 2) 다음"),
        ("The cat's tail.", "고양이의 꼬리."),
        ('A "table" of ‘words’.', "‘단어’의 “표”."),
    ],
    "emphasis": [
        ("**Never** do it.", "**절대로** 하지 마세요."),
        ("Take *it*.", "*it*을 봅시다. *it*은 대명사입니다."),
        ("So *yay* is a word.", "‘야호’도 단어입니다."),
        ("Plain words.", "그냥 말입니다."),
        ("**One** and *two*.", "*둘*과 **하나**."),
    ],
    "structure": [
        ("In 2017 it began.", "2017년에 시작했습니다."),
        ("A number #1.", "1번 수 #1."),
        ("Minus 1.", "−1입니다."),
        ("One sentence. Two.", "두 문장을 하나로 합칩니다."),
        ("- one\n- two", "- 하나\n- 둘"),
    ],
    "untranslated": [
        ("PyTorch", "PyTorch"),
        ("(batch, heads, query, key)", "(batch, heads, query, key)"),
        ("`jumok.attention`", "`jumok.attention`"),
        ("$n_s$, $n_t$", "$n_s$, $n_t$"),
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("*the cat is on the mat* → so", "*the cat is on the mat* → 그래서"),
        ("A map of the cat is on the mat.", "the cat is on the mat의 지도입니다."),
        ("MIT", "MIT"),
    ],
    "characters": [
        ("The mask.", "마스크."),
        ("A–B … “c” — d", "A–B … “다” — 라"),
        ("Café.", "카페 Café."),
        ("−1 × 2 ≤ α", "−1 × 2 ≤ α"),
        ("한글 letters.", "한글 글자."),
    ],
    "numbers": [
        ("About 65 million numbers.", "수가 약 6,500만 개입니다."),
        ("Take 1,000 words.", "단어를 1000개 고릅니다."),
        ("Twelve rounded numbers.", "반올림한 숫자 12개."),
        ("It takes 30 steps of 2.", "2씩 서른 걸음, 곧 30걸음입니다."),
        ("With 6 and 2 tokens.", "토큰이 여섯 개와 두 개."),
        ("In half an hour.", "30분 만에."),
        ("The sum is 101 million, not 65.", "합은 6,500만이 아니라 1억 100만입니다."),
    ],
    "end": [
        ("How sure should it be?", "확신의 정도"),
        ("Look at the table:", "표를 봅시다."),
        ("Masks", "마스크"),
        ("And since it is orthogonal, the output is", "직교하므로 출력은 다음과 같습니다."),
        ("The map (left).", "지도(왼쪽)."),
        ("Does it matter?", "중요할까요?"),
    ],
    "space": [
        ("The mask hides it.", "마스크는 가립니다."),
        ("Two lines\nhere.", "여기에\n두 줄."),
        ("A `b  c` stays.", "`b  c`는 그대로입니다."),
        ("It is so. And so.", "그렇습니다. 그래서."),
        ("Words $a  b$.", "말 $a  b$."),
    ],
}  # fmt: skip


def cases(table: dict[str, list[tuple[str, str]]]) -> Iterator[object]:
    for rule, pairs in table.items():
        for number, (source, translation) in enumerate(pairs, 1):
            yield pytest.param(rule, source, translation, id=f"{rule}-{number}")


@pytest.mark.parametrize(("rule", "source", "translation"), cases(DEFECTS))
def test_a_planted_defect_is_found(rule: str, source: str, translation: str) -> None:
    assert rule in found(source, translation)


@pytest.mark.parametrize(("rule", "source", "translation"), cases(CORRECT))
def test_a_correct_translation_passes_every_rule(rule: str, source: str, translation: str) -> None:
    assert found(source, translation) == []


def test_every_rule_has_its_cases() -> None:
    assert DEFECTS.keys() == CORRECT.keys()
    for table in (DEFECTS, CORRECT):
        assert {rule: len(pairs) for rule, pairs in table.items() if len(pairs) < 5} == {}


def test_the_catalogs_of_this_project_pass() -> None:
    command = [sys.executable, "tools/check_translations.py"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
