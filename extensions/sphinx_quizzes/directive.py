"""``{quiz}`` puts a page's questions on the page, ``{computed}`` a computed value into a text."""

from __future__ import annotations

import hashlib
import json
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from .cells import cell_result, quiz_name, quiz_path
from .nodes import element
from .questions import Question, Quiz, QuizError, Text, Wrong, load, shown_path
from .values import Values, checked, shown
from .words import script_words, translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


def folder(env: BuildEnvironment) -> Path:
    """Where the quizzes lie."""
    return Path(env.srcdir, env.config.quizzes_folder)


def quizzes(env: BuildEnvironment) -> dict[str, list[Quiz]]:
    """The quizzes of each page, kept in the environment from build to build."""
    if not hasattr(env, "quizzes"):
        env.quizzes = {}  # type: ignore[attr-defined]
    return env.quizzes  # type: ignore[attr-defined, no-any-return]


def answers(env: BuildEnvironment) -> dict[str, dict[str, Values]]:
    """The values of each page's quizzes, by their names."""
    if not hasattr(env, "quiz_values"):
        env.quiz_values = {}  # type: ignore[attr-defined]
    return env.quiz_values  # type: ignore[attr-defined, no-any-return]


def shuffled(ident: str, count: int) -> list[int]:
    """An order of a question's items that is the same in every build, and never the right one.

    >>> shuffled("steps", 4), sorted(shuffled("steps", 4))
    ([3, 1, 2, 0], [0, 1, 2, 3])
    """
    order = list(range(count))

    def key(item: int) -> bytes:
        return hashlib.blake2b(f"{ident} {item}".encode()).digest()

    mixed = sorted(order, key=key)
    return mixed if mixed != order else [*order[1:], order[0]]


