"""What the loader of the history refuses, and what it says."""

import pytest

from jumok.data.history import fit_growth, load_history

GOOD = """
[[step]]
name = "GPT"
date = 2018-06-11
kind = "decoder"
source = "radford2018improving"
fixed = "Pretraining."
"""


def load(tmp_path, text):
    path = tmp_path / "history.toml"
    path.write_text(text, encoding="utf-8")
    return load_history(path)


def test_a_good_file_is_read(tmp_path):
    (step,) = load(tmp_path, GOOD)
    assert (step.name, step.parameters, step.sizes) == ("GPT", None, None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "decoder"', 'kind = "gpt"', r"entry 1 \(GPT\), field kind: expected one of emb"),
        ('kind = "decoder"', "", r"field kind: expected a value, got None"),
        ("2018-06-11", '"2018-06-11"', r"field date: expected a day .* got '2018-06-11'"),
        ("2018-06-11", "2018-06-11T00:00:00", r"field date: expected a day"),
        ('name = "GPT"', 'name = " "', r"entry 1 \( \), field name: expected a text"),
        ("[[step]]", "[[step]]\nyear = 2018", r"field year: expected one of name, date"),
        ("[[step]]", "[[step]]\npublished = 2017", r"published: expected .* between 2018 and 2028"),
        ("[[step]]", "[[step]]\nparameters = 1.5e9", r"parameters: expected a whole number of at"),
        ("[[step]]", "[[step]]\nactive = 3", r"active: expected none without parameters, got 3"),
        ("[[step]]", "[[step]]\nparameters = 2\nactive = 3", r"active: .* between 1 and 2, got 3"),
        (
            "[[step]]",
            "[[step]]\nparameters = 2\nsizes = { layers = 1 }",
            r"sizes: expected layers,",
        ),
        ('fixed = "Pretraining."', "", r"fixed: expected a value, got None"),
        ('"Pretraining."', '""', r"field fixed: expected a text, got ''"),
    ],
)
def test_a_fault_is_named(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        load(tmp_path, GOOD.replace(old, new))


def test_a_size_is_a_whole_number(tmp_path):
    sizes = "{ layers = 0, width = 1, vocabulary = 1, positions = 1 }"
    with pytest.raises(ValueError, match=r"field sizes\.layers: expected .* at least 1, got 0"):
        load(tmp_path, GOOD + f"parameters = 2\nsizes = {sizes}\n")


def test_entries_are_in_order_and_have_names_of_their_own(tmp_path):
    earlier = GOOD.replace("GPT", "Older").replace("2018", "2017", 1)
    with pytest.raises(ValueError, match=r"entry 2 \(Older\), field date: .* 2018-06-11 or later"):
        load(tmp_path, GOOD + earlier)
    with pytest.raises(ValueError, match=r"entry 2 \(GPT\), field name: expected another name"):
        load(tmp_path, GOOD + GOOD)


@pytest.mark.parametrize("text", ["", "steps = 1", GOOD + "[more]\n"])
def test_only_steps(tmp_path, text):
    with pytest.raises(ValueError, match=r"must hold \[\[step\]\] entries and nothing else, got"):
        load(tmp_path, text)


def test_what_is_not_toml(tmp_path):
    with pytest.raises(ValueError, match=r"history\.toml is not TOML: .*line 1"):
        load(tmp_path, "- step: 1")


@pytest.mark.parametrize(
    ("years", "sizes", "message"),
    [
        ([2017, 2018], [1], "sizes must be 2 numbers, as years are, got 1"),
        ([2017, 2017], [1, 2], "years must hold two different years or more"),
        ([2017, 2018], [1, 0], "sizes must be above 0, got 0"),
    ],
)
def test_growth_needs_points(years, sizes, message):
    with pytest.raises(ValueError, match=message):
        fit_growth(years, sizes)
