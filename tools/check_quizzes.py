"""Check the questions of pages: their form, the book's rules, and the values that pages compute.

python tools/check_quizzes.py                     every file in docs/quizzes: form and rules
python tools/check_quizzes.py transformer/masks   … and executes the page, prints its answers

A quiz of a part is named like its file: transformer/before. Ends with status 1 if anything is
wrong; each line names file, line, question and field.
"""

from __future__ import annotations

import argparse
import difflib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from settings import ROOT

sys.path.insert(0, str(ROOT / "extensions"))

from sphinx_quizzes.cells import page_of, pages_with_quizzes
from sphinx_quizzes.questions import Question, Quiz, QuizError, Text, load, shown_path
from sphinx_quizzes.values import Values, shown

DOCS = ROOT / "docs"
FOLDER = DOCS / "quizzes"
#: Quizzes that belong to a part instead of a page.
OF_PARTS = ("before", "after")
QUESTIONS, KINDS, WORDS, PHRASE = 5, 3, 40, 10

_MARKUP = re.compile(r"\{[\w:]+\}|\s*<[^<>`]*>(?=`)|[`$*]")


def quiz_files() -> list[Path]:
    return sorted(FOLDER.rglob("*.yml"))


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def quiz_pages() -> dict[str, str]:
    """The page that shows each quiz."""
    return pages_with_quizzes({page_of(path, DOCS): path for path in sorted(DOCS.rglob("*.md"))})


def words(text: str) -> int:
    return len(_MARKUP.sub("", text).split())


def rule_faults(quiz: Quiz) -> Iterator[tuple[int, str]]:
    """Where a quiz breaks the book's rules: line and message."""
    count, kinds = len(quiz.questions), {question.kind for question in quiz}
    if count < QUESTIONS:
        yield 1, f"expected {QUESTIONS} questions or more, got {count}"
    if quiz.name.rpartition("/")[2] not in OF_PARTS:
        if len(kinds) < KINDS:
            yield 1, f"expected {KINDS} kinds of questions or more, got {', '.join(sorted(kinds))}"
        if not kinds & {"number", "shape"}:
            yield 1, "expected a question of kind number or shape, got none"
    for question in quiz:
        for text, message in question_faults(question):
            yield text.line, f"{question.id}: {text.field}: {message}"


def question_faults(question: Question) -> Iterator[tuple[Text, str]]:
    for text in question.texts():
        if text.field.rpartition(".")[2] == "why" and words(text.source) > WORDS:
            yield text, f"expected {WORDS} words or fewer, got {words(text.source)}"
    for name, _ in question.misconceptions():
        if words(name.source) > PHRASE or name.source.endswith("."):
            yield name, f"expected a noun phrase of at most {PHRASE} words, got {name.source!r}"
    if question.kind == "choice":
        if len(question.choices) < 3:
            yield question.question, f"expected 3 or 4 choices, got {len(question.choices)}"
        lengths = {
            right: [
                len(_MARKUP.sub("", each.text.source))
                for each in question.choices
                if each.correct is right
            ]
            for right in (True, False)
        }
        if len(lengths[True]) == 1 and lengths[False] and lengths[True][0] > max(lengths[False]):
            right = next(each.text for each in question.choices if each.correct)
            yield right, "the right answer is the longest: readers would notice"


def similar_names(quizzes: Iterable[Quiz]) -> Iterator[str]:
    """Misconceptions whose names differ by little: one name for one thing."""
    first: dict[str, str] = {}
    for quiz in quizzes:
        for question in quiz:
            for name, _ in question.misconceptions():
                first.setdefault(name.source, f"{shown_path(Path(quiz.path))}:{name.line}")
    names = sorted(first)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            if difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio() > 0.9:
                yield (
                    f"{first[other]}: misconception {other!r} is nearly {name!r} ({first[name]}): "
                    "expected one name for one misconception"
                )


def computed_values(pages: list[str]) -> dict[str, dict[str, Values]]:
    """Execute pages as the site's build does, into its cache, and take their quizzes' values."""
    os.environ.setdefault("JUMOK_LIVE", "1")  # leaves out what these checks don't need
    from sphinx.application import Sphinx

    from sphinx_quizzes.directive import answers

    build, log = ROOT / "_build" / "quizzes", io.StringIO()
    settings = {
        "include_patterns": ["index.md", *(f"{page}.md" for page in pages)],
        "suppress_warnings": ["toc", "ref", "bibtex", "myst", "app", "book_map"],
        "nitpicky": False,
    }
    app = Sphinx(
        *(DOCS, ROOT, build / "out", build / "doctrees", "dummy"),
        confoverrides=settings,
        status=None,
        warning=log,
        freshenv=True,
    )
    app.build()
    if warnings := log.getvalue().strip():
        raise QuizError(warnings)
    return answers(app.env)


def describe(question: Question, values: Values) -> str:
    """A question's computed answers in a line."""
    if question.answer is None:
        return ""
    right = shown(values.answer(question.answer, question.kind), question.tolerance)
    wrong = [
        shown(values.answer(each.value, question.kind), question.tolerance)
        for each in question.wrong
    ]
    return f"{question.id:<32}{question.kind:<8}{right:<18}wrong: {'  '.join(wrong)}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("quizzes", nargs="*", metavar="page", help="for instance transformer/masks")
    arguments = parser.parse_args()
    given = [re.sub(r"^docs/(quizzes/)?|\.(md|yml)$", "", each) for each in arguments.quizzes]
    faults, quizzes = [], {}
    pages = quiz_pages()
    wanted = [FOLDER / f"{name}.yml" for name in given] or quiz_files()
    everything = []
    for path in dict.fromkeys([*wanted, *quiz_files()]):
        try:
            quiz = load(path, name_of(path))
        except QuizError as error:
            faults += [str(error)] if path in wanted else []
            continue
        everything.append(quiz)
        if path in wanted:
            quizzes[quiz.name] = quiz
            where = shown_path(path)
            faults += [f"{where}:{line}: {text}" for line, text in rule_faults(quiz)]
            if quiz.name not in pages:
                faults.append(f"{where}:1: no page shows this quiz: add the directive to one")
    faults += similar_names(everything)
    shown_on = list(dict.fromkeys(pages[name] for name in given if name in pages))
    if given and shown_on and all(name in quizzes for name in given):
        try:
            values = computed_values(shown_on)
        except QuizError as error:
            faults.append(str(error))
        else:
            for name in given:
                found = values.get(pages.get(name, ""), {}).get(name, Values())
                for line in filter(None, (describe(each, found) for each in quizzes[name])):
                    print(line)
    for fault in faults:
        print(fault)
    count = sum(len(quiz.questions) for quiz in quizzes.values())
    print(f"{len(quizzes)} quizzes, {count} questions, {len(faults)} findings")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
