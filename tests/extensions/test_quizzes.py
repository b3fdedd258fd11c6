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
        (
            "pairs",
            {"why": "See {doc}`masks`."},
            "pairs: why: expected a page from the root, /masks",
        ),
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
    project.notebook("index.md", PAGE.replace("```{quiz}\n```", "````{note}\n```{quiz}\n```\n````"))
    assert "its values were not computed" in project.build("nested").output


def test_where_nothing_is_executed_values_are_open(tmp_path: Path) -> None:
    project = quiz_project(tmp_path, nb_execution_mode="off")
    build = project.build("en")
    assert build.returncode == 0, build.output
    assert "computed" not in build.output
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


def test_misconceptions_are_listed_for_teachers(tmp_path: Path) -> None:
    project = quiz_project(tmp_path)
    project.write("teaching.md", "# Teaching\n\n```{misconceptions}\n```\n")
    project.write("none.md", "# None\n\n```{misconceptions} part\n```\n")
    project.write("quizzes/unused.yml", "questions: []\n")
    build = project.build("ko", "-D", "language=ko")
    assert build.returncode == 0, build.output
    tree = html.fromstring(build.page("teaching")).find_class("quiz-misconceptions")[0]
    quiz = load(project.source / "quizzes" / "index.yml")
    names = {name.source for each in quiz for name, _ in each.misconceptions()}
    items = tree.findall("li")
    assert len(items) == len(names) == 8
    # Translated on the page of the questions, once; two questions find it, so it comes first.
    assert items[0].find("p").text_content() == "아무것도 가리지 않는 인과 마스크"
    links = [each.get("href") for each in items[0].iterfind(".//a")]
    assert links == ["index.html#quiz-pairs", "index.html#quiz-share"]
    assert items[0].find(".//a").text_content() == "페이지"
    assert "That is every pair, … of them." in items[0].text_content()
    untranslated = next(each for each in items if "a pair is a token" in each.text_content())
    assert untranslated.find("p").get("lang") == "en"
    assert "no-search" in tree.get("class")
    assert (
        not html.fromstring(build.page("none")).find_class("quiz-misconceptions")[0].findall("li")
    )
    template = project.build("gettext", builder="gettext").page("teaching", ".pot")
    assert "pair is a token" not in template


# -- the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The page with the theme of the book, in both languages."""
    folder = tmp_path_factory.mktemp("book")
    project = quiz_project(folder, html_theme="sphinx_book_theme")
    found = {code: project.build(code, "-W", "-D", f"language={code}") for code in ("en", "ko")}
    assert all(build.returncode == 0 for build in found.values())
    return found


DENIED = """
Object.defineProperty(window, "localStorage", { get() { throw new Error("denied"); } });
"""


