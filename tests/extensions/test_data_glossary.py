"""One data file makes the glossary of every language, and terms link to it in each."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
import yaml
from sphinx_project import Build, Project

from sphinx_data_glossary import GlossaryError, load

ENTRIES = """\
- term: attention
  ko: 어텐션
  ja: アテンション
  synonyms: {ko: [주의, 주의 메커니즘], en: [attention mechanism]}
  avoid: {ko: [어텐숀]}
  ambiguous: [주의]
  definition:
    en: A weighted average.
    ko: 가중 평균입니다.
- term: Transformer
  ko: 트랜스포머
  definition:
    en: A model.
    ko: 모델입니다.
- term: logit
  definition: {en: "A number, before softmax: any."}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("glossary"), ["sphinx_data_glossary"])
    project.write("glossary.yml", ENTRIES)
    project.write("glossary.md", "# Glossary\n\n```{data-glossary}\n```\n")
    project.write(
        "index.md",
        "# Start\n\n```{toctree}\nglossary\n```\n\nRead about {term}`attention` and the "
        "{term}`Transformer`.\n",
    )
    project.catalog(
        "index",
        {
            "Read about {term}`attention` and the {term}`Transformer`.": "{term}`어텐션 "
            "<attention>`과 {term}`트랜스포머 <Transformer>`를 읽어 봅시다."
        },
    )
    return project


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    return project.build("en", "-n", "-W")


@pytest.fixture(scope="module")
def korean(project: Project) -> Build:
    return project.build("ko", "-n", "-W", "-D", "language=ko")


def test_each_language_has_its_own_words_and_the_same_ids(english: Build, korean: Build) -> None:
    assert english.returncode == korean.returncode == 0, english.output + korean.output
    in_english, in_korean = english.page("glossary"), korean.page("glossary")
    for identifier in ("term-attention", "term-Transformer"):
        assert f'id="{identifier}"' in in_english
        assert f'id="{identifier}"' in in_korean
    assert "A weighted average." in in_english
    assert "가중 평균입니다." in in_korean
    assert "A weighted average." not in in_korean
    assert "같은 말: 주의" in in_korean
    assert in_korean.index("어텐션") < in_korean.index("트랜스포머")


def test_terms_link_in_each_language(english: Build, korean: Build) -> None:
    assert 'href="glossary.html#term-attention"' in english.page("index")
    page = korean.page("index")
    assert 'href="glossary.html#term-Transformer"' in page
    assert "어텐션</span></a>과" in page


def test_nothing_of_the_data_goes_to_gettext(project: Project) -> None:
    build = project.build("gettext", builder="gettext")
    assert build.returncode == 0, build.output
    assert "weighted" not in build.page("glossary", ".pot")


def terms(build: Build) -> dict[str, list[object]]:
    """What the script of the cards hands over."""
    script = (build.folder / "_static" / "glossary-terms.js").read_text(encoding="utf-8")
    data = script.removeprefix("glossaryCards(").removesuffix(");\n")
    found, words = json.loads(f"[{data}]")
    assert set(words) == {"more"}
    return found


def test_cards_have_every_term_in_the_language_of_the_page(english: Build, korean: Build) -> None:
    others = {"ko": "어텐션", "ja": "アテンション"}
    in_english, in_korean = terms(english), terms(korean)
    average = ["attention", "", others, "A weighted average.", ""]
    assert in_english["term-attention"] == average
    others = {"en": "attention", "ja": "アテンション"}
    assert in_korean["term-attention"] == ["어텐션", "", others, "가중 평균입니다.", ""]
    # What has no translation says in which language it is.
    text = "A number, before softmax: any."
    assert in_korean["term-logit"] == ["logit", "en", {}, text, "en"]
    ids = set(re.findall(r'<dt id="(term-[^"]+)"', korean.page("glossary")))
    assert set(in_english) == set(in_korean) == ids


