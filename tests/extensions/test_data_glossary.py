"""One data file makes the glossary of every language, and terms link to it in each."""

from pathlib import Path

import pytest
from sphinx.errors import ExtensionError
from sphinx_project import Build, Project

from sphinx_data_glossary import load_glossary

ENTRIES = """\
- term: attention
  ko: 어텐션
  synonyms: [주의]
  definition:
    en: A weighted average.
    ko: 가중 평균입니다.
- term: Transformer
  ko: 트랜스포머
  definition:
    en: A model.
    ko: 모델입니다.
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- ko: 어텐션\n  definition: {en: A.}\n", "entry 1 (None) needs a term"),
        ("- term: a\n", "entry 1 ('a') needs a term and definition.en"),
        ("- term: a\n  definition: {en: x}\n- term: A\n  definition: {en: y}\n", "defined twice"),
        ("- term: [", "glossary glossary.yml"),
    ],
)
def test_faults_of_the_data_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExtensionError) as caught:
        load_glossary(path)
    assert words in str(caught.value)