@pytest.fixture
def page(browser: Browser, book: dict[str, Build]) -> Iterator[Page]:
    """The English page, opened from its file."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.goto((book["en"].folder / "index.html").as_uri())
    yield opened
    context.close()


def question(page: Page, ident: str) -> Locator:
    return page.locator(f"#quiz-{ident}")


def progress(page: Page) -> dict[str, Any]:
    return dict(page.evaluate("JSON.parse(localStorage.getItem('quizzes') ?? '{}')"))


def feedback(page: Page, ident: str) -> str:
    return question(page, ident).locator(".quiz-feedback").inner_text()


def focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent || document.activeElement.type"))


def test_choice_by_keyboard(page: Page) -> None:
    here = question(page, "which-axis")
    assert (
        here.get_by_role("group").first.get_attribute("aria-labelledby") == "quiz-which-axis-text"
    )
    here.get_by_role("radio", name="the keys").focus()
    page.keyboard.press("ArrowDown")  # the next choice
    assert here.get_by_role("radio", name="the many queries").is_checked()
    page.keyboard.press("Enter")
    text = feedback(page, "which-axis")
    assert "Not yet." in text
    assert "softmax over the wrong axis" in text.lower()
    assert "Then a row needn’t sum to 1." in text
    assert "share out" not in text
    assert progress(page) == {"index": {"which-axis": {"right": False, "tries": 1}}}
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert "Right." in feedback(page, "which-axis")
    assert "Each query shares out" in feedback(page, "which-axis")
    assert progress(page) == {"index": {"which-axis": {"right": True, "tries": 2}}}
    assert page.locator(".quiz-count").inner_text() == "1 of 7 right"
    # Trying again asks for the same again, and what is right stays right.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focus(page) == "Try again"
    page.keyboard.press("Enter")
    assert feedback(page, "which-axis") == ""
    assert page.evaluate("document.activeElement.type") == "radio"
    assert not here.locator("input:checked").count()
    here.get_by_role("radio", name="the whole matrix").press("Space")
    page.keyboard.press("Enter")
    assert "Not yet." in feedback(page, "which-axis")
    assert progress(page) == {"index": {"which-axis": {"right": True, "tries": 2}}}


def test_nothing_chosen_is_no_try(page: Page) -> None:
    question(page, "which-axis").locator(".quiz-check").press("Enter")
    assert feedback(page, "which-axis") == "Choose or type an answer first."
    assert focus(page) == "Check"
    assert progress(page) == {}


def test_text_of_a_choice_can_be_clicked(page: Page) -> None:
    here = question(page, "two-of-three")
    here.get_by_text("two", exact=True).click()
    here.locator(".quiz-check").click()
    assert "Not all of them, or one too many." in feedback(page, "two-of-three")
    here.get_by_text("three", exact=True).click()
    here.locator(".quiz-check").click()
    assert "A small number is even" in feedback(page, "two-of-three").replace("a small", "A small")
    here.get_by_text("three", exact=True).click()
    here.get_by_text("four", exact=True).click()
    here.locator(".quiz-check").click()
    text = feedback(page, "two-of-three")
    assert "Right." in text
    assert "one times two" in text
    assert "two times two" in text


@pytest.mark.parametrize(
    ("ident", "typed", "said"),
    [
        ("pairs", "15", "Right."),
        ("pairs", " １５ ", "Right."),
        ("pairs", "15.0", "Right."),
        ("pairs", "30/2", "Right."),
        ("pairs", "25", "A causal mask hides nothing"),
        ("pairs", "16", "no common mistake"),
        ("pairs", "1,015", "no common mistake"),
        ("pairs", "fifteen", "Type a number"),
        ("pairs", "−15", "no common mistake"),
        ("share", "0.605", "Right."),
        ("share", "0,6", "Right."),
        ("share", "60 %", "no common mistake"),
        ("share", "0.62", "no common mistake"),
        ("scores-shape", "2, 15, 5", "Right."),
        ("scores-shape", "(2, 15, 5)", "Right."),
        ("scores-shape", "2×15×5", "Right."),
        ("scores-shape", "2x15 x 5", "Right."),
        ("scores-shape", "２，１５，５", "Right."),
        ("scores-shape", "2ㅌ15ㅌ5", "Right."),
        ("scores-shape", "torch.Size([2, 15, 5])", "Right."),
        ("scores-shape", "[2 5 5]", "A pair is a token"),
        ("scores-shape", "2, 15", "no common mistake"),
        ("scores-shape", "two, 15", "Type whole numbers"),
    ],
)
def test_typed_answers(page: Page, ident: str, typed: str, said: str) -> None:
    question(page, ident).get_by_role("textbox").fill(typed)
    page.keyboard.press("Enter")
    assert said.lower() in feedback(page, ident).lower()
    assert focus(page) == "text"


def test_order_by_keyboard(page: Page) -> None:
    here = question(page, "order-of-steps")

    def items() -> list[str]:
        return list(here.locator(".quiz-items > li > p").all_inner_texts())

    right = ["compute the scores", "mask them", "apply softmax", "average the values"]
    assert items() != right
    assert sorted(items()) == sorted(right)
    for place, item in enumerate(right):
        up = here.get_by_role("button", name=f"Move up: {item}")
        while items().index(item) > place:
            before = items().index(item)
            up.press("Enter")
            assert items().index(item) == before - 1
            assert page.evaluate("document.activeElement.ariaLabel") == f"Move up: {item}"
            said = here.locator(".quiz-moved").inner_text()
            assert said == f"{item}: now at place {before} of 4"
    first = here.get_by_role("button", name="Move up: compute the scores")
    assert first.get_attribute("aria-disabled") == "true"
    first.press("Enter")
    assert items() == right
    here.get_by_role("button", name="Move down: mask them").press("Enter")
    here.locator(".quiz-check").press("Enter")
    assert "Masking after the softmax" in feedback(page, "order-of-steps").replace("mas", "Mas", 1)
    here.get_by_role("button", name="Move up: mask them").press("Enter")
    here.locator(".quiz-check").press("Enter")
    assert "Right." in feedback(page, "order-of-steps")


def test_bug_by_keyboard(page: Page) -> None:
    here = question(page, "find-the-bug")
    lines = here.get_by_role("radio")
    assert lines.count() == 4
    lines.first.press("Space")
    page.keyboard.press("Enter")
    assert "The keys come first".lower() in feedback(page, "find-the-bug").lower()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "Right." in feedback(page, "find-the-bug")
    assert "mask = scores.triu() > 0" in here.locator(".quiz-line").nth(1).inner_text()


def test_answers_are_kept_and_can_be_erased(page: Page) -> None:
    page.evaluate('localStorage.setItem(\'quizzes\', \'{"other/page": {"x": {"right": true}}}\')')
    question(page, "pairs").get_by_role("textbox").fill("15")
    page.keyboard.press("Enter")
    page.reload()
    here = question(page, "pairs")
    assert "quiz-question--done" in str(here.get_attribute("class"))
    assert here.get_by_text("You have answered this one right before.").is_visible()
    assert page.locator(".quiz-count").inner_text() == "1 of 7 right"
    erase = page.get_by_role("button", name="Erase my answers")
    erase.press("Enter")
    assert focus(page) == "Keep them"
    page.keyboard.press("Escape")
    assert focus(page) == "Erase my answers"
    assert set(progress(page)) == {"index", "other/page"}
    erase.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("localStorage.getItem('quizzes')") is None
    assert focus(page) == "Erase my answers"
    assert page.locator(".quiz-count").inner_text() == "Your answers are erased. 0 of 7 right"
    assert not page.locator(".quiz-question--done").count()


@pytest.mark.parametrize(
    "stored", ["no json", "[1]", "7", '{"index": 3}', '{"index": {"pairs": 1}}']
)
def test_what_others_stored_does_no_harm(page: Page, stored: str) -> None:
    page.evaluate("text => localStorage.setItem('quizzes', text)", stored)
    page.reload()
    assert page.locator(".quiz-count").inner_text() == "0 of 7 right"
    question(page, "pairs").get_by_role("textbox").fill("15")
    page.keyboard.press("Enter")
    assert progress(page)["index"]["pairs"] == {"right": True, "tries": 1}


def test_without_storage_answers_last_as_long_as_the_page(
    browser: Browser, book: dict[str, Build]
) -> None:
    context = browser.new_context()
    context.add_init_script(DENIED)
    opened = context.new_page()
    opened.goto((book["ko"].folder / "index.html").as_uri())
    for ident, typed in (("pairs", "15"), ("share", "0.6")):
        question(opened, ident).get_by_role("textbox").fill(typed)
        opened.keyboard.press("Enter")
    assert "맞았습니다." in feedback(opened, "pairs")
    said = opened.locator(".quiz-count").inner_text()
    assert said.startswith("7문제 가운데 2문제 맞음")
    assert "저장하지 않습니다" in said
    context.close()


def test_languages_share_progress(browser: Browser, book: dict[str, Build]) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto((book["en"].folder / "index.html").as_uri())
    question(opened, "pairs").get_by_role("textbox").fill("15")
    opened.keyboard.press("Enter")
    opened.goto((book["ko"].folder / "index.html").as_uri())
    assert opened.locator(".quiz-count").inner_text() == "7문제 가운데 1문제 맞음"
    context.close()


def test_without_javascript_answers_are_folded(browser: Browser, book: dict[str, Build]) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto((book["en"].folder / "index.html").as_uri())
    here = question(opened, "pairs")
    assert not here.get_by_text("That is every pair").is_visible()
    here.get_by_text("Answer", exact=True).click()
    assert here.get_by_text("That is every pair").is_visible()
    assert not opened.locator(".quiz button, .quiz input").count()
    context.close()


def test_paper_has_the_answers(page: Page) -> None:
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    here = question(page, "pairs")
    assert here.get_by_text("That is every pair").is_visible()
    assert not page.locator(".quiz-check").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.locator(".quiz-answer[open]").count()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("ko", 360)])
def test_accessible_in_every_state(
    browser: Browser, book: dict[str, Build], language: str, width: int, theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto((book[language].folder / "index.html").as_uri())
    opened.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    only = {"runOnly": {"type": "rule", "values": RULES}}

    def faults() -> list[str]:
        found = Axe().run(opened, context=".quiz", options=only).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]

    assert faults() == []
    for ident, typed in (("pairs", "15"), ("share", "1"), ("scores-shape", "x y")):
        question(opened, ident).get_by_role("textbox").fill(typed)
        opened.keyboard.press("Enter")
    question(opened, "find-the-bug").get_by_role("radio").nth(1).check()
    question(opened, "find-the-bug").locator(".quiz-check").click()
    for details in opened.locator(".quiz-answer > summary").all():
        details.click()
    opened.locator(".quiz-erase").click()
    assert faults() == []
    assert errors == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    for button in opened.locator(".quiz-button:visible").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
    context.close()


#: What axe can judge of a part of a page; the whole site is judged by the site's own tests.
RULES = [
    *("aria-allowed-attr", "aria-allowed-role", "aria-required-children", "aria-valid-attr-value"),
    *("button-name", "color-contrast", "duplicate-id-aria", "label", "label-content-name-mismatch"),
    *("list", "listitem", "nested-interactive", "scrollable-region-focusable", "target-size"),
]


def test_script_needs_nothing_that_a_strict_policy_forbids() -> None:
    script = Path(sphinx_quizzes.__file__).parent / "static" / "quizzes.js"
    text = script.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\(|new Function|setAttribute\(\"on|\bfetch\(|import[ (]|window\.confirm", text
    )
    assert len(text.encode()) < 18_000