def test_pages_carry_the_script_but_not_the_definitions(korean: Build) -> None:
    page = korean.page("index")
    assert 'data-terms="glossary-terms.js"' in page
    assert "가중 평균" not in page
    assert "glossary-cards.css" in page
    assert "가중 평균" not in (korean.folder / "searchindex.js").read_text(encoding="utf-8")


def test_cards_can_be_left_out(project: Project) -> None:
    build = project.build("plain", "-D", "glossary_cards=0")
    assert "glossary-cards" not in build.page("index")
    assert not (build.folder / "_static" / "glossary-terms.js").exists()


def test_a_changed_definition_reaches_page_and_cards(tmp_path: Path) -> None:
    project = Project(tmp_path, ["sphinx_data_glossary"])
    project.write("index.md", "# Start\n\n```{data-glossary}\n```\n")
    project.write("glossary.yml", ENTRIES)
    project.build("en")
    project.write("glossary.yml", ENTRIES.replace("A model.", "A new model."))
    build = project.build("en")
    assert "A new model." in build.page("index")
    assert terms(build)["term-Transformer"][3] == "A new model."


def test_languages_of_names_are_marked(english: Build, korean: Build) -> None:
    others = '(<span lang="ko">어텐션</span>, <span lang="ja">アテンション</span>)'
    assert f'attention<span class="glossary-other"> {others}' in english.page("glossary")
    page = korean.page("glossary")
    assert '>어텐션<span class="glossary-other">(<span lang="en">attention' in page
    assert '<dt id="term-logit" lang="en">logit' in page
    assert '<p lang="en">A number, before' in page


def test_another_language_needs_no_code(project: Project) -> None:
    """Names from the file, the rest in the source language; a third language is only data."""
    japanese = project.build("ja", "-n", "-W", "-D", "language=ja")
    assert japanese.returncode == 0, japanese.output
    assert "アテンション" in japanese.page("glossary")
    assert terms(japanese)["term-attention"][0] == "アテンション"
    assert terms(japanese)["term-attention"][4] == "en"


def test_source_language_is_a_setting(tmp_path: Path) -> None:
    project = Project(
        tmp_path, ["sphinx_data_glossary"], language="ko", glossary_source_language="ko"
    )
    project.write("index.md", "# 처음\n\n{term}`어텐션`\n\n```{data-glossary}\n```\n")
    project.write("glossary.yml", "- term: 어텐션\n  en: attention\n  definition: {ko: 평균.}\n")
    build = project.build("ko", "-n", "-W")
    assert build.returncode == 0, build.output
    assert 'href="#term-uc5b4-d150-c158"' in build.page("index")
    assert terms(build)["term-uc5b4-d150-c158"][2] == {"en": "attention"}


BIBLIOGRAPHY = """\
@article{vaswani,
  author = {Vaswani, Ashish}, title = {Attention}, journal = {NeurIPS}, year = {2017}
}
"""


def test_sources_are_cited(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        ["sphinxcontrib.bibtex", "sphinx_data_glossary"],
        bibtex_bibfiles=["books.bib"],
        bibtex_reference_style="author_year",
    )
    project.write("books.bib", BIBLIOGRAPHY)
    text = ENTRIES.replace("  ambiguous:", "  source: vaswani\n  ambiguous:")
    project.write("glossary.yml", text)
    project.write("index.md", "# T\n\n```{data-glossary}\n```\n\n```{bibliography}\n```\n")
    build = project.build("en", "-n", "-W")
    assert build.returncode == 0, build.output
    (source,) = re.findall(r'<p class="glossary-source">(.*?)</p>', build.page("index"))
    assert "Source:" in source
    assert "Vaswani" in source
    assert "2017" in source
    assert 'href="#' in source
    project.write("glossary.yml", text.replace("source: vaswani", "source: nobody"))
    wrong = project.build("wrong", "-n", "-W")
    assert wrong.returncode == 1
    assert "nobody" in wrong.output


