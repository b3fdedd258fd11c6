"""The text classifier, its data, and the program that trains it."""

import copy
import gzip
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest
import torch
import torch.nn.functional as F

from jumok.bert import Bert, BertConfig
from jumok.classification import (
    Classifier,
    ClassifierConfig,
    SentenceClassifier,
    TextClassifier,
    accuracy,
    confusion_matrix,
    few_of_each,
    pad_token_ids,
)
from jumok.data.ag_news import CLASSES, news_files, read_news
from jumok.data.download import DownloadError, download
from jumok.data.short_news import short_news
from jumok.data.words import FrequentWordTokenizer
from jumok.records import read_record
from jumok.training import TrainingConfig

ROOT = Path(__file__).parents[1]
CONTENT = b"0123456789" * 20_000
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


def small(**fields) -> tuple[Classifier, list]:
    articles = short_news("train", 128)
    tokenizer = FrequentWordTokenizer.from_texts(article.text for article in articles)
    return Classifier.create(tokenizer, CLASSES, max_length=40, **fields), articles


def training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=32, warmup_steps=0, learning_rate=0.003, smoothing=0.0
    )


def test_padding_changes_nothing():
    torch.manual_seed(0)
    model = TextClassifier(ClassifierConfig(vocab_size=50)).eval()
    short, long = (pad_token_ids([[7, 9, 3]], length=length) for length in (3, 200))
    torch.testing.assert_close(model(short), model(long), atol=1e-6, rtol=0)
    careless = TextClassifier(ClassifierConfig(vocab_size=50, ignore_padding=False)).eval()
    assert (careless(short) - careless(long)).abs().max() > 1e-3


def test_is_the_function_that_keras_computes():
    """The same weights in torch's own functions: two heads of 32, post-norm, mean, two layers."""
    torch.manual_seed(0)
    model = TextClassifier(ClassifierConfig(vocab_size=50)).eval()
    token_ids = torch.randint(4, 50, (3, 20))
    layer, head = model.encoder.layers[0], model.head

    def linear(x, part):
        return F.linear(x, part.weight, part.bias)

    def normalize(x, connection):
        return F.layer_norm(x, (32,), connection.norm.weight, connection.norm.bias, eps=1e-6)

    def heads(x, projection):
        return linear(x, projection).view(3, 20, 2, 32).transpose(1, 2)

    words = model.embedding.tokens.weight * 32**0.5  # Keras has the factor in the weights
    x = words[token_ids] + model.embedding.positions[:20]
    part = layer.self_attention
    projections = part.query_projection, part.key_projection, part.value_projection
    mixed = F.scaled_dot_product_attention(*(heads(x, each) for each in projections))
    mixed = mixed.transpose(1, 2).reshape(3, 20, 64)
    x = normalize(x + linear(mixed, part.output_projection), layer.self_attention_connection)
    hidden = linear(x, layer.feed_forward.expand).relu()
    x = normalize(x + linear(hidden, layer.feed_forward.contract), layer.feed_forward_connection)
    expected = linear(linear(x.mean(dim=1), head.hidden).relu(), head.output)
    torch.testing.assert_close(model(token_ids), expected, atol=1e-5, rtol=0)


def test_first_loss_is_that_of_torch():
    classifier, articles = small(dropout=0.0)
    labels = torch.tensor([article.label for article in articles])
    logits = classifier.logits([article.text for article in articles], batch_size=7)
    for smoothing in (0.0, 0.1):
        expected = F.cross_entropy(logits, labels, label_smoothing=smoothing).item()
        copied = copy.deepcopy(classifier)
        config = TrainingConfig(steps=1, batch_size=128, warmup_steps=1, smoothing=smoothing)
        history = copied.train(articles, config, progress=False)
        assert history.losses[0] == pytest.approx(expected, abs=1e-5)


def test_bert_with_a_mean_reads_no_padding_and_trains_no_pooler():
    torch.manual_seed(0)
    config = BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=2, d_ff=32)
    model = SentenceClassifier(Bert(config), 3).eval()
    short, long = (
        pad_token_ids([[7, 9, 3], [4]], length=length, pad_id=config.pad_id) for length in (3, 9)
    )
    torch.testing.assert_close(model(short), model(long), atol=1e-6, rtol=0)
    states = model.body(torch.tensor([[7, 9, 3]])).sequence[0]
    torch.testing.assert_close(model.pooled(short)[0], states.mean(dim=0), atol=1e-6, rtol=0)
    assert not any(p.requires_grad for p in model.body.pooler.parameters())


def test_few_labels_are_as_many_of_each_class_and_among_more_labels():
    examples = [((number,), number * number % 7) for number in range(100)]
    few, more = few_of_each(examples, 3), few_of_each(examples, 5)
    counts = Counter(label for _, label in few)
    assert counts == dict.fromkeys({0, 1, 2, 4}, 3)
    assert [each for each in more if each in few] == few
    assert [each for each in examples if each in more] == more


