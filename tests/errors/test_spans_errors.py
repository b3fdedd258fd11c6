"""What marked texts refuse, and what they say."""

import pytest

from jumok.plotting import highlight_spans

TEXT = "In Berlin."


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((3, 11, "LOC"), r"span 1 must have 0 ≤ start < end ≤ 10, .* got LOC 3 to 11"),
        ((-1, 3, "LOC"), "got LOC -1 to 3"),
        ((5, 3, "LOC"), "got LOC 5 to 3"),
        ((3, 3, "LOC"), "got LOC 3 to 3"),
        ((3, 9), r"must be \(start, end, label\) or .*, got \(3, 9\)"),
        ((3, 9, ""), "must have one of entity_group, entity, label, answer, got"),
        ({"start": 3, "end": 9}, "must have one of entity_group, entity, label, answer, got"),
        ({"label": "LOC", "start": 3}, "must have end, got"),
        ("LOC", "must have start and end, got 'LOC'"),
        ((3.0, 9, "LOC"), "must have an integer as its start, got 3.0"),
        ({"label": "LOC", "start": 3, "end": None}, "an integer as its end, got None"),
        ((3, 9, "LOC", "high"), "must have a number as its score, got 'high'"),
        ((3, 9, "LOC", float("nan")), "must have a number as its score, got nan"),
        (
            {"start": 0, "end": 6, "answer": "Berlin"},
            "must be 'Berlin' as its answer says, but from 0 to 6 the text has 'In Ber'",
        ),
    ],
)
def test_a_span_lies_in_the_text_and_has_a_label(span, message):
    with pytest.raises(ValueError, match=message):
        highlight_spans(TEXT, [span], alt="x")


def test_the_message_says_which_span():
    with pytest.raises(ValueError, match="span 2 must have"):
        highlight_spans(TEXT, [(0, 2, "a"), (3, 99, "b")], alt="x")


def test_spans_do_not_overlap():
    with pytest.raises(ValueError, match="must not overlap, got PER 0 to 5 and LOC 3 to 9"):
        highlight_spans(TEXT, [(3, 9, "LOC"), (0, 5, "PER")], alt="x")


def test_alt_and_text_are_required():
    with pytest.raises(ValueError, match="alt must be a sentence"):
        highlight_spans(TEXT, [], alt=" ")
    with pytest.raises(ValueError, match="text must be a string, got list"):
        highlight_spans([TEXT], [], alt="x")
