"""The data of a quiz: read from its file, checked, and given out as questions.

Every text is taken as it is written: YAML's other types never get in the way. Every fault is
reported with file, line, question and field, what was expected and what was given.
"""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from sphinx.errors import ExtensionError

from .reading import Reader, YamlError, compose

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("choice", "number", "order", "shape", "bug")
IDENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COMPUTED = re.compile(r"\{computed\}(`+)(.+?)\1", re.DOTALL)

#: The fields of each kind, beside id, kind and question: those it needs, and those it may have.
FIELDS = {
    "choice": (("choices",), ("code",)),
    "number": (("answer", "why", "wrong"), ("tolerance", "code")),
    "shape": (("answer", "why", "wrong"), ("code",)),
    "order": (("items", "why", "wrong"), ("code",)),
    "bug": (("code", "line", "why", "lines"), ()),
}


class QuizError(ExtensionError):
    """A quiz has faults; the message has a line for each."""


#: A link to a page by a name that holds on the quiz's own page only.
RELATIVE_LINK = re.compile(r"\{doc\}`(?:[^`<]*<)?([^/`<>][^`<>]*)>?`")


@dataclass(frozen=True)
class Text:
    """One paragraph of inline MyST, and where it stands."""

    source: str
    line: int
    field: str

    def expressions(self) -> Iterator[Expression]:
        """What ``{computed}`` asks for in this text."""
        for match in COMPUTED.finditer(self.source):
            yield Expression(match[2], self.line, f"{self.field}: {{computed}}")


@dataclass(frozen=True)
class Expression:
    """A Python expression, evaluated after the quiz's cell."""

    source: str
    line: int
    field: str


@dataclass(frozen=True)
class Choice:
    """One of the choices of a question."""

    text: Text
    correct: bool
    why: Text
    misconception: Text | None = None


@dataclass(frozen=True)
class Wrong:
    """A typical wrong answer: a value, a line, or an item before another."""

    misconception: Text
    why: Text
    value: Expression | None = None
    line: int = 0
    early: int = 0
    late: int = 0


@dataclass(frozen=True)
class Question:
    """A question of any kind."""

    id: str
    kind: str
    question: Text
    line: int
    code: str = ""
    choices: tuple[Choice, ...] = ()
    items: tuple[Text, ...] = ()
    answer: Expression | None = None
    tolerance: float = 0.0
    bug_line: int = 0
    why: Text | None = None
    wrong: tuple[Wrong, ...] = ()

    def texts(self) -> Iterator[Text]:
        """Every text of the question, in the order of the page."""
        yield self.question
        for choice in self.choices:
            yield choice.text
        yield from self.items
        for choice in self.choices:
            if choice.misconception:
                yield choice.misconception
            yield choice.why
        if self.why:
            yield self.why
        for wrong in self.wrong:
            yield wrong.misconception
            yield wrong.why

    def misconceptions(self) -> Iterator[tuple[Text, Text]]:
        """Each misconception that the question detects, with what it says to it."""
        for each in (*self.choices, *self.wrong):
            if each.misconception:
                yield each.misconception, each.why


@dataclass(frozen=True)
class Quiz:
    """The questions of a page."""

    name: str
    path: str
    questions: tuple[Question, ...]
    cell: str = ""
    cell_line: int = 0
    expressions: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)


def shown_path(path: Path) -> str:
    """A path as messages name it: from the working folder, if the file lies below it."""
    try:
        shown = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if shown.startswith("..") else Path(shown).as_posix()


def load(path: Path | str, name: str = "") -> Quiz:
    """Read and check a quiz.

    Args:
        path: the YAML file.
        name: the quiz's name; the file's without its ending if empty.

    Raises:
        QuizError: the file can't be read, or something in it is wrong. The message has a line
            for each fault, with file, line, question and field.
    """
    path = Path(path)
    shown = shown_path(path)
    try:
        tree = compose(path)
    except YamlError as fault:
        raise QuizError(f"{shown}:{fault.line}: {fault}") from fault
    reader = QuizReader()
    quiz = reader.quiz(tree, name or path.stem, str(path))
    if reader.faults:
        found = sorted(dict.fromkeys(reader.faults))
        raise QuizError("\n".join(f"{shown}:{line}: {fault}" for line, fault in found))
    return quiz