def test_entries_give_their_forms(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(ENTRIES.replace("어텐션", unicodedata.normalize("NFD", "어텐션")), "utf-8")
    attention, transformer, logit = load(path)
    assert attention.forms("ko") == ("어텐션", "주의", "주의 메커니즘")
    assert attention.forms("ko", ambiguous=False) == ("어텐션", "주의 메커니즘")
    assert attention.forms("en") == ("attention", "attention mechanism")
    assert attention.avoid == {"ko": ("어텐숀",)}
    assert attention.names() == {"en": "attention", "ko": "어텐션", "ja": "アテンション"}
    assert logit.forms("ko") == ()
    assert logit.name("ko") == "logit"
    assert transformer.line == 10


def test_name_that_is_the_same_in_both_languages_is_given_once(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(
        "- {term: BERT, ko: BERT, definition: {en: A model., ko: 모델입니다.}}\n"
        "- {term: mask, ko: 마스크, definition: {en: A table., ko: 표입니다.}}\n",
        encoding="utf-8",
    )
    bert, mask = load(path, "en")
    assert bert.other_names("ko") == {}
    assert mask.other_names("ko") == {"en": "mask"}


def test_words_of_yaml_stay_words(tmp_path: Path) -> None:
    """A language called no, a term called yes, a synonym like a number."""
    path = tmp_path / "glossary.yml"
    path.write_text(
        "- term: yes\n  no: ja\n  synonyms: {en: [1e9, on]}\n  definition: {en: Null}\n", "utf-8"
    )
    (entry,) = load(path)
    assert entry.term == "yes"
    assert entry.translations == {"no": "ja"}
    assert entry.synonyms == {"en": ("1e9", "on")}


GOOD = "- term: a\n  ko: 가\n  definition: {en: x}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- ko: 어텐션\n  definition: {en: A.}\n", ":1: entry 1: expected a term, got ko, def"),
        ("- term: a\n", ":1: a: expected definition.en, got none"),
        ("- term: a\n  definition: {ko: 가}\n", ":1: a: expected definition.en, got ko"),
        (GOOD + "- term: A\n  definition: {en: y}\n", ":4: A: expected each term once, but line 1"),
        ("- term: [", ":1: not YAML: "),
        ("", "expected a list of terms, got an empty file"),
        ("term: a\n", ":1: expected a list of terms, got fields"),
        ("- a\n", ":1: entry 1: expected term, translations and definition, got 'a'"),
        (GOOD + "  synonym: {ko: [나]}\n", ":4: a: expected term, synonyms, avoid, ambiguous"),
        (GOOD + "  en: b\n", "got 'en'"),
        (GOOD + "  ja: [b]\n", ":4: a: ja: expected a text, got a list"),
        (GOOD + "  ja:\n", ":4: a: ja: expected a text, got nothing"),
        (GOOD + "  synonyms: [나]\n", ":4: a: expected synonyms by language, such as"),
        (GOOD + "  synonyms: {ko: 나}\n", ":4: a: synonyms.ko: expected a list of texts, got '나'"),
        (GOOD + "  synonyms: {ko: []}\n", "expected a list of texts, got an empty list"),
        (GOOD + "  synonyms: {Korean: [나]}\n", "synonyms: expected a language code, got 'Korean'"),
        (GOOD + "  synonyms: {ko: [가]}\n", "expected each form once among the name, synonyms"),
        (GOOD + "  synonyms: {ko: [나]}\n  avoid: {ko: [나]}\n", "of 'ko', got '나' twice"),
        (
            GOOD + "  ambiguous: [다]\n",
            "expected in ambiguous a form of this entry, got '다'",
        ),
        (GOOD + "  source: {a: b}\n", ":4: a: source: expected a text or a list of texts, got"),
        (GOOD + "  ko: 나\n", ":4: entry 1: expected each field once, got 'ko' twice"),
    ],
)
def test_faults_of_the_data_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GlossaryError) as caught:
        load(path)
    assert words in str(caught.value)
    assert all(line.startswith("glossary.yml:") for line in str(caught.value).splitlines())


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(GOOD + "- term: b\n- term: c\n", encoding="utf-8")
    with pytest.raises(GlossaryError) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 2


