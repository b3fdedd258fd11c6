"""The golden set of queries is what it says: large, judged, and forgetful of no page."""

import re
from pathlib import Path

import pytest
from benchmarks.search.golden import GoldenError, judge, load, unreachable
from benchmarks.search.texts import read_page, read_site

from jumok.records import read_record

ROOT = Path(__file__).resolve().parents[2]

QUERIES = load()
LANGUAGES = sorted({query.language for query in QUERIES})


@pytest.fixture(scope="module", params=LANGUAGES)
def pages(request, site):
    return request.param, read_site(site / request.param)


def test_there_are_enough_queries_of_every_kind():
    korean = [query for query in QUERIES if query.language == "ko"]
    assert len(QUERIES) >= 150
    assert len(korean) >= 110
    kinds = {query.kind for query in korean}
    assert {"noun", "syllable", "inflected", "compound", "synonym", "phrase"} <= kinds
    assert {"question", "mixed", "english", "code", "nfd", "confusable"} <= kinds


def test_every_page_must_be_found_by_three_queries(pages):
    language, texts = pages
    forgotten = list(unreachable([q for q in QUERIES if q.language == language], texts))
    assert not forgotten, f"add queries to tests/search/golden.yml that find {forgotten}"


def test_a_page_that_should_come_first_is_relevant(pages):
    language, texts = pages
    wrong = [
        f"{query}: {sorted(misjudged)}"
        for query in QUERIES
        if query.language == language and (misjudged := set(query.best) - judge(query, texts).must)
    ]
    assert not wrong, "these pages do not say what was asked: " + "; ".join(wrong)


def test_verdicts_of_a_small_page(tmp_path):
    """Judging, on a page whose verdicts anyone can check by eye."""
    golden = tmp_path / "golden.yml"
    golden.write_text(
        "concepts:\n"
        "  value: {ko: '<값', en: '\\bvalues?\\b'}\n"
        "  mask: {ko: 마스크, en: '\\bmasks?\\b'}\n"
        "ko:\n"
        "  noun:\n"
        "    - {q: 값, says: value}\n"
        "    - {q: 마스크, says: mask}\n"
        "    - {q: 값과 마스크, says: [value, mask]}\n"
        "    - {q: 표, says: /표/, nfd: true}\n",
        encoding="utf-8",
    )
    (tmp_path / "page.html").write_text(
        "<html><body><nav>마스크</nav><article class='bd-article'><section id='top'><h1>값</h1>"
        "<p>절댓<em>값</em>은 다릅니다.</p>"
        "<section id='part'><h2>마스크<a class='headerlink'>표</a></h2><p>가립니다.</p></section>"
        "<section id='code'><h2>코드</h2><pre>mask 표</pre></section>"
        "</section></article></body></html>",
        encoding="utf-8",
    )
    (tmp_path / "other.html").write_text(
        "<article class='bd-article'><section id='x'><h1>제목</h1><p>절댓값</p>"
        "<section id='y'><h2>둘</h2><pre>mask</pre></section></section></article>",
        encoding="utf-8",
    )
    texts = {name: read_page(tmp_path / f"{name}.html", name) for name in ("page", "other")}
    value, mask, both, table = load(golden)
    assert judge(value, texts).must == {"page"}
    assert judge(value, texts).may == set()
    assert judge(mask, texts).must == {"page"}
    assert judge(mask, texts).may == {"other"}, "it says mask, but in code and in English"
    assert judge(both, texts).must == {"page"}, "the page's title and a section of it"
    assert judge(table, texts).may == {"page"}, "only the code says it; a link's sign doesn't count"
    assert table.text != "표", "typed with decomposed Hangul"
    section = texts["page"].section("part")
    assert section is not None
    assert (section.title, section.words) == ("마스크", "마스크 가립니다.")
    assert texts["page"].section("nowhere") is None


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_quotes_the_record(name):
    results = read_record("search")["results"]
    recalls = [engine["golden"]["ko"]["all"]["recall"] for engine in results["engines"].values()]
    readme = (ROOT / name).read_text(encoding="utf-8")
    sentence = next(part for part in readme.split("\n- ") if "korean-search.md" in part)
    quoted = re.findall(r"([\d.]+) ?%", sentence)
    assert quoted == [f"{100 * recall:.1f}" for recall in recalls]
    assert str(results["queries"]["golden"]["ko"]) in sentence


def test_a_misspelt_concept_is_refused(tmp_path):
    golden = tmp_path / "golden.yml"
    golden.write_text("concepts: {}\nko:\n  noun:\n    - {q: 값, says: vlaue}\n", encoding="utf-8")
    with pytest.raises(GoldenError, match="vlaue"):
        load(golden)
