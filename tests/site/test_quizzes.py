"""Every page of the book asks enough questions, of several kinds, in every language."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import polib
import pytest
from lxml import html

from check_quizzes import (
    FOLDER,
    OF_PARTS,
    name_of,
    quiz_files,
    rule_faults,
    similar_names,
)
from check_quizzes import (
    quiz_pages as read_quiz_pages,
)
from languages import read_languages
from sphinx_quizzes import Quiz, load

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PARTS = ("recurrence", "transformer", "language-models", "pipelines")
LANGUAGES = [language.code for language in read_languages(DOCS / "languages.yml")]
OF_PART_PAGES = {"before": "before-you-start", "after": "what-you-know-now"}


@cache
def quiz_pages() -> dict[str, str]:
    return read_quiz_pages()


@cache
def quizzes() -> dict[str, Quiz]:
    return {name_of(path): load(path, name_of(path)) for path in quiz_files()}


def pages_of_parts() -> list[str]:
    pages = [
        path.relative_to(DOCS).with_suffix("").as_posix()
        for part in ("start", *PARTS)
        for path in sorted((DOCS / part).glob("*.md"))
    ]
    return [page for page in pages if page != "start/map"]  # a drawing, with nothing to ask


@pytest.mark.parametrize("page", pages_of_parts())
def test_every_page_has_questions(page: str) -> None:
    shown = [name for name, where in quiz_pages().items() if where == page]
    assert shown, f"{page}: no {{quiz}}"
    part, _, name = page.rpartition("/")
    kind = next((kind for kind, own in OF_PART_PAGES.items() if own == name), "")
    assert shown == [f"{part}/{kind}" if kind else page]


@pytest.mark.parametrize("part", PARTS)
def test_part_begins_and_ends_with_questions(part: str) -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [line for line in text.splitlines() if line.startswith(f"{part}/")]
    first, last = (f"{part}/{OF_PART_PAGES[kind]}" for kind in OF_PARTS)
    assert (pages[0], pages[-1]) == (first, last)


@pytest.mark.parametrize("name", sorted(map(name_of, quiz_files())))
def test_questions_follow_the_rules(name: str) -> None:
    assert list(rule_faults(quizzes()[name])) == []
    for question in quizzes()[name]:
        assert all(choice.correct or choice.misconception for choice in question.choices)
        assert all(why.source for _, why in question.misconceptions())
        assert list(question.misconceptions())


def test_a_misconception_has_one_name() -> None:
    assert list(similar_names(quizzes().values())) == []


def test_rules_find_what_breaks_them(tmp_path: Path) -> None:
    path = tmp_path / "page.yml"
    path.write_text(
        "questions:\n  - id: one\n    kind: choice\n    question: Which?\n    choices:\n"
        "      - {text: the longest of all, correct: true, why: Yes.}\n"
        "      - {text: short, misconception: a sentence with a stop., why: No.}\n",
        encoding="utf-8",
    )
    found = "\n".join(message for _, message in rule_faults(load(path)))
    assert "expected 5 questions or more, got 1" in found
    assert "expected 3 kinds" in found
    assert "expected a question of kind number or shape" in found
    assert "one: question: expected 3 or 4 choices, got 2" in found
    assert "one: choices[2].misconception: expected a noun phrase" in found
    assert "one: choices[1].text: the right answer is the longest" in found


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("name", sorted(map(name_of, quiz_files())))
def test_questions_are_translated(name: str, language: str) -> None:
    page = quiz_pages()[name]
    path = DOCS / "locales" / language / "LC_MESSAGES" / f"{page}.po"
    known = {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(path), encoding="utf-8")
        if not entry.obsolete and "fuzzy" not in entry.flags
    }
    texts = [text.source for question in quizzes()[name] for text in question.texts()]
    assert [text for text in texts if not known.get(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_built_pages_show_computed_answers(site: Path, language: str) -> None:
    for name, page in quiz_pages().items():
        tree = html.parse(str(site / language / f"{page}.html")).getroot()
        shown = {each.get("data-id"): each for each in tree.find_class("quiz-question")}
        assert list(shown) == [question.id for question in quizzes()[name]], page
        for question in quizzes()[name]:
            element = shown[question.id]
            assert element.get("id") == f"quiz-{question.id}"
            if question.answer:
                answer = json.loads(element.get("data-answer"))
                assert isinstance(answer, list if question.kind == "shape" else (int, float)), page
                wrong = [json.loads(value) for value in element.xpath(".//li/@data-value")]
                assert len(wrong) == len(question.wrong)
                assert answer not in wrong


@cache
def ids_of(page: Path) -> frozenset[str]:
    """The ids of a built page, which has to be there."""
    return frozenset(html.parse(str(page)).xpath("//@id"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_teachers_see_every_misconception(site: Path, language: str) -> None:
    tree = html.parse(str(site / language / "teaching" / "misconceptions.html")).getroot()
    lists = tree.find_class("quiz-misconceptions")
    for part, shown in zip(("start", *PARTS), lists, strict=True):
        names = {
            name.source
            for quiz, page in quiz_pages().items()
            if quiz.startswith(f"{part}/") and page
            for question in quizzes()[quiz]
            for name, _ in question.misconceptions()
        }
        assert len(shown.findall("li")) == len(names)
        for entry in shown.findall("li/ul/li"):
            links = [link.get("href") for link in entry.iterfind(".//a[@href]")]
            assert "#quiz-" in links[0]  # the question; others lead to pages that explain
            for link in links:
                path, _, anchor = link.partition("#")
                ids = ids_of((site / language / "teaching" / path).resolve())
                assert not anchor or anchor in ids, link


def test_files_lie_where_pages_do() -> None:
    for path in quiz_files():
        name = name_of(path)
        page = name if name.rpartition("/")[2] not in OF_PARTS else name.rpartition("/")[0]
        assert (DOCS / f"{page}.md").exists() or (DOCS / page).is_dir(), FOLDER
