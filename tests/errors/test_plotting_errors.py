"""What a figure refuses to draw, and what it says."""

import pytest
import torch

from jumok.plotting import (
    architecture,
    attention_heads,
    bars,
    heatmap,
    lines,
    matrices,
    points,
    position_encodings,
    timeline,
)

NAN = float("nan")


@pytest.mark.parametrize("alt", ["", "  ", None])
@pytest.mark.parametrize(
    "draw",
    [
        lambda alt: heatmap([[1.0]], alt=alt),
        lambda alt: attention_heads([[[1.0]]], alt=alt),
        lambda alt: position_encodings([[1.0]], alt=alt),
        lambda alt: matrices([("A", [[1.0]])], alt=alt),
        lambda alt: lines([1], {"a": [1]}, x_label="", y_label="", alt=alt),
        lambda alt: bars(["a"], [1], alt=alt),
        lambda alt: architecture(None, alt=alt),
        lambda alt: timeline([2017.0], ["a"], ["b"], alt=alt),
        lambda alt: points([1], [1], labels=["a"], x_label="", y_label="", alt=alt),
    ],
)
def test_alt_is_required(draw, alt):
    with pytest.raises(ValueError, match="alt must be a sentence"):
        draw(alt)


def test_alt_has_no_default():
    with pytest.raises(TypeError, match="alt"):
        heatmap([[1.0]])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[NAN, 1.0]], "weights must be finite, got 1 NaN and 0 infinite"),
        (torch.full((2, 2), torch.inf), "got 0 NaN and 4 infinite"),
        ([1.0, 2.0], r"weights must have 2 axes, none of them empty, got shape \(2,\)"),
        (torch.zeros(0, 3), r"got shape \(0, 3\)"),
        ([[1.0, 2.0], [3.0]], "weights must be numbers in rows of equal length"),
        ([["a"]], "weights must be numbers"),
        ([[0.5, -0.25]], r'must not be negative, got -0.25; colour="diverging"'),
    ],
)
def test_heatmap_wants_finite_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        heatmap(weights, alt="x")


def test_labels_match_their_axis():
    with pytest.raises(ValueError, match=r"rows must be 2 labels, got 3: \['a', 'b', 'c'\]"):
        heatmap(torch.ones(2, 3), rows=["a", "b", "c"], alt="x")
    with pytest.raises(ValueError, match="columns must be 3 labels, got 1"):
        heatmap(torch.ones(2, 3), columns=["a"], alt="x")
    with pytest.raises(ValueError, match="titles must be 2 labels, got 1"):
        attention_heads(torch.ones(2, 3, 3), titles=["a"], alt="x")
    with pytest.raises(ValueError, match="labels must be 2 labels, got 1"):
        bars(["a"], [1, 2], alt="x")


def test_colour_is_one_of_two():
    with pytest.raises(ValueError, match="colour must be"):
        heatmap([[1.0]], colour="rainbow", alt="x")


def test_heads_have_three_axes():
    with pytest.raises(ValueError, match=r"weights must have 3 axes.* got shape \(2, 2\)"):
        attention_heads(torch.ones(2, 2), alt="x")


@pytest.mark.parametrize(
    ("x", "series", "options", "message"),
    [
        ([1, 2], {}, {}, "series must hold at least one curve"),
        ([1, 2], {"a": [1]}, {}, "series 'a' must have 2 values, as x has, got 1"),
        ([1, 2], {"a": ([1, 2], [1])}, {}, "series 'a' must have 2 values, as x has, got 1"),
        ([1, 2], {"a": [1, NAN]}, {}, "series 'a' must be finite"),
        ([0, 2], {"a": [1, 2]}, {"log_x": True}, "x must be above 0 on a logarithmic axis, got 0"),
        ([1, 2], {"a": [1, -2]}, {"log_y": True}, "series 'a' must be above 0 .* got -2"),
    ],
)
def test_lines_want_values_for_every_x(x, series, options, message):
    with pytest.raises(ValueError, match=message):
        lines(x, series, x_label="x", y_label="y", **options, alt="x")


def test_bars_want_a_series():
    with pytest.raises(ValueError, match="values must hold at least one series"):
        bars(["a"], {}, alt="x")


def test_matrices_want_matrices():
    with pytest.raises(ValueError, match="items must hold at least one"):
        matrices(["="], alt="x")
    with pytest.raises(ValueError, match="A must be finite"):
        matrices([("A", [[NAN]])], alt="x")
    with pytest.raises(ValueError, match=r"highlight names 'B', the matrices are \['A'\]"):
        matrices([("A", [[1]])], highlight={"B": [(0, 0)]}, alt="x")
    with pytest.raises(ValueError, match=r"highlight \(1, 0\) is outside A \(1, 1\)"):
        matrices([("A", [[1]])], highlight={"A": [(1, 0)]}, alt="x")


def test_architecture_wants_our_transformer():
    with pytest.raises(
        ValueError, match=r"must be a jumok\.transformer\.Transformer, got .*Linear"
    ):
        architecture(torch.nn.Linear(1, 1), alt="x")


@pytest.mark.parametrize(
    ("years", "names", "lanes", "message"),
    [
        ([2017.0, 2018.0], ["a"], ["x", "y"], "names must be 2 labels, got 1"),
        ([2017.0, 2018.0], ["a", "b"], ["x"], "lanes must be 2 labels, got 1"),
        ([2017.0, NAN], ["a", "b"], ["x", "y"], "years must be finite"),
        ([], [], [], "years must have 1 axes, none of them empty"),
    ],
)
def test_a_timeline_needs_a_name_and_a_lane_for_each(years, names, lanes, message):
    with pytest.raises(ValueError, match=message):
        timeline(years, names, lanes, alt="x")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y": [1]}, "y must have 2 values, as x has, got 1"),
        ({"labels": ["a"]}, "labels must be 2 labels, got 1"),
        ({"groups": ["a"]}, "groups must be 2 labels, got 1"),
        ({"y": [1, 0]}, "y must be above 0 on a logarithmic axis, got 0"),
        ({"curve": ([1, 2], [1])}, "curve must be as many x as y, got 2 and 1"),
        ({"curve": ([1, 2], [1, -1])}, "curve must be above 0 on a logarithmic axis, got -1"),
    ],
)
def test_points_need_to_match(changed, message):
    given = {"x": [1, 2], "y": [1, 2], "labels": ["a", "b"], **changed}
    with pytest.raises(ValueError, match=message):
        points(given.pop("x"), given.pop("y"), **given, x_label="", y_label="", log_y=True, alt="x")
