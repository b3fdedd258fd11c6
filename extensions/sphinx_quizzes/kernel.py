"""What runs in the kernel of a page: the hidden cell that computes a quiz's values."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .questions import Quiz


# Its source is the cell: it must not need anything of this module.
def _quiz_values(name: str, code: str, expressions: list[str], page: dict[str, object]) -> None:
    import math
    import random
    import sys
    import traceback
    from numbers import Real

    from IPython.display import display

    # The page goes on as if no quiz had been there: with its names and its random numbers.
    restore = [(random.setstate, random.getstate())]
    if "numpy" in sys.modules:
        chance = sys.modules["numpy"].random
        restore.append((chance.set_state, chance.get_state()))
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        restore.append((torch.set_rng_state, torch.get_rng_state()))
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            restore.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))

    def described(error: Exception) -> str:
        return f"{type(error).__name__}: {error}"

    def value_of(expression: str) -> dict[str, object]:
        try:
            value = eval(expression, names)
            text = str(value)
        except Exception as error:
            return {"error": described(error)}
        if getattr(value, "size", None) == 1 or getattr(value, "ndim", None) == 0:
            value = value.item() if hasattr(value, "item") else value
        elif hasattr(value, "numel") and value.numel() == 1:
            value = value.item()
        found = {"text": text}
        if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
            found["number"] = value if isinstance(value, int) else float(value)
        if isinstance(value, (tuple, list)) and all(type(each) is int for each in value):
            found["shape"] = list(value)
        return found

    names = dict(page)
    result = {"quiz": name}
    try:
        exec(compile(code, "<quiz>", "exec"), names)
        result["values"] = {expression: value_of(expression) for expression in expressions}
    except Exception as error:
        lines = [
            each.lineno
            for each in traceback.extract_tb(error.__traceback__)
            if each.filename == "<quiz>"
        ]
        result.update(error=described(error), line=lines[-1] if lines else 1)
    for restore_state, state in restore:
        restore_state(state)
    display({"application/json": result}, raw=True)


def first_line(name: str) -> str:
    """The line by which a quiz's cell is known."""
    return f"# the values of the quiz {name}"


def cell_source(quiz: Quiz) -> str:
    """The hidden cell of a quiz; "" for one that computes nothing."""
    if not quiz.expressions and not quiz.cell:
        return ""
    function = inspect.getsource(_quiz_values).rstrip()
    arguments = f"{quiz.name!r}, {quiz.cell!r}, {list(quiz.expressions)!r}, globals()"
    return f"{first_line(quiz.name)}\n{function}\n\n\n_quiz_values({arguments})\ndel _quiz_values"
