"""The values of a quiz: from the output of its cell to answers that are checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .questions import QuizError, all_expressions, shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from .questions import Expression, Question, Quiz

Answer = int | float | list[int]
#: A number with more decimals than this can't be typed: it needs a tolerance.
DECIMALS = 3


@dataclass(frozen=True)
class Values:
    """What each expression of a quiz gave; empty where nothing was executed."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def text(self, expression: str) -> str | None:
        """A value as ``{computed}`` prints it; None for an unknown expression."""
        value = self.found.get(expression)
        return None if value is None else value.get("text")

    def answer(self, expression: Expression | None, kind: str) -> Answer | None:
        """A value as an answer of a kind; None if it is none, or not known."""
        if expression is None:
            return None
        found: Answer | None = self.found.get(expression.source, {}).get(kind)
        return found


def checked(quiz: Quiz, result: dict[str, Any] | None, where: Path) -> Values:
    """The values of a quiz from what its cell gave.

    Raises:
        QuizError: the cell or an expression raised, an answer isn't of its kind, or a wrong answer
            is the right one. The message has a line for each fault.
    """
    shown = shown_path(where)
    if result is None:
        return Values()
    if "error" in result:
        line = quiz.cell_line + result["line"] - 1
        raise QuizError(f"{shown}:{line}: cell: {result['error']}")
    values = Values(result["values"])
    faults = [
        (each.line, f"{question.id}: {each.field}: {each.source} raised {error}")
        for question in quiz
        for each in all_expressions((question,))
        if (error := values.found[each.source].get("error"))
    ]
    for question in quiz:
        if question.answer:
            faults += [
                (each.line, f"{question.id}: {each.field}: {message}")
                for each, message in answer_faults(question, values)
            ]
    if faults:
        found = sorted(dict.fromkeys(faults))
        raise QuizError("\n".join(f"{shown}:{line}: {fault}" for line, fault in found))
    return values


def answer_faults(question: Question, values: Values) -> list[tuple[Expression, str]]:
    """What is wrong with the answers of a question whose answer is computed."""
    assert question.answer
    kind, faults = question.kind, []
    wanted = "a number" if kind == "number" else "a shape: a tuple of whole numbers"
    seen: list[tuple[str, Answer]] = []
    for each in [question.answer, *(wrong.value for wrong in question.wrong if wrong.value)]:
        entry = values.found[each.source]
        if "error" in entry:
            continue
        value = values.answer(each, kind)
        if value is None:
            faults.append((each, f"expected {wanted}, got {each.source} = {entry['text']}"))
            continue
        if kind == "number" and needs_tolerance(value, question.tolerance):
            message = f"{each.source} = {value}: nobody can type that exactly; add a tolerance"
            faults.append((each, message))
        for name, other in seen:
            if same(value, other, question.tolerance):
                faults.append((each, f"expected something else than {name}, got {value} again"))
        seen.append(("the answer" if each is question.answer else each.field, value))
    return faults


def needs_tolerance(value: Answer, tolerance: float) -> bool:
    return isinstance(value, float) and not tolerance and round(value, DECIMALS) != value


def same(one: Answer, other: Answer, tolerance: float) -> bool:
    """Whether a reader who typed the one would be taken to mean the other."""
    if isinstance(one, list) or isinstance(other, list):
        return one == other
    return abs(one - other) <= tolerance


def shown(value: Answer | None, tolerance: float = 0.0) -> str:
    """A value as an answer is written.

    >>> shown(74496), shown([2, 8, 5, 5]), shown(0.70711, 0.01), shown(0.5), shown([7])
    ('74,496', '(2, 8, 5, 5)', '0.707', '0.5', '(7,)')
    """
    if value is None:
        return "…"
    if isinstance(value, list):
        return f"({value[0]},)" if len(value) == 1 else f"({', '.join(map(str, value))})"
    if isinstance(value, int):
        return f"{value:,}"
    decimals = 1 - math.floor(math.log10(tolerance)) if tolerance else DECIMALS
    text = f"{value:,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
