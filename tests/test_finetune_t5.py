"""examples/finetune_t5.py with a tiny T5 of its own, in a folder, without a network."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from tokenizers.decoders import Metaspace

from jumok.data.sentences import sentences

transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")
pytest.importorskip("sacrebleu")

ROOT = Path(__file__).parents[1]
SPECIAL = ["<pad>", "</s>", "<unk>"]


def program():
    path = ROOT / "examples" / "finetune_t5.py"
    spec = importlib.util.spec_from_file_location("finetune_t5", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["finetune_t5"] = module
    spec.loader.exec_module(module)
    return module


finetune_t5 = program()


@pytest.fixture(scope="module")
def tiny_t5(tmp_path_factory) -> Path:
    """A T5 with random weights and a vocabulary of a few hundred, saved as the Hub has them."""
    folder = tmp_path_factory.mktemp("t5")
    texts = [text for each in sentences("train", 200) for text in (each.english, each.korean)]
    engine = Tokenizer(models.BPE(unk_token="<unk>"))
    engine.pre_tokenizer = pre_tokenizers.Metaspace()
    engine.decoder = Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL, show_progress=False)
    engine.train_from_iterator(texts, trainer)
    engine.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=engine, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=engine.get_vocab_size(),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=1,
        num_heads=4,
        dropout_rate=0.1,
        decoder_start_token_id=0,
    )
    transformers.T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


@pytest.fixture
def data(tmp_path) -> Path:
    path = tmp_path / "pairs.tsv"
    pairs = sentences("train", 60, genres=["everyday"])
    path.write_text("".join(f"{each.english}\t{each.korean}\n" for each in pairs), "utf-8")
    return path


SMALL = ["--batch-size", "8", "--held-out", "6", "--beams", "2", "--max-length", "40"]


def run(tiny_t5, *arguments) -> int:
    return finetune_t5.main(["--model", str(tiny_t5), *SMALL, *map(str, arguments)])


def scores(output: str) -> dict[str, float]:
    lines = (line.split(": ") for line in output.splitlines()[-4:])
    return {name: float(number) for name, number in lines}


def test_learns_saves_and_scores(tiny_t5, data, tmp_path, capsys):
    before = tmp_path / "before"
    assert run(tiny_t5, "--data", data, "--epochs", 0, "--save", before) == 0
    untrained = scores(capsys.readouterr().out)
    after = tmp_path / "after"
    arguments = ["--data", data, "--epochs", 8, "--learning-rate", 0.01, "--save", after]
    sentence = "Any academic achievement requires constant repetition."
    assert run(tiny_t5, *arguments, "--translate", sentence) == 0
    shown = capsys.readouterr()
    trained = scores(shown.out)
    assert untrained["held-out pairs"] == 6
    assert untrained["perplexity"] > 300  # about the size of the vocabulary
    assert trained["perplexity"] < untrained["perplexity"] / 3
    assert f"{sentence}\n  → " in shown.out
    assert "step" in shown.err  # the progress bar
    # What was saved is the trained model.
    again = transformers.AutoModelForSeq2SeqLM.from_pretrained(after)
    tokenizer = transformers.AutoTokenizer.from_pretrained(after)
    first = next(again.parameters())
    original = next(transformers.AutoModelForSeq2SeqLM.from_pretrained(tiny_t5).parameters())
    assert not torch.equal(first, original)
    assert tokenizer.pad_token == "<pad>"


def test_goes_on_where_it_was_killed(tiny_t5, data, tmp_path, capsys, monkeypatch):
    """A training cut in two arrives at the weights of one in a piece."""
    arguments = ["--data", data, "--epochs", 3]
    assert run(tiny_t5, *arguments, "--save", tmp_path / "whole") == 0

    train, steps = finetune_t5.train, []
    objective_loss = finetune_t5.Seq2Seq.loss

    def killed(self, model, batch):
        steps.append(len(steps))
        if len(steps) == 12:
            raise KeyboardInterrupt
        return objective_loss(self, model, batch)

    def often(*args, **kwargs):
        return train(*args, **kwargs, checkpoint_every=5)

    monkeypatch.setattr(finetune_t5, "train", often)
    monkeypatch.setattr(finetune_t5.Seq2Seq, "loss", killed)
    with pytest.raises(KeyboardInterrupt):
        run(tiny_t5, *arguments, "--save", tmp_path / "cut")
    monkeypatch.setattr(finetune_t5.Seq2Seq, "loss", objective_loss)
    capsys.readouterr()
    assert run(tiny_t5, *arguments, "--save", tmp_path / "cut") == 0
    whole, cut = (
        transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path / name).state_dict()
        for name in ("whole", "cut")
    )
    assert whole.keys() == cut.keys()
    for name, weight in whole.items():
        torch.testing.assert_close(cut[name], weight, msg=name)


def test_two_processes_train_like_one(tiny_t5, data, tmp_path):
    config = transformers.T5Config.from_pretrained(tiny_t5, dropout_rate=0.0)
    model = transformers.T5ForConditionalGeneration.from_pretrained(tiny_t5, config=config)
    steady = tmp_path / "steady"
    model.save_pretrained(steady)
    transformers.AutoTokenizer.from_pretrained(tiny_t5).save_pretrained(steady)
    arguments = ["--data", data, "--epochs", 0.5, "--learning-rate", 0.01]
    assert run(steady, *arguments, "--save", tmp_path / "one") == 0
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node=2", "examples/finetune_t5.py"]
    command += ["--model", steady, *SMALL, *arguments, "--save", tmp_path / "two"]
    environment = {**os.environ, "JUMOK_DEVICE": "cpu", "OMP_NUM_THREADS": "1"}
    command = [*map(str, command)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("perplexity: ") == 1  # one process reports
    one, two = (
        transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path / name).state_dict()
        for name in ("one", "two")
    )
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, rtol=1e-3, atol=1e-5, msg=name)


def test_another_direction_on_the_packages_own_sentences(tiny_t5, capsys):
    assert run(tiny_t5, "--direction", "ko-en", "--pairs", 16) == 0
    shown = capsys.readouterr().out
    source, target = (line.strip(" =") for line in shown.splitlines()[0:3:2])
    assert any("가" <= character <= "힣" for character in source)
    assert target.isascii() or "°" in target or "é" in target
    assert scores(shown)["held-out pairs"] == 6


def test_the_models_own_shift_puts_padding_first(tiny_t5):
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_t5)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(tiny_t5)
    examples = finetune_t5.encode(tokenizer, [("a cat", "고양이"), ("it", "새")], "x:", 20)
    batch = finetune_t5.Seq2Seq(tokenizer).collate(examples)
    assert all(labels[-1] == tokenizer.eos_token_id for _, labels in examples)
    assert batch["attention_mask"].sum() == sum(len(source) for source, _ in examples)
    read = model.prepare_decoder_input_ids_from_labels(labels=batch["labels"])
    assert read[:, 0].tolist() == [0, 0]
    assert read[0, 1:].tolist() == examples[0][1][:-1]


def test_no_held_out_text_is_learned(tiny_t5, tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"text {i % 7}\t글 {i}\n" for i in range(40)), "utf-8")
    options = finetune_t5.parse_arguments(["--data", str(path), "--held-out", "3"])
    learned, held_out = finetune_t5.load_pairs(options)
    assert len(held_out) == 3
    assert {a for a, _ in learned}.isdisjoint({a for a, _ in held_out})
    assert {b for _, b in learned}.isdisjoint({b for _, b in held_out})


@pytest.mark.parametrize(
    ("content", "reason"),
    [("only one text\n", "two texts with a tab"), ("a\tb\tc\n", "two texts"), ("", "got 0 and 0")],
)
def test_wrong_data_exits_with_2(tiny_t5, tmp_path, capsys, content, reason):
    path = tmp_path / "pairs.tsv"
    path.write_text(content, "utf-8")
    assert run(tiny_t5, "--data", path) == 2
    shown = capsys.readouterr()
    assert reason in shown.err
    assert "Traceback" not in shown.err


def test_no_such_file_or_model(tiny_t5, tmp_path, capsys):
    assert run(tiny_t5, "--data", tmp_path / "nowhere.tsv") == 2
    assert "nowhere.tsv" in capsys.readouterr().err
    assert run(tmp_path / "no-model", "--pairs", 8) == 2
    assert "no-model" in capsys.readouterr().err


def test_help():
    command = [sys.executable, "examples/finetune_t5.py", "--help"]
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}
    )
    assert shown.returncode == 0
    assert "KETI-AIR/ke-t5-base" in shown.stdout