def test_confusion_matrix_counts_as_by_hand():
    labels = torch.tensor([0, 0, 1, 2, 2, 2])
    found = torch.tensor([0, 1, 1, 2, 0, 2])
    assert confusion_matrix(found, labels, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert accuracy(found, labels) == pytest.approx(4 / 6)


def test_learns_held_out_news():
    articles = short_news("train", 2000)
    tokenizer = FrequentWordTokenizer.from_texts(article.text for article in articles)
    classifier = Classifier.create(tokenizer, CLASSES, max_length=40)
    classifier.train(articles, training(90), progress=False)
    assert classifier.accuracy(short_news("held-out", 300)) > 0.9


def test_resumes_at_the_very_weights(tmp_path):
    whole, articles = small()
    whole.train(articles, training(6), progress=False)
    for steps in (3, 6):
        resumed, _ = small()
        path = tmp_path / "state.pt"
        resumed.train(articles, training(steps), checkpoint=path, progress=False)
    for ours, theirs in zip(resumed.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    with pytest.raises(ValueError, match=r"state\.pt"):
        resumed.train(articles[:64], training(6), checkpoint=path, progress=False)


def test_held_out_titles_are_new():
    train = {article.title for article in short_news("train", 5000)}
    assert not train & {article.title for article in short_news("held-out", 1000)}


def test_most_frequent_words_as_keras_cuts_them():
    tokenizer = FrequentWordTokenizer.from_texts(["B, b! a-c", "b a c"], max_size=6)
    assert tokenizer.vocabulary[4:] == ("b", "a")  # once each: a, ac, c; the alphabet decides


def test_reads_csv_with_and_without_gzip(tmp_path):
    row = '3,"Oil, again",of\\networking #39;s\n'
    (tmp_path / "train.csv").write_text(row)
    with gzip.open(tmp_path / "dev.csv.gz", "wt") as file:
        file.write(row)
    files = news_files(tmp_path)
    for path in (files.train, files.held_out):
        (article,) = read_news(path)
        assert (article.label, article.text) == (2, "Oil, again of networking 's")
    (tmp_path / "train.csv").write_text("1,a,b\n5,a,b\n")
    with pytest.raises(ValueError, match="line 2: expected class,title,description"):
        read_news(tmp_path / "train.csv")
    with pytest.raises(FileNotFoundError, match=r"expected one of train.csv, train.csv.gz"):
        news_files(tmp_path / "..")


@pytest.mark.skipif("JUMOK_DATA" not in os.environ, reason="JUMOK_DATA names no folder with data")
def test_real_news():
    files = news_files()
    assert len(read_news(files.train)) > len(read_news(files.held_out)) > 0


class Handler(http.server.BaseHTTPRequestHandler):
    ranges: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        if self.path != "/file":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = int(re.search(r"\d+", asked)[0]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            last = len(CONTENT) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_downloads_resumes_and_refuses(tmp_path, address):
    path = tmp_path / "new" / "file"
    assert download(f"{address}/file", path, checksum=SHA256, progress=False) == path
    assert path.read_bytes() == CONTENT
    path.unlink()
    (tmp_path / "new" / "file.unfinished").write_bytes(CONTENT[:777])
    download(f"{address}/file", path, checksum=SHA256, progress=False)
    assert path.read_bytes() == CONTENT
    assert Handler.ranges[-1] == "bytes=777-"
    with pytest.raises(DownloadError, match="is not the expected file: md5 is"):
        download(f"{address}/file", tmp_path / "b", checksum="md5:" + "0" * 32, progress=False)
    with pytest.raises(DownloadError, match=r"could not download .*Not Found"):
        download(f"{address}/none", tmp_path / "c", checksum=SHA256, progress=False)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new"]


def write_rows(path: Path, articles) -> None:
    lines = [f"{each.label + 1},{each.title},{each.description!r}" for each in articles]
    path.write_text("\n".join(line.replace("'", '"') for line in lines))


def test_program_on_one_process_and_on_two(tmp_path):
    """Two processes share each batch, and take the steps that one process takes."""
    pytest.importorskip("accelerate", reason="the extra examples is not installed")
    write_rows(tmp_path / "train.csv", short_news("train", 256))
    write_rows(tmp_path / "dev.csv", short_news("held-out", 64))
    program = ["examples/classify_news.py", "--data", str(tmp_path), "--epochs", "2"]
    program += ["--batch-size", "32", "--dropout", "0", "--seed", "0"]
    program += ["--models", "from scratch"]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]

    def run(*arguments: str) -> str:
        environment = {**os.environ, "JUMOK_DEVICE": "cpu"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    losses, states = [], []
    for count, how in ((1, []), (2, [*launcher, "2"])):
        folder = tmp_path / str(count)
        record = folder / "record.json"
        run(*how, *program, "--folder", str(folder), "--output", str(record))
        results = read_record(record)["results"]
        assert results["processes"] == count
        losses.append(results["models"]["from scratch"]["loss"][0])
        (state,) = folder.glob("*.pt")
        states.append(torch.load(state)["parts"]["history"]["losses"])
    assert len(states[0]) == 16
    assert states[0] == pytest.approx(states[1], abs=1e-4)
    evaluated = run(*program, "--folder", str(tmp_path / "1"), "--evaluate", f"{tmp_path}/dev.csv")
    found = json.loads((tmp_path / "1" / "record.json").read_text())["results"]["models"]
    assert float(evaluated.splitlines()[-1]) == found["from scratch"]["accuracy"][0][-1]


def test_committed_record_is_of_three_seeds():
    record = read_record("ag_news")
    assert record["seeds"] == [0, 1, 2]
    assert "drawn from the official test file" in record["results"]["data"]["note"]
    last = [curve[-1] for curve in record["results"]["models"]["from scratch"]["accuracy"]]
    assert 0.8 < sum(last) / 3 < 0.9