def all_expressions(questions: tuple[Question, ...]) -> Iterator[Expression]:
    """Every expression of a quiz, in its order."""
    for question in questions:
        for text in question.texts():
            yield from text.expressions()
        if question.answer:
            yield question.answer
        for wrong in question.wrong:
            if wrong.value:
                yield wrong.value


class QuizReader(Reader):
    """Turns the nodes of a file into questions."""

    markdown = MarkdownIt("commonmark")

    def quiz(self, tree: object, name: str, path: str) -> Quiz:
        fields = self.fields(tree, "questions", needed=("questions",), known=("cell",))
        cell, cell_line = self.code(fields.get("cell"), "cell")
        nodes = self.items(fields.get("questions"), "questions", 1)
        found = [self.question(node) for node in nodes]
        questions = tuple(each for each in found if each is not None)
        self.place = ""
        seen: dict[str, Question] = {}
        for each in questions:
            if each.id in seen:
                first = seen[each.id].line
                self.fault(each.line, f"{each.id}: id: expected another one, line {first} has it")
            seen.setdefault(each.id, each)
        expressions = dict.fromkeys(each.source for each in all_expressions(questions))
        return Quiz(name, path, questions, cell, cell_line, tuple(expressions))

    def question(self, node: object) -> Question | None:
        self.place = f"question at line {self.line_of(node)}"
        if (raw := self.mapping(node, "a question: id, kind, question, …")) is None:
            return None
        ident = self.string(raw.get("id"), "id") if "id" in raw else ""
        if ident:
            self.place = ident
        if not IDENT.fullmatch(ident):
            self.fault(node, f"id: expected small letters, digits and hyphens, got {ident!r}")
        kind = self.string(raw.get("kind"), "kind") if "kind" in raw else ""
        if kind not in KINDS:
            self.fault(raw.get("kind", node), f"kind: expected {', '.join(KINDS)}, got {kind!r}")
            return None
        needed, known = FIELDS[kind]
        needed = ("id", "kind", "question", *needed)
        fields = self.fields(node, f"a question of kind {kind}", needed=needed, known=known)
        code, _ = self.code(fields.get("code"), "code", check=kind != "bug")
        choices = items = wrong = ()
        answer: Expression | None = None
        if kind == "choice":
            choices = tuple(self.choices(fields.get("choices")))
        elif kind == "order":
            found = self.items(fields.get("items"), "items", 3, 5)
            items = tuple(self.text(each, f"items[{n}]") for n, each in enumerate(found, 1))
        elif kind in ("number", "shape"):
            answer = self.expression(fields.get("answer"), "answer", kind)
        if "wrong" in fields:
            wrong = tuple(self.wrong(fields["wrong"], kind, len(items)))
        line = 0
        if kind == "bug":
            rows = code.count("\n") + 1 if code else 0
            if code and not 3 <= rows <= 10:
                self.fault(fields.get("code"), f"code: expected 3 to 10 lines, got {rows}")
            line = self.integer(fields.get("line"), "line", 1, max(rows, 1))
            wrong = tuple(self.lines(fields.get("lines"), rows, line))
        return Question(
            id=ident,
            kind=kind,
            question=self.text(fields.get("question"), "question"),
            line=self.line_of(node),
            code=code,
            choices=choices,
            items=items,
            answer=answer,
            tolerance=self.number(fields.get("tolerance"), "tolerance"),
            bug_line=line,
            why=self.text(fields["why"], "why") if "why" in fields else None,
            wrong=wrong,
        )

    def choices(self, node: object) -> Iterator[Choice]:
        nodes = self.items(node, "choices", 2, 4)
        right = 0
        for number, each in enumerate(nodes, 1):
            place = f"choices[{number}]"
            raw = self.mapping(each, f"{place}: text, why and correct or misconception") or {}
            correct = "correct" in raw
            needed = ("text", "why", "correct" if correct else "misconception")
            fields = self.fields(each, place, needed=needed, prefix=f"{place}.")
            if correct:
                right += 1
                if (given := self.string(raw["correct"], f"{place}.correct")) != "true":
                    self.fault(raw["correct"], f"{place}.correct: expected true, got {given!r}")
            named = fields.get("misconception")
            yield Choice(
                self.text(fields.get("text"), f"{place}.text"),
                correct,
                self.text(fields.get("why"), f"{place}.why"),
                self.text(named, f"{place}.misconception") if named is not None else None,
            )
        if nodes and not right:
            self.fault(node, "choices: expected one with `correct: true`, got none")
        elif nodes and right == len(nodes):
            self.fault(node, "choices: expected one that is wrong, got none")

    def wrong(self, node: object, kind: str, count: int) -> Iterator[Wrong]:
        keys = ("early", "late") if kind == "order" else ("value",)
        for number, each in enumerate(self.items(node, "wrong", 1), 1):
            place = f"wrong[{number}]"
            needed = (*keys, "misconception", "why")
            fields = self.fields(each, place, needed=needed, prefix=f"{place}.")
            early = late = 0
            if kind == "order":
                early = self.integer(fields.get("early"), f"{place}.early", 1, count or 1)
                late = self.integer(fields.get("late"), f"{place}.late", 1, count or 1)
                if early and late and early <= late:
                    message = "expected an item that belongs after the item number `late`"
                    self.fault(each, f"{place}.early: {message} ({late}), got {early}")
            yield Wrong(
                self.text(fields.get("misconception"), f"{place}.misconception"),
                self.text(fields.get("why"), f"{place}.why"),
                None
                if kind == "order"
                else self.expression(fields.get("value"), f"{place}.value", ""),
                early=early,
                late=late,
            )

    def lines(self, node: object, rows: int, bug: int) -> Iterator[Wrong]:
        seen = {bug}
        for number, each in enumerate(self.items(node, "lines", 2), 1):
            place = f"lines[{number}]"
            needed = ("line", "misconception", "why")
            fields = self.fields(each, place, needed=needed, prefix=f"{place}.")
            line = self.integer(fields.get("line"), f"{place}.line", 1, max(rows, 1))
            if line in seen:
                what = "the line with the bug" if line == bug else "a line named before"
                self.fault(each, f"{place}.line: expected another line, got {line}, {what}")
            seen.add(line)
            yield Wrong(
                self.text(fields.get("misconception"), f"{place}.misconception"),
                self.text(fields.get("why"), f"{place}.why"),
                line=line,
            )

    # -- texts and expressions -------------------------------------------------------------------

    def text(self, node: object, name: str) -> Text:
        source = " ".join(self.string(node, name).split()) if node is not None else ""
        line = self.line_of(node)
        if source:
            blocks = [token.type for token in self.markdown.parse(source) if token.level == 0]
            if blocks != ["paragraph_open", "paragraph_close"]:
                self.fault(node, f"{name}: expected one paragraph of text, got {source[:40]!r}")
        if relative := RELATIVE_LINK.search(source):
            # The list of misconceptions shows a quiz's texts on a page in another folder.
            target = relative[1]
            self.fault(node, f"{name}: expected a page from the root, /{target}, got {target!r}")
        text = Text(source, line, name)
        for each in text.expressions():
            self.check_expression(node, each.source, each.field)
        return text

    def expression(self, node: object, name: str, kind: str) -> Expression | None:
        """An expression; for the answer of a kind, one that computes it."""
        if node is None or not (source := self.string(node, name).strip()):
            return None
        tree = self.check_expression(node, source, name)
        if tree is not None and kind:
            has_name = any(isinstance(each, ast.Name) for each in ast.walk(tree))
            if is_literal(source) or (kind == "shape" and not has_name):
                wanted = "an expression that computes the answer, such as `tuple(weights.shape)`"
                self.fault(node, f"{name}: expected {wanted}, got a typed result: {source}")
        return Expression(source, self.line_of(node), name)

    def check_expression(self, node: object, source: str, name: str) -> ast.Expression | None:
        try:
            return ast.parse(source, mode="eval")
        except SyntaxError as error:
            self.fault(node, f"{name}: expected a Python expression, got {source!r}: {error.msg}")
            return None

    def code(self, node: object, name: str, *, check: bool = True) -> tuple[str, int]:
        """Code, and the line of its first line in the file."""
        if node is None:
            return "", 0
        source = self.string(node, name).rstrip()
        line = self.line_of(node) + (getattr(node, "style", None) in ("|", ">"))
        try:
            if check:
                ast.parse(source)
        except SyntaxError as error:
            self.fault(line + (error.lineno or 1) - 1, f"{name}: not Python: {error.msg}")
        return source, line


def is_literal(source: str) -> bool:
    """Whether an expression is nothing but a value that somebody typed.

    >>> is_literal("15"), is_literal("(2, 5)"), is_literal("5 * 3"), is_literal("len(tokens)")
    (True, True, False, False)
    """
    try:
        ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError):
        return False
    return True
