"""Questions on a page: from data, computed, translated, and usable by everybody."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polib
import pytest
import yaml
from chromium import chromium
from lxml import html
from quiz_project import KOREAN, PAGE, QUIZ, quiz_project
from sphinx_project import Build, Project

import sphinx_quizzes
from sphinx_quizzes import QuizError, load, questions, values
from sphinx_quizzes.directive import shuffled
from sphinx_quizzes.words import SCRIPT, WORDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

# -- the data ------------------------------------------------------------------------------------


def test_doctests() -> None:
    for module in (questions, values):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 0


def changed(tmp_path: Path, ident: str, change: dict[str, Any] | str) -> str:
    """What loading says of the sample quiz with some fields of a question changed."""
    data = yaml.safe_load(QUIZ)
    question = next(each for each in data["questions"] if each["id"] == ident)
    if isinstance(change, str):
        del question[change]
    else:
        question.update(change)
    path = tmp_path / "quiz.yml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(QuizError) as error:
        load(path)
    return str(error.value)


WHY = {"misconception": "a name", "why": "Because."}


@pytest.mark.parametrize(
    ("ident", "change", "message"),
    [
        ("pairs", {"kind": "numbr"}, "pairs: kind: expected choice, number, order, shape, bug"),
        ("pairs", {"id": "Pairs of"}, "id: expected small letters, digits and hyphens, got 'Pai"),
        ("pairs", {"id": "which-axis"}, "which-axis: id: expected another one, line 7 has it"),
        ("pairs", "wrong", "pairs: wrong: expected in a question of kind number, but it is miss"),
        ("pairs", {"wrong": []}, "pairs: wrong: expected 1 or more, got 0"),
        ("pairs", {"answer": 15}, "pairs: answer: expected an expression that computes the answer"),
        ("pairs", {"answer": "len(pairs"}, "pairs: answer: expected a Python expression, got"),
        ("pairs", {"choices": []}, "pairs: choices: unknown in a question of kind number"),
        ("pairs", {"why": "- a list"}, "pairs: why: expected one paragraph of text, got '- a lis"),
        ("pairs", {"why": "{computed}`1 +`"}, "pairs: why: {computed}: expected a Python expres"),
        ("pairs", {"tolerance": "-1"}, "pairs: tolerance: expected a number, 0 or more, got '-1'"),
        ("pairs", {"wrong": [{"value": "3", "why": "x"}]}, "wrong[1].misconception: expected in"),
        ("scores-shape", {"answer": "(2, 3 + 2)"}, "scores-shape: answer: expected an expression"),
        ("which-axis", {"choices": [{"text": "a", "why": "b"}] * 3}, "choices[1].misconception: "),
        (
            "which-axis",
            {"choices": [{"text": "a", **WHY}] * 3},
            "which-axis: choices: expected one with `correct: true`, got none",
        ),
        (
            "which-axis",
            {"choices": [{"text": "a", "correct": "yes", "why": "b"}, {"text": "a", **WHY}]},
            "which-axis: choices[1].correct: expected true, got 'yes'",
        ),
        ("which-axis", {"code": "def ("}, "which-axis: code: not Python"),
        ("order-of-steps", {"items": ["one", "two"]}, "items: expected 3 to 5, got 2"),
        (
            "order-of-steps",
            {"wrong": [{"early": 1, "late": 2, **WHY}]},
            "wrong[1].early: expected an item that belongs after the item number `late` (2), got 1",
        ),
        ("find-the-bug", {"line": 9}, "find-the-bug: line: expected a number from 1 to 4, got '9'"),
        (
            "find-the-bug",
            {"lines": [{"line": 2, **WHY}, {"line": 3, **WHY}]},
            "lines[1].line: expected another line, got 2, the line with the bug",
        ),
    ],
)
def test_loader_says_what_is_wrong(
    tmp_path: Path, ident: str, change: dict[str, Any] | str, message: str
) -> None:
    said = changed(tmp_path, ident, change)
    assert message in said
    assert re.match(r"\S*quiz\.yml:\d+: ", said)


def test_loader_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "quiz.yml"
    path.write_text("questions:\n  - id: a\n    kind: number\n    quest: x\n", encoding="utf-8")
    with pytest.raises(QuizError) as error:
        load(path)
    lines = [line.rpartition("quiz.yml:")[2] for line in str(error.value).splitlines()]
    assert "4: a: quest: unknown in a question of kind number, which has" in "\n".join(lines)
    path.write_text("questions: [a: b: c]\n", encoding="utf-8")
    with pytest.raises(QuizError, match=r"quiz\.yml:1: not YAML: .* needs quotes or >-"):
        load(path)
    with pytest.raises(QuizError, match=r"none\.yml:1: there is no such file"):
        load(tmp_path / "none.yml")


def test_order_is_shuffled_the_same_and_never_right() -> None:
    for count in (3, 4, 5):
        for name in map(str, range(50)):
            order = shuffled(name, count)
            assert sorted(order) == list(range(count)) != order
            assert order == shuffled(name, count)


def test_every_word_is_translated() -> None:
    path = WORDS.locales / "ko" / "LC_MESSAGES" / "sphinx_quizzes.po"
    korean = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path), encoding="utf-8")}
    code = (Path(sphinx_quizzes.__file__).parent / "directive.py").read_text(encoding="utf-8")
    used = {*SCRIPT.values(), *re.findall(r"self\.word\([\"']([^\"']*)[\"']\)", code)}
    assert used <= set(korean)
    for english, text in korean.items():
        assert text
        assert sorted(re.findall(r"\{\w+\}|%\(\w+\)s|%d", english)) == sorted(
            re.findall(r"\{\w+\}|%\(\w+\)s|%d", text)
        )


# -- the build -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return quiz_project(tmp_path_factory.mktemp("quizzes"))


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    return project.build("en", "-W")


@pytest.fixture(scope="module")
def korean(project: Project, english: Build) -> Build:
    return project.build("ko", "-W", "-D", "language=ko")


def by_id(build: Build) -> dict[str, html.HtmlElement]:
    page = html.fromstring(build.page("index"))
    return {each.get("data-id"): each for each in page.find_class("quiz-question")}


def test_values_come_from_the_page(english: Build) -> None:
    assert english.returncode == 0, english.output
    found = by_id(english)
    assert found["pairs"].get("data-answer") == "15"
    assert found["scores-shape"].get("data-answer") == "[2, 15, 5]"
    assert float(found["share"].get("data-answer")) == pytest.approx(0.6)
    assert "keys, so 15 together." in found["pairs"].text_content()
    assert json.loads(found["pairs"].xpath(".//li/@data-value")[0]) == 25


def test_page_goes_on_as_without_the_quiz(english: Build) -> None:
    import random

    random.seed(0)
    assert f"random {random.random():.6f} False False" in english.page("index")
    assert "_quiz_values(" not in english.page("index")


def test_second_language_executes_nothing(korean: Build) -> None:
    assert korean.returncode == 0, korean.output
    assert "Using cached notebook" in korean.output
    assert "Executing notebook" not in korean.output


def test_translations_show(korean: Build) -> None:
    found = by_id(korean)
    text = {name: each.text_content() for name, each in found.items()}
    assert "키" in text["which-axis"]
    assert "엉뚱한 축의 소프트맥스" in text["which-axis"]
    assert "모두 15개입니다." in text["pairs"]
    assert "2번째 줄" in text["find-the-bug"]
    assert found["pairs"].get("data-answer") == "15"


def test_every_text_goes_to_the_catalog_of_the_page(project: Project, english: Build) -> None:
    build = project.build("gettext", builder="gettext")
    template = polib.pofile(build.page("index", ".pot"), encoding="utf-8")
    quiz = load(project.source / "quizzes" / "index.yml")
    wanted = {text.source for question in quiz for text in question.texts()}
    found = {entry.msgid: entry for entry in template}
    assert wanted <= set(found)
    assert set(KOREAN) <= set(found)
    assert not any("_quiz_values" in message or "scores @" in message for message in found)
    (path, line), *_ = found["The lower triangle is the past."].occurrences
    lines = (project.source / "quizzes" / "index.yml").read_text(encoding="utf-8").splitlines()
    assert path.endswith("quizzes/index.yml")
    assert "The lower triangle is the past." in lines[int(line) - 1]


def test_without_javascript_everything_is_there(english: Build) -> None:
    quiz = load(Path(english.folder).parents[1] / "docs" / "quizzes" / "index.yml")
    found = by_id(english)
    for question in quiz:
        details = found[question.id].find("details")
        inside, all_text = details.text_content(), found[question.id].text_content()
        assert details.find("summary").text_content() == "Answer"
        assert not details.get("open")
        for each in (*question.choices, *question.wrong):
            assert plain(each.why.source) in " ".join(inside.split())
        for text in (*(choice.text for choice in question.choices), *question.items):
            assert text.source in all_text
    assert "In the right order: " in found["order-of-steps"].text_content()
    places = found["order-of-steps"].xpath(".//ol[@class='quiz-items']/li/@data-place")
    letters = found["order-of-steps"].find_class("quiz-solution")[0].text.split(": ")[1]
    right = [places["ABCDE".index(letter)] for letter in letters.split(", ")]
    assert right == ["1", "2", "3", "4"]
    assert len(found["find-the-bug"].find_class("linenos")) == 4


def plain(source: str) -> str:
    """A text of the sample as the page shows it."""
    source = re.sub(r"\{computed\}`5 \* 5`", "25", source)
    source = re.sub(r"\{computed\}`len\(pairs\)`", "15", source)
    return re.sub(r"\$(\w)\$", r"\(\1\)", source).replace("'", "’")


def test_edited_quiz_is_read_anew(tmp_path: Path) -> None:
    project = quiz_project(tmp_path)
    assert project.build("en", "-W").returncode == 0
    project.write(
        "quizzes/index.yml", QUIZ.replace("answer: len(pairs)\n", "answer: len(pairs) + 1\n")
    )
    again = project.build("en", "-W")
    assert again.returncode == 0, again.output
    assert by_id(again)["pairs"].get("data-answer") == "16"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answer: len(pairs)\n", "answer: len(pears)\n", "pairs: answer: len(pears) raised NameE"),
        ("value: 5 * 5", "value: 3 * 5", "pairs: wrong[1].value: expected something else than the"),
        (
            "answer: len(pairs)\n",
            "answer: pairs\n",
            "pairs: answer: expected a number, got pairs =",
        ),
        ("tolerance: 0.01", "code: x", "share: answer: nobody"),
        ("answer: tuple(shape)", "answer: len(pairs)", "scores-shape: answer: expected a shape"),
        (
            "shape = (2,",
            "shape = (1 / 0,",
            "index.yml:3: cell: ZeroDivisionError: division by zero",
        ),
        (
            "{computed}`5 * 5`",
            "{computed}`5 * no`",
            "pairs: wrong[1].why: {computed}: 5 * no raised",
        ),
    ],
)
def test_wrong_values_end_the_build(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in QUIZ
    quiz = QUIZ.replace(old, new)
    if message.startswith("share"):
        quiz = quiz.replace("len(pairs) / 25", "len(pairs) / 7")
        message = "share: answer: len(pairs) / 7 = 2.142857142857143: nobody can type that exactly"
    build = quiz_project(tmp_path, quiz).build("en")
    assert build.returncode != 0
    assert re.search(
        r"index\.yml:\d+: " + re.escape(message.removeprefix("index.yml:3: ")), build.output
    )


def test_missing_file_and_page_without_kernel_end_the_build(tmp_path: Path) -> None:
    project = quiz_project(tmp_path)
    project.notebook("index.md", PAGE.replace("```{quiz}", "```{quiz} part/none"))
    assert "quizzes/part/none.yml:1: there is no such file" in project.build("none").output
    project.write("index.md", "# A page\n\n```{quiz}\n```\n")
    assert "its values were not computed. Expected a page that begins" in project.build("md").output
    project.notebook("index.md", PAGE.replace("```{quiz}\n```", ":::{note}\n```{quiz}\n```\n:::"))
    assert "its values were not computed" in project.build("nested").output


def test_where_nothing_is_executed_values_are_open(tmp_path: Path) -> None:
    project = quiz_project(tmp_path, nb_execution_mode="off")
    build = project.build("en", "-W")
    assert build.returncode == 0, build.output
    assert by_id(build)["pairs"].get("data-answer") == "null"
    assert "keys, so … together." in by_id(build)["pairs"].text_content()


def test_translation_keeps_the_expression(tmp_path: Path) -> None:
    project = quiz_project(tmp_path)
    message = next(key for key in KOREAN if "{computed}" in key)
    project.catalog("index", {message: "모두 {computed}`len(pear)`개입니다."})
    build = project.build("ko", "-D", "language=ko")
    assert (
        "{computed}`len(pear)`: the quiz of this page computes no such expression" in build.output
    )


def test_learners_notebook_has_no_hidden_cell(tmp_path: Path) -> None:
    project = quiz_project(tmp_path)
    project.write(
        "conf.py",
        (project.source / "conf.py")
        .read_text(encoding="utf-8")
        .replace("'sphinx_quizzes'", "'sphinx_quizzes', 'sphinx_page_notebooks'")
        + "page_notebooks_skip_tags = ['quiz-values']\n",
    )
    build = project.build("en", "-W")
    assert build.returncode == 0, build.output
    cells = json.loads(build.page("index", ".ipynb"))["cells"]
    kinds = [(cell["cell_type"], "".join(cell["source"]).splitlines()[0]) for cell in cells]
    assert ("code", "import random") in kinds
    assert [kind for kind, line in kinds if line.startswith("print(")] == ["code"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    assert "_quiz_values(" not in text
    assert "The questions are on the page itself." in text
    assert text.index("The questions are") < text.index("## More") < text.index("print(")


def test_every_page_of_another_builder_is_readable(project: Project, english: Build) -> None:
    build = project.build("text", builder="text")
    assert build.returncode == 0, build.output
    text = build.page("index", ".txt")
    assert "Row i allows i keys, so 15 together." in text
