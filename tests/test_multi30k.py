"""Captions of Multi30k, and the program that translates them."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sacrebleu import corpus_bleu

from jumok.data.multi30k import ADDRESS, CHECKSUMS, CaptionPair, captions
from jumok.records import read_record
from jumok.shipped import shipped_file
from test_examples import example

translate_captions = example("translate_captions")

ENGLISH = ["A dog runs.", "A man sits on a bench.", "Two dogs run."]
GERMAN = ["Ein Hund läuft.", "Ein Mann sitzt auf einer Bank.", "Zwei Hunde laufen."]


def write(folder: Path, name: str, lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    if name.endswith(".gz"):
        (folder / name).write_bytes(gzip.compress(text.encode()))
    else:
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "multi30k"
    folder.mkdir(parents=True)
    for split in ("train", "test_2016_flickr"):
        write(folder, f"{split}.en.gz", ENGLISH)
        write(folder, f"{split}.de", GERMAN)
    return folder.parent


@pytest.mark.parametrize("inside", ["", "multi30k"])
def test_reads_both_languages(data, inside):
    pairs = captions("train", data / inside)
    assert pairs == [CaptionPair(*texts) for texts in zip(ENGLISH, GERMAN, strict=True)]


def test_only_line_feeds_end_a_line(data):
    odd = ["A\x85dog\u2028runs.\r", *ENGLISH[1:]]
    write(data / "multi30k", "train.en.gz", odd)
    assert captions("train", data)[0].source == "A dog runs."


def test_the_environment_names_the_folder(data, monkeypatch):
    monkeypatch.setenv("JUMOK_DATA", str(data))
    assert len(captions("test_2016_flickr")) == 3


def test_what_is_no_data(data):
    folder = data / "multi30k"
    with pytest.raises(FileNotFoundError, match=r"expected one of val\.en, val\.en\.gz in"):
        captions("val", data)
    write(folder, "train.en.gz", ENGLISH[:2])
    with pytest.raises(ValueError, match=r"got 2 in .* and 3 in "):
        captions("train", data)
    write(folder, "train.en.gz", ["A dog.", "", "A cat."])
    with pytest.raises(ValueError, match=r"train\.en\.gz, line 2"):
        captions("train", data)
    (folder / "train.en.gz").write_bytes(b"no gzip")
    with pytest.raises(ValueError, match="not text in UTF-8"):
        captions("train", data)


def test_downloads_the_originals(data, monkeypatch, tmp_path):
    asked = []

    def download(url, path, *, checksum):
        asked.append((url, checksum))
        return data / "multi30k" / ("train.en.gz" if ".en" in url else "train.de")

    monkeypatch.delenv("JUMOK_DATA", raising=False)
    monkeypatch.setattr("jumok.data.download.download", download)
    assert len(captions("train")) == 3
    assert asked == [
        (f"{ADDRESS}{name}.gz", f"sha256:{CHECKSUMS[name]}") for name in ("train.en", "train.de")
    ]


@pytest.mark.skipif(not os.environ.get("JUMOK_DATA"), reason="JUMOK_DATA names no folder of data")
def test_the_real_data_is_that_of_the_checksums():
    assert [len(captions(split)) for split in ("train", "val", "test_2016_flickr")] == [
        29_000,
        1_014,
        1_000,
    ]


def arguments(data: Path, folder: Path) -> list[str]:
    return [
        *("--data", str(data), "--folder", str(folder), "--output", str(folder / "record.json")),
        *("--size", "small", "--vocab-size", "80", "--epochs", "60", "--batch-size", "3"),
        *("--learning-rate", "0.01"),
    ]


def test_learns_to_translate_and_writes_a_record(data, tmp_path, capsys):
    """Three captions are learned by heart: read greedily, their BLEU is 100."""
    assert translate_captions.main([*arguments(data, tmp_path), "--beam", "5", "2"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("BLEU, greedy: 100.0\nBLEU, beam: ")
    assert "60/60" in shown.err
    record = read_record(tmp_path / "record.json")
    assert record["results"]["bleu"]["greedy"] == 100.0
    assert f"{record['results']['bleu']['beam']:.1f}" == shown.out.split()[-1]
    assert "version:" in record["results"]["signature"]
    assert list(record["results"]["by_beam"]) == ["1", "2", "5"]
    assert record["results"]["by_beam"]["1"]["precisions"] == [100.0] * 4
    assert record["results"]["beam_size"] == 5
    assert record["results"]["examples"][0]["target"] == GERMAN[0]
    assert record["seeds"] == [0]
    more = ["--beam", "1", "--translate", "Two dogs run.", "A dog runs."]
    assert translate_captions.main(arguments(data, tmp_path) + more) == 0
    assert capsys.readouterr().out.splitlines() == [GERMAN[2], GERMAN[0]]


def test_bleu_is_that_of_the_decoded_text(data):
    """Wrong translations are scored as sacrebleu scores them, whatever their order of length."""
    pairs = captions("train", data)
    options = translate_captions.parse_arguments(["--vocab-size", "80", "--size", "small"])
    translator = translate_captions.new_translator(pairs, options)
    written = translator.translate([pair.source for pair in pairs], errors="replace")
    one_by_one = [translator.translate([pair.source])[0] for pair in pairs]
    assert written == one_by_one
    found = translate_captions.scores(translator, pairs, [2])["bleu"]["greedy"]
    assert found == pytest.approx(corpus_bleu(written, [GERMAN]).score, abs=0.01)


def test_two_processes_learn_as_one_does(data, tmp_path):
    """The first of two processes writes the record, with the losses of one process."""
    losses = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        command = [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *(f"--nproc-per-node={processes}", shipped_file("examples", "translate_captions.py")),
            *arguments(data, folder),
        ]
        command[command.index("--epochs") + 1] = "5"
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "JUMOK_DEVICE": "cpu"}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        record = read_record(folder / "record.json")
        assert record["results"]["processes"] == processes
        losses.append(torch.load(folder / "small-0.pt")["parts"]["history"]["losses"])
    # Dropout falls differently in every process, so only the first loss is near.
    assert losses[1][0] == pytest.approx(losses[0][0], rel=0.1)
    assert len(losses[1]) == 5


def test_wrong_data_exits_with_2(tmp_path, capsys):
    assert translate_captions.main(["--data", str(tmp_path), "--folder", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "expected one of train.en, train.en.gz" in shown.err
    assert shown.out == ""


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        translate_captions.main(["--help"])
    assert stopped.value.code == 0
    assert "--translate" in capsys.readouterr().out
