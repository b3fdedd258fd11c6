"""The programs of examples/, as a reader runs them."""

import importlib.util
import subprocess
import sys
from math import sqrt
from pathlib import Path
from types import ModuleType

import pytest

from jumok.data.dates import FORMATS, date_pairs
from jumok.records import read_record

ROOT = Path(__file__).parents[1]


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


translate_dates = example("translate_dates")
measure_training = example("measure_training")
measure_bottleneck = example("measure_bottleneck")
pretrain_sentences = example("pretrain_sentences")
write_sentences = example("write_sentences")
teach_three_tasks = example("teach_three_tasks")
compare_sparse_attention = example("compare_sparse_attention")
measure_attention_cost = example("measure_attention_cost")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the trained models of this module are kept."""
    return tmp_path_factory.mktemp("models")


def test_trains_first_and_prints_the_translation_alone(folder):
    command = [sys.executable, "examples/translate_dates.py", "--folder", str(folder)]
    result = subprocess.run(
        [*command, "2031년 7월 9일 수요일"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "Wednesday, July 9, 2031\n"
    assert "Training ko-en" in result.stderr
    assert "%|" in result.stderr  # the progress bar


def translations(folder, capsys, *arguments: str) -> list[str]:
    assert translate_dates.main(["--folder", str(folder), *arguments]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("direction", ["ko-en", "en-ko"])
def test_translates_every_format_of_held_out_dates(folder, capsys, direction):
    pairs = date_pairs("held-out", direction, count=1000)
    assert {pair.style for pair in pairs} == set(FORMATS)
    found = translations(folder, capsys, *(pair.source for pair in pairs))
    wrong = [
        (pair.source, text) for pair, text in zip(pairs, found, strict=True) if text != pair.target
    ]
    assert len(wrong) <= 10, wrong


def test_mixed_languages_keep_their_order(folder, capsys):
    texts = ["May 15, 2019", "  2019. 5. 15. ", "Friday, February 15, 2019", "2019년 2월 15일 (금)"]
    assert translations(folder, capsys, *texts) == [
        "2019년 5월 15일",
        "May 15, 2019",
        "2019년 2월 15일 금요일",
        "Fri, Feb 15, 2019",
    ]


def test_a_damaged_model_is_trained_anew(tmp_path, capsys, monkeypatch):
    short = translate_dates.DATE_TRAINING.__class__(steps=1, batch_size=2, warmup_steps=1)
    monkeypatch.setattr(translate_dates, "DATE_TRAINING", short)
    monkeypatch.setattr(translate_dates, "DATE_PAIRS", 4)
    path = tmp_path / "dates-ko-en.safetensors"
    path.write_text("damaged")
    date, arguments = "2031년 7월 9일 수요일", ["--folder", str(tmp_path)]
    assert translate_dates.main([*arguments, date]) == 0
    assert "Training anew" in capsys.readouterr().err
    assert translate_dates.main([*arguments, date]) == 0
    assert capsys.readouterr().err == ""
    assert translate_dates.main([*arguments, "--retrain", date]) == 0
    assert "Training ko-en" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["내일"], "not a date"),
        ([""], "not a date"),
        (["2019년 2월 30일"], "no day 30"),
        (["Monday, February 15, 2019"], "weekday is wrong"),
        (["2019년 2월 15일", "tomorrow"], "tomorrow"),
        (["--direction", "ko-en", "February 15, 2019"], "not a date"),
        (["--direction", "en-ko", "2019년 2월 15일"], "not a date"),
    ],
)
def test_what_is_no_date_exits_with_2_and_trains_nothing(tmp_path, capsys, arguments, reason):
    assert translate_dates.main(["--folder", str(tmp_path), *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert reason in shown.err
    assert "Traceback" not in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "program",
    [
        translate_dates,
        measure_training,
        measure_bottleneck,
        pretrain_sentences,
        write_sentences,
        teach_three_tasks,
    ],
)
def test_help(program, capsys):
    with pytest.raises(SystemExit) as stopped:
        program.main(["--help"])
    assert stopped.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_help_lists_the_formats(capsys):
    with pytest.raises(SystemExit):
        translate_dates.main(["--help"])
    shown = capsys.readouterr().out
    assert "2019년 2월 15일 금요일  |  Friday, February 15, 2019" in shown
    assert "--retrain" in shown


def test_without_a_date_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        translate_dates.main([])
    assert stopped.value.code == 2


def test_measure_training_writes_a_record(tmp_path, capsys):
    path = tmp_path / "record.json"
    arguments = ["--steps", "2", "--seeds", "0", "--only", "smoothing", "--output", str(path)]
    assert measure_training.main(arguments) == 0
    shown = capsys.readouterr()
    assert "smoothing" in shown.out
    assert "2/2" in shown.err
    record = read_record(path)
    assert record["seeds"] == [0]
    measured = record["results"]["choices"]["smoothing"]
    assert set(measured) == {"0", "0.1"}
    assert len(measured["0"]["exact_match"]["values"]) == 1


def test_committed_record_is_of_this_program():
    record = read_record(ROOT / "docs" / "records" / "training_choices.json")
    assert record["command"].startswith("python examples/measure_training.py")
    assert len(record["seeds"]) == 3
    for name, choices in measure_training.CHOICES.items():
        assert set(record["results"]["choices"][name]) == set(choices)


def test_measure_bottleneck_goes_on_where_it_was(tmp_path, capsys):
    arguments = [
        "--examine-every",
        "1",
        "--cool-down",
        "1",
        "--pairs",
        "40",
        "--exam-pairs",
        "4",
        "--seeds",
        "0",
        "--timing-rounds",
        "1",
    ]
    arguments += ["--folder", str(tmp_path), "--output", str(tmp_path / "record.json")]
    assert measure_bottleneck.main(["--steps", "2", "--only", "none", *arguments]) == 0
    assert not (tmp_path / "record.json").exists()
    first = (tmp_path / "none-0.json").read_text()
    assert measure_bottleneck.main(["--steps", "2", *arguments]) == 0
    assert (tmp_path / "none-0.json").read_text() == first
    assert "24 digits" in capsys.readouterr().out
    models = read_record(tmp_path / "record.json")["results"]["models"]
    assert set(models) == set(measure_bottleneck.MODELS)
    assert all(len(model["exact_match"][0]) == 2 for model in models.values())


def test_pretrain_sentences_writes_a_record(tmp_path, capsys):
    path = tmp_path / "record.json"
    arguments = ["--steps", "2", "--passages", "20", "--seeds", "0", "--record", str(path)]
    assert pretrain_sentences.main([*arguments, "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "sentences-0.pt").exists()
    assert "2/2" in capsys.readouterr().err
    results = read_record(path)["results"]
    assert results["pairs"] == {"korean": 20, "english": 20}
    assert len(results["scores"]) == len(results["without_reading"]) == 4
    assert len(results["filled"]) == 4  # two languages, two ways
    for filled in results["filled"]:
        assert filled["new_and_well_formed"] < 0.1 < filled["new"]
    for score in results["scores"]:  # two steps: hardly better than a guess among all tokens
        assert 100 < score["perplexity"] < 2 * results["vocab_size"]
        assert 0 <= score["accuracy"] <= 1
    for guess in results["guesses"]:
        assert len(guess["guesses"]) == guess["question"].count("[MASK]")


def test_committed_masked_language_models_are_of_this_program():
    record = read_record(ROOT / "docs" / "records" / "masked_language_models.json")
    assert record["command"].startswith("python examples/pretrain_sentences.py")
    results = record["results"]
    assert {score["seed"] for score in results["scores"]} == set(record["seeds"])
    for split in pretrain_sentences.HELD_OUT:
        blind = [each for each in results["without_reading"] if each["split"] == split]
        assert {each["language"] for each in blind} == {"korean", "english"}


def test_committed_bottleneck_is_of_this_program():
    record = read_record(ROOT / "docs" / "records" / "bottleneck.json")
    assert record["command"].startswith("python examples/measure_bottleneck.py")
    assert len(record["seeds"]) == 3
    falls = {}
    for name, model in record["results"]["models"].items():
        shortest, *_, longest = (sum(each) / 3 for each in model["exact_match_by_length"].values())
        falls[name] = shortest - longest
    assert falls["none"] >= 0.3
    assert max(falls["additive"], falls["dot"]) < 0.05


def test_write_sentences_goes_on_and_writes_a_record(tmp_path, capsys):
    few = ["--sentences", "100", "--written", "3", "--folder", str(tmp_path)]
    records = []
    for name in ("first", "again"):  # the second finds every model trained
        path = tmp_path / f"{name}.json"
        assert write_sentences.main([*few, "--steps", "2", "--record", str(path)]) == 0
        records.append(read_record(path))
    assert "6/6" in capsys.readouterr().err
    assert len(list(tmp_path.glob("*-?.pt"))) == 6
    assert records[0]["results"] == records[1]["results"]
    for models in records[0]["results"]["models"].values():
        for model in models:
            assert all(value > 100 for value in model["perplexity"].values())  # of 2048 tokens
            assert model["novelty"]["temperature 1.5"]["new"] == 1


def test_committed_sentences_are_of_this_program():
    record = read_record("written_sentences")
    assert record["command"].startswith("python examples/write_sentences.py")
    assert record["seeds"] == list(write_sentences.SEEDS)
    for models in record["results"]["models"].values():
        for model in models:
            assert set(model["novelty"]) == set(write_sentences.SAMPLING)
            del model["novelty"]["greedy"]  # one sentence: all or nothing
            novel = [each["new_and_well_formed"] for each in model["novelty"].values()]
            assert 0 <= min(novel) < max(novel) < 1


def test_sparse_attention_is_measured_again_with_the_same_record(tmp_path):
    records = []
    for name in ("first", "second"):
        path = tmp_path / f"{name}.json"
        assert compare_sparse_attention.main(["--steps", "2", "--record", str(path)]) == 0
        records.append(read_record(path))
    for record in records:
        seconds = record["results"].pop("seconds")
        assert set(seconds) == set(compare_sparse_attention.PATTERNS)
    assert records[0]["results"] == records[1]["results"]


def test_attention_cost_is_measured_and_memory_is_the_same_again(tmp_path):
    memories = []
    for name in ("first", "second"):
        path = tmp_path / f"{name}.json"
        arguments = ["--lengths", "128", "256", "--record", str(path)]
        assert measure_attention_cost.main(arguments) == 0
        results = read_record(path)["results"]
        assert results["lengths"] == [128, 256]
        for measured in results["seconds"].values():
            assert min(measured) > 0
        memories.append(results["megabytes"])
    assert memories[0] == memories[1]
    weights = 8 * 256 * 256 * 4 / 1e6  # heads · queries · keys · bytes
    assert memories[0]["readable"][1] > 2 * weights  # scores and weights
    assert memories[0]["fused"][1] < weights


def test_committed_sparse_attention_finds_what_is_far_away_where_a_window_guesses():
    results = read_record("sparse_attention")["results"]
    guessing = 1 / results["values"]
    for window, big_bird in zip(
        results["accuracies"]["window"], results["accuracies"]["BigBird"], strict=True
    ):
        blocks = len(window)
        for far in range(3, blocks):  # two layers reach two blocks
            # so many of the sequences are marked where a block is as far away as that
            sequences = results["tested"] * min(1, 2 * (blocks - far) / blocks)
            deviation = sqrt(guessing * (1 - guessing) / sequences)
            assert abs(window[far] - guessing) < 4 * deviation
            assert big_bird[far] > window[far] + 0.1


def test_teach_three_tasks_goes_on_and_writes_a_record(tmp_path, capsys):
    few = ["--sentences", "40", "--lessons", "20", "--held-out", "8", "--seeds", "0"]
    few += ["--pretraining-steps", "2", "--steps", "2", "--folder", str(tmp_path)]
    records = []
    for name in ("first", "again"):  # the second finds every model trained
        path = tmp_path / f"{name}.json"
        assert teach_three_tasks.main([*few, "--record", str(path)]) == 0
        records.append(read_record(path))
    assert "2/2" in capsys.readouterr().err
    assert len(list(tmp_path.glob("*-0.pt"))) == 3
    assert records[0]["results"] == records[1]["results"]
    results = records[0]["results"]
    assert results["grammar_sentences"] > 10**6
    assert len(results["pretraining"]) == 2  # languages
    assert len(results["scores"]) == 12  # two models, two kinds of sentence, three tasks
    for score in results["scores"]:
        assert score["exact_match"] == 0
        assert score["perplexity"] > 100
        assert ("bleu" in score) == (score["task"] != "classify")


def test_gaps_are_filled_with_what_the_model_writes():
    """A model that writes nothing leaves holes; what stands around them is kept."""
    model = teach_three_tasks.text_to_text_model(d_model=8, num_heads=1, d_ff=8)
    texts = ["고양이가 매트 위에 앉았다.", "The cat sat on the mat."]
    for text, filled in zip(
        texts, teach_three_tasks.filled_texts(model, texts, seed=1), strict=True
    ):
        assert "extra_id" not in filled
        assert set(text.split()) & set(filled.split())