class QuizDirective(SphinxDirective):
    """``{quiz}``: the questions of this page, or of the quiz that the argument names."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        page = self.env.docname
        name = quiz_name(self.arguments[0] if self.arguments else "", page)
        path = quiz_path(folder(self.env), name)
        self.env.note_dependency(str(path))
        quiz = load(path, name)
        result = cell_result(self.state.document, name)
        if quiz.expressions and result is None and self.config.nb_execution_mode != "off":
            where = f"{shown_path(Path(self.env.doc2path(page)))}:{self.lineno}"
            raise QuizError(
                f"{where}: quiz {name}: its values were not computed. Expected a page that begins "
                "with `file_format: mystnb` and a kernelspec, and a directive ```{quiz} that "
                "stands for itself, inside nothing else"
            )
        self.values = checked(quiz, result, path)
        self.path = str(path)
        self.where = shown_path(path)
        self.line_in_page = self.lineno
        quizzes(self.env).setdefault(page, []).append(quiz)
        answers(self.env).setdefault(page, {})[name] = self.values
        found = [self.question(question) for question in quiz]
        words = json.dumps(script_words(self.config.language), ensure_ascii=False, sort_keys=True)
        box = element(
            "div",
            *found,
            classes=("quiz", "no-search"),
            data_quiz=page,
            data_key=self.config.quizzes_storage_key,
            data_words=words,
        )
        # What sphinx_page_notebooks writes in its place.
        box["spoken"] = self.word("The questions are on the page itself.")
        return [box]

    # -- a question ------------------------------------------------------------------------------

    def question(self, question: Question) -> nodes.Element:
        parts: list[nodes.Node] = [self.paragraph(question.question, "quiz-text")]
        if question.code:
            listing = nodes.literal_block(question.code, question.code, language="python")
            listing["linenos"] = question.kind == "bug"
            listing["classes"] = ["quiz-code"]
            parts.append(listing)
        data: dict[str, object] = {}
        write = getattr(self, f"write_{question.kind}")
        shown_parts, answer = write(question, data)
        parts += shown_parts
        summary = element("summary", nodes.inline("", self.word("Answer")))
        parts.append(element("details", summary, *answer, classes=("quiz-answer",)))
        box = element(
            "div",
            *parts,
            classes=("quiz-question",),
            data_kind=question.kind,
            data_id=question.id,
            **data,
        )
        box["ids"] = [f"quiz-{question.id}"]
        self.state.document.note_explicit_target(box, box)
        return box

    def write_choice(self, question: Question, data: dict[str, object]) -> Any:
        options, answer = [], []
        for choice in question.choices:
            options.append(element("li", self.paragraph(choice.text), data_correct=choice.correct))
            said = (
                self.plain(self.word("Right."), "quiz-verdict")
                if choice.correct or choice.misconception is None
                else self.paragraph(choice.misconception, "quiz-misconception")
            )
            answer.append(element("li", said, self.paragraph(choice.why, "quiz-why")))
        data["data_several"] = sum(choice.correct for choice in question.choices) > 1
        lists = (
            element("ol", *options, classes=("quiz-options",), type="a"),
            element("ol", *answer, classes=("quiz-reasons",), type="a"),
        )
        return [lists[0]], [lists[1]]

    def write_number(self, question: Question, data: dict[str, object]) -> Any:
        value = self.values.answer(question.answer, question.kind)
        data["data_answer"] = json.dumps(value)
        data["data_tolerance"] = question.tolerance or None
        answer = [self.solution(f"{self.word('Answer:')} {shown(value, question.tolerance)}")]
        return [], [*answer, *self.reasons(question)]

    write_shape = write_number

    def write_order(self, question: Question, data: dict[str, object]) -> Any:
        order = shuffled(question.id, len(question.items))
        items = [
            element("li", self.paragraph(question.items[item]), data_place=item + 1)
            for item in order
        ]
        letters = [string.ascii_uppercase[order.index(item)] for item in range(len(order))]
        answer = [self.solution(f"{self.word('In the right order:')} {', '.join(letters)}")]
        return (
            [element("ol", *items, classes=("quiz-items",), type="A")],
            [*answer, *self.reasons(question)],
        )

    def write_bug(self, question: Question, data: dict[str, object]) -> Any:
        data["data_line"] = question.bug_line
        answer = [self.solution(self.word("Line %d") % question.bug_line)]
        return [], [*answer, *self.reasons(question)]

    def reasons(self, question: Question) -> Iterable[nodes.Node]:
        """Why the answer is right, and what the typical wrong ones come from."""
        assert question.why
        yield self.paragraph(question.why, "quiz-why")
        found = []
        for wrong in question.wrong:
            value = self.values.answer(wrong.value, question.kind)
            found.append(
                element(
                    "li",
                    *self.wrong_head(question, wrong, value),
                    self.paragraph(wrong.misconception, "quiz-misconception"),
                    self.paragraph(wrong.why, "quiz-why"),
                    data_value=None if wrong.value is None else json.dumps(value),
                    data_line=wrong.line or None,
                    data_early=wrong.early or None,
                    data_late=wrong.late or None,
                )
            )
        yield element("ul", *found, classes=("quiz-reasons",))

    def wrong_head(self, question: Question, wrong: Wrong, value: Any) -> list[nodes.Node]:
        if wrong.line:
            return [self.solution(self.word("Line %d") % wrong.line)]
        if wrong.value:
            return [self.solution(shown(value, question.tolerance))]
        order = shuffled(question.id, len(question.items))
        early, late = (
            string.ascii_uppercase[order.index(item - 1)] for item in (wrong.early, wrong.late)
        )
        text = self.word("%(early)s before %(late)s") % {"early": early, "late": late}
        return [self.solution(text)]

    def word(self, text: str) -> str:
        """One of the extension's own words, in the language of the build."""
        return translate(text, self.config.language)

    # -- texts -----------------------------------------------------------------------------------

    def paragraph(self, text: Text, *classes: str) -> nodes.paragraph:
        """A paragraph like any other of the page: translated, paired, counted."""
        found, messages = self.parse_inline(text.source, lineno=self.line_in_page)
        paragraph = nodes.paragraph(text.source, "", *found, *messages, classes=list(classes))
        paragraph.source, paragraph.line = self.path, text.line
        return paragraph

    def plain(self, text: str, *classes: str) -> nodes.paragraph:
        """A paragraph in the language of the build already."""
        return nodes.paragraph("", text, translatable=False, classes=list(classes))

    def solution(self, text: str) -> nodes.paragraph:
        return self.plain(text, "quiz-solution")


class Computed(SphinxRole):
    """``{computed}`expression```: what an expression of the page's quiz gave."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        page = self.env.docname
        known = answers(self.env).get(page, {})
        texts = [values.text(self.text) for values in known.values() if values]
        text = next((text for text in texts if text is not None), None)
        if text is None and (texts or self.config.nb_execution_mode != "off"):
            logger.warning(
                "{computed}`%s`: the quiz of this page computes no such expression; a translation "
                "keeps it as it is",
                self.text,
                location=self.get_location(),
                type="quizzes",
                subtype="computed",
            )
        return [nodes.inline(self.rawtext, text or "…", classes=["quiz-computed"])], []


def forget(app: Any, env: BuildEnvironment, docname: str) -> None:
    """A page is read anew, or is gone."""
    quizzes(env).pop(docname, None)
    answers(env).pop(docname, None)


def merge(app: Any, env: BuildEnvironment, docnames: Iterable[str], other: Any) -> None:
    """Take what another process has read."""
    for ours, theirs in ((quizzes(env), quizzes(other)), (answers(env), answers(other))):
        ours.update({name: theirs[name] for name in docnames if name in theirs})


def check_settings(app: Any, config: Config) -> None:
    if not str(config.quizzes_folder).strip("/"):
        raise QuizError("quizzes_folder: expected a folder of its own, got the sources' folder")
