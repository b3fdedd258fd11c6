"""What attention views say when they are given something else."""

import numpy as np
import pytest
import torch

from jumok.plotting import attention_steps, attention_view

HALVES = torch.full((2, 2), 0.5)
AB = ["a", "b"]
VIEWS = {
    "a sentence that says": lambda: attention_view(HALVES, AB, alt=" "),
    r"\(query, key\), got shape \(2,\)": lambda: attention_view(HALVES[0], AB, alt="x"),
    r"choose one text of the batch": lambda: attention_view(
        HALVES.expand(1, 1, 1, 2, 2), AB, alt="x"
    ),
    r"1 to 128 queries and keys, got shape \(129, 129\)": lambda: attention_view(
        torch.eye(129), ["t"] * 129, alt="x"
    ),
    r"one shape in every layer, got \[\(1, 2, 2\), \(2, 2\)\]": lambda: attention_view(
        [HALVES, HALVES[None]], AB, alt="x"
    ),
    "rows of equal length": lambda: attention_view([[0.5, 0.5], [1.0]], AB, alt="x"),
    "finite, got 1 NaN": lambda: attention_view([[float("nan"), 1.0]], ["q"], AB, alt="x"),
    "are these scores, before the softmax": lambda: attention_view(-HALVES, AB, alt="x"),
    "queries must be 2 tokens, as many as the weights have, got 3": lambda: attention_view(
        HALVES, [*AB, "c"], alt="x"
    ),
    "a list of tokens, got the string 'ab'": lambda: attention_view(HALVES, "ab", alt="x"),
    "keys must be 3 tokens": lambda: attention_view(torch.ones(2, 3) / 3, AB, alt="x"),
    "keys must be given for cross attention": lambda: attention_view(
        HALVES, AB, kind="cross", alt="x"
    ),
    "kind must be one of 'self', 'cross', 'alignment', got 'both'": lambda: attention_view(
        HALVES, AB, kind="both", alt="x"
    ),
    "view must be": lambda: attention_view(HALVES, AB, view="graph", alt="x"),
    "layer must be a number from 0 to 0, got 1": lambda: attention_view(
        HALVES, AB, layer=1, alt="x"
    ),
    "head must be a number from 0 to 0, got -1": lambda: attention_view(
        HALVES, AB, head=-1, alt="x"
    ),
    '"mean" or "sum", got \'max\'': lambda: attention_view(HALVES, AB, head="max", alt="x"),
    "choose must be a number from 0 to 1, got 'a'": lambda: attention_view(
        HALVES, AB, choose="a", alt="x"
    ),
    "head_names must be 1 labels": lambda: attention_view(HALVES, AB, head_names=AB, alt="x"),
    "mask must be boolean, True = may attend, got float32": lambda: attention_view(
        HALVES, AB, mask=torch.ones(2, 2), alt="x"
    ),
    r"broadcast to \(layers, heads, query, key\) = \(1, 1, 2, 2\), got shape \(3, 3\)": lambda: (
        attention_view(HALVES, AB, mask=np.ones((3, 3), dtype=bool), alt="x")
    ),
    "mask hides 2 weights that are not 0": lambda: attention_view(
        HALVES, AB, mask=torch.tensor([True, False]), alt="x"
    ),
}
ONE = [[1.0]]
STEPS = {
    r"query \(query, d_k\).*got query \(1, 2\), key \(1, 1\)": lambda: attention_steps(
        [[1.0, 2.0]], ONE, ONE, alt="x"
    ),
    r"value \(2, 1\)": lambda: attention_steps(ONE, ONE, [[1.0], [2.0]], alt="x"),
    "6 rows and columns at most": lambda: attention_steps(np.ones((7, 1)), ONE, ONE, alt="x"),
    "numbers from −1000 to 1000, got 2000": lambda: attention_steps([[2000.0]], ONE, ONE, alt="x"),
    "mask must be boolean": lambda: attention_steps(ONE, ONE, ONE, mask=[[1]], alt="x"),
    r"broadcast to \(query, key\) = \(1, 1\), got shape \(2, 1\)": lambda: attention_steps(
        ONE, ONE, ONE, mask=[[True], [True]], alt="x"
    ),
    "queries must be 1 labels": lambda: attention_steps(ONE, ONE, ONE, queries=AB, alt="x"),
    "a sentence that says": lambda: attention_steps(ONE, ONE, ONE, alt=""),
}


@pytest.mark.parametrize("message", VIEWS)
def test_view(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VIEWS[message]()


@pytest.mark.parametrize("message", STEPS)
def test_steps(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        STEPS[message]()