def test_faults_stop_the_build_and_a_missing_file_too(tmp_path: Path) -> None:
    project = Project(tmp_path, ["sphinx_data_glossary"])
    project.write("index.md", "# Start\n\n```{data-glossary}\n```\n")
    build = project.build("missing")
    assert build.returncode != 0
    assert "glossary.yml" in build.output
    project.write("glossary.yml", "- term: a\n")
    build = project.build("wrong")
    assert build.returncode != 0
    assert "glossary.yml:1: a: expected definition.en" in build.output


BOOK = Path(__file__).resolve().parents[2] / "docs"


def test_the_books_glossary_is_whole() -> None:
    """A term, a name and a definition in every complete language; sources of the bibliography."""
    languages = yaml.safe_load((BOOK / "languages.yml").read_text(encoding="utf-8"))
    source, *others = (language["code"] for language in languages if language.get("complete", True))
    entries = load(BOOK / "glossary.yml")
    keys = set(re.findall(r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text("utf-8"), re.M))
    assert len(entries) >= 160
    for entry in entries:
        assert set(others) <= set(entry.translations), entry.term
        assert {source, *others} <= set(entry.definition), entry.term
        assert set(entry.source) <= keys, entry.term
        assert re.search("[가-힣]", entry.definition["ko"]), entry.term
        assert all(text.endswith(".") for text in entry.definition.values()), entry.term
    assert [entry.term for entry in entries] == sorted(
        (entry.term for entry in entries), key=str.casefold
    )


def test_no_form_is_two_terms() -> None:
    """A form that a reader types leads to one term."""
    for language in ("en", "ko"):
        owners: dict[str, str] = {}
        for entry in load(BOOK / "glossary.yml"):
            for form in entry.forms(language):
                owner = owners.setdefault(form.casefold(), entry.term)
                assert owner == entry.term, form


#: What the documents that the book grew from call things, each in its own way.
SEEDS = {
    "attention": ["어텐션", "주의", "주의 메커니즘", "어텐션 메커니즘"],
    "self-attention": ["셀프 어텐션", "자기 주의"],
    "multi-head attention": ["다중 헤드 주의", "다중 헤드 자기 주의"],
    "cross-attention": ["인코더-디코더 주의"],
    "hidden state": ["은닉 상태", "숨겨진 상태"],
    "fine-tuning": ["미세 조정", "미세 튜닝", "파인튜닝"],
    "pretraining": ["사전 학습", "사전 훈련", "사전훈련", "선학습"],
    "training": ["학습", "훈련", "트레이닝"],
    "corpus": ["말뭉치"],
    "label": ["레이블", "라벨"],
    "data set": ["데이터셋", "데이터 세트"],
    "layer": ["층", "레이어", "계층"],
    "encoder–decoder": ["인코더-디코더"],
    "sequence-to-sequence": ["시퀀스-투-시퀀스", "문장 전이"],
    "downstream task": ["다운스트림 작업", "후속 작업"],
    "named entity recognition": ["개체명 인식", "명명된 개체 인식", "이름 엔티티 인식"],
    "sentiment analysis": ["감성분석", "감정 분류"],
    "masked language modelling": ["마스크드 언어 모델링"],
    "feed-forward network": ["피드 포워드 신경망"],
    "time step": ["타임스텝", "시간 단계"],
    "coreference": ["공동 참조"],
    "question answering": ["질문 답변", "질문 응답"],
    "metric": ["평가 지표", "메트릭"],
    "opacity": ["불투명성", "불투명도"],
    "batch": ["미니배치"],
    "normalization": ["노멀라이즈"],
}


@pytest.mark.parametrize("term", SEEDS)
def test_forms_of_the_first_documents_are_known(term: str) -> None:
    (entry,) = (entry for entry in load(BOOK / "glossary.yml") if entry.term == term)
    assert set(SEEDS[term]) <= set(entry.forms("ko"))
