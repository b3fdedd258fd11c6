"""Pages that run the Hub's checkpoints: the choice of models, the build that asks for them, and the
page itself against a small hub, which serves checkpoints of the same architectures."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
import torch
import transformers

import execution
from jumok.data.download import DownloadError
from jumok.data.letters import LETTER_TO_AMAZON
from jumok.data.published import QUESTION, published_runs
from jumok.pipelines.defaults import HUB_MODELS, KOREAN_HUB_MODELS, hub_wanted
from jumok.pipelines.hub import describe_checkpoints, fetch_hub_models, hub_or_shipped
from jumok.pipelines.loading import load_tokenizer
from pipeline_checkpoints import as_on_the_hub, kogpt2
from small_hub import small_hub

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "pipelines" / "the-real-checkpoints.md"
NAMED = [*HUB_MODELS.values(), *KOREAN_HUB_MODELS.values()]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return as_on_the_hub(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def hub(folders):
    with small_hub() as hub:
        for model in NAMED:
            hub.commit(model.name, folders[model.name], tag=model.revision)
        yield hub


@pytest.fixture
def cache(hub, tmp_path, monkeypatch):
    """An empty cache, and the small hub in place of the Hub."""
    constants = huggingface_hub.constants
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, hub.address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", hub.address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JUMOK_HUB", "1")
    hub.damage = ""
    hub.requests.clear()
    return tmp_path / "cache"


def run(command, endpoint, cache, **more):
    """A new process, to which ``endpoint`` is the Hub."""
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HUB_CACHE": str(cache), **more}
    environment["PYTHONPATH"] = str(ROOT / "src")
    for name in ("JUMOK_HUB", "HF_HUB_OFFLINE"):
        environment.pop(name, None) if name not in more else None
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


# --- Which model runs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, False), ("", False), ("0", False), ("1", True), ("3f9a", True)]
)
def test_one_variable_says_so(monkeypatch, value, wanted):
    monkeypatch.delenv("JUMOK_HUB", raising=False)
    if value is not None:
        monkeypatch.setenv("JUMOK_HUB", value)
    assert hub_wanted() is wanted
    assert (hub_or_shipped("ner").model is not None) is wanted
    assert (describe_checkpoints() != "those of the package") is wanted


def test_a_task_without_a_shipped_model_needs_another(monkeypatch):
    monkeypatch.delenv("JUMOK_HUB", raising=False)
    with pytest.raises(FileNotFoundError, match="no model for translation_en_to_de comes with"):
        hub_or_shipped("translation_en_to_de")
    choice = hub_or_shipped("translation_en_to_de", otherwise="translation_en_to_ko")
    assert choice.task == "translation_en_to_ko"
    monkeypatch.setenv("JUMOK_HUB", "1")
    choice = hub_or_shipped("translation_en_to_de", otherwise="translation_en_to_ko")
    assert (choice.task, choice.model) == ("translation_en_to_de", HUB_MODELS["translation"])


# --- Download, revision, use without a network, damage ---------------------------------------


def test_every_checkpoint_is_fetched_at_its_revision(hub, folders, cache, monkeypatch):
    fetched = dict(fetch_hub_models())
    assert list(fetched) == NAMED
    for model, commit in fetched.items():
        assert commit == hub.revisions[model.name, model.revision or "main"]
    # Later the branch has something else: what is pinned stays, the rest moves on.
    moved = {}
    for model in (HUB_MODELS["ner"], HUB_MODELS["translation"]):
        old = hub.revisions[model.name, "main"]
        files = {**hub.files[model.name, old], "README.md": b"new"}
        moved[model] = (old, hub.keep(model.name, files))
    try:
        again = dict(fetch_hub_models())
    finally:
        for model, (old, _) in moved.items():
            hub.revisions[model.name, "main"] = old
    pinned, free = HUB_MODELS["ner"], HUB_MODELS["translation"]
    assert again[pinned] == fetched[pinned]
    assert again[free] == moved[free][1]

    lines = describe_checkpoints().splitlines()
    assert [line.split() for line in lines] == [[each.name, c] for each, c in again.items()]
    weights = hub.asked_for(".safetensors") + hub.asked_for(".bin")
    assert weights == len(NAMED)

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", NOBODY)
    assert dict(fetch_hub_models()) == again


def test_each_task_runs_its_checkpoint(folders, cache):
    from jumok.pipelines import pipeline

    short = LETTER_TO_AMAZON[:200]
    for task, model in HUB_MODELS.items():
        options = {} if task in ("text-classification", "ner") else {"max_new_tokens": 5}
        if task == "question-answering":
            options = {"question": QUESTION, "context": short}
        if task == "text-generation":
            options["do_sample"] = False
        if task == "summarization":
            options["min_length"] = 0
        runs = (hub_or_shipped(task).pipeline(), pipeline(task, folders[model.name]))
        answers = [
            each(**options) if "context" in options else each(short, **options) for each in runs
        ]
        assert answers[0] == answers[1], task


@pytest.mark.parametrize("damage", ["changed", "cut"])
def test_damaged_weights_are_refused(hub, cache, damage):
    hub.damage = damage
    with pytest.raises((DownloadError, FileNotFoundError)):
        list(fetch_hub_models())
    hub.damage = ""
    assert len(list(fetch_hub_models())) == len(NAMED)


# --- The build that asks for them ------------------------------------------------------------


def test_the_build_ends_at_once_where_the_hub_is_out_of_reach(tmp_path):
    command = [sys.executable, "tools/build_site.py", "--hub"]
    result = run(command, NOBODY, tmp_path)
    assert result.returncode != 0
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("docs --hub: ")
    assert "the Hub can't be reached" in line
    assert line.endswith("Build without --hub to use the models of the package.")


def test_the_build_fetches_them_once_and_says_which(hub, tmp_path):
    program = (
        "import os, sys; sys.path.insert(0, 'tools'); import build_site, execution\n"
        "build_site.demand_hub(); print(execution.asked_for())"
    )
    hub.damage = ""
    hub.requests.clear()
    online = run([sys.executable, "-c", program], hub.address, tmp_path)
    assert online.returncode == 0, online.stderr
    *lines, asked = online.stdout.splitlines()
    assert [line.split()[1] for line in lines] == [model.name for model in NAMED]
    assert re.fullmatch(r"\w+-hub[0-9a-f]{12}", asked)
    offline = run([sys.executable, "-c", program], NOBODY, tmp_path)
    assert offline.stdout == online.stdout
    # A new commit where none is pinned: pages are executed again.
    name, head = "skt/kogpt2-base-v2", hub.revisions["skt/kogpt2-base-v2", "main"]
    hub.keep(name, {**hub.files[name, head], "README.md": b"newer"})
    newer = run([sys.executable, "-c", program], hub.address, tmp_path)
    hub.revisions[name, "main"] = head
    assert newer.stdout.splitlines()[-1] not in ("", asked)


def test_executions_with_the_hub_are_kept_apart(monkeypatch, tmp_path):
    folders = {}
    for value in ("", "0", "1", "3f9a"):
        monkeypatch.setenv("JUMOK_HUB", value)
        folders[value] = execution.cache_folder(tmp_path).name
    assert folders[""] == folders["0"]
    assert len(set(folders.values())) == 3
    monkeypatch.delenv("JUMOK_HUB")
    assert execution.cache_folder(tmp_path).name == folders[""]
    assert "hub" not in folders[""]


# --- The page --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The page's cells as a program."""
    cells = re.findall(r"^```\{code-cell\} python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    path = tmp_path_factory.mktemp("page") / "page.py"
    path.write_text("\n".join(re.sub(r"^:tags:.*\n", "", cell) for cell in cells), "utf-8")
    return path


def test_the_page_runs_the_checkpoints_of_the_hub(hub, program, tmp_path):
    command = [sys.executable, str(program)]
    hub.damage = ""
    online = run(command, hub.address, tmp_path, JUMOK_HUB="1")
    assert online.returncode == 0, online.stderr
    for task, model in HUB_MODELS.items():
        name = "translation_en_to_de" if task == "translation" else task
        assert f"{name}: {model}, from the Hub" in online.stdout
    assert str(KOREAN_HUB_MODELS["text-generation"]) in online.stdout
    assert "nothing ran here" not in online.stdout
    # Nobody answers any more: the same, from what was fetched.
    offline = run(command, NOBODY, tmp_path, JUMOK_HUB="1")
    assert offline.returncode == 0, offline.stderr
    assert without_versions(offline.stdout) == without_versions(online.stdout)


def without_versions(output: str) -> list[str]:
    return [line for line in output.splitlines() if not line.startswith("{'python'")]


# --- Tokenizers that need more than the model's class ----------------------------------------


def test_a_gpt2_that_cuts_characters_keeps_its_tokenizer(tmp_path):
    folder = kogpt2(tmp_path)
    text = "안녕하세요, 지난주에"
    expected = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    tokens = load_tokenizer(folder).tokenize(text)
    assert "".join(tokens).replace("▁", " ").strip() == text
    assert set(tokens) <= set(expected)
    theirs = transformers.AutoTokenizer.from_pretrained(folder).tokenize(text)
    assert theirs != tokens  # if they are equal one day, ours needs no exception any more


@pytest.mark.parametrize("kind", ["gpt2", "cnn", "en-de", "ke-t5", "sst-2", "kcbert"])
def test_all_other_tokenizers_are_those_of_transformers(folders, kind):
    (folder,) = (each for each in folders.values() if each.name == kind)
    text = f"{LETTER_TO_AMAZON} 안녕하세요 😀"
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    ours = load_tokenizer(folder)
    assert type(ours) is type(theirs)
    assert ours(text)["input_ids"] == theirs(text)["input_ids"]


def sentence_pieces(folder: Path, name: str) -> list[str]:
    """Train a SentencePiece model into ``folder``; its pieces."""
    import sentencepiece

    texts = [run.letter.replace("\n", "") for run in published_runs().values()] * 20
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_prefix=str(folder / name), vocab_size=80
    )
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{name}.model"))
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]


def test_marian_with_its_own_tokenizer(tmp_path):
    """opus-mt's two SentencePiece models, and one vocabulary for both."""
    pieces = sentence_pieces(tmp_path, "source")
    for name in ("source", "target"):
        shutil.copy(tmp_path / "source.model", tmp_path / f"{name}.spm")
    names = ["</s>", "<unk>", *(each for each in pieces if not each.startswith("<")), "<pad>"]
    vocabulary = {name: number for number, name in enumerate(names)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    marian = transformers.MarianTokenizer(
        source_spm=str(tmp_path / "source.spm"),
        target_spm=str(tmp_path / "target.spm"),
        vocab=str(tmp_path / "vocab.json"),
    )
    check_translation(marian, tmp_path / "saved", transformers.MarianMTModel, len(marian))


def test_m2m100_with_its_own_tokenizer(tmp_path):
    pieces = sentence_pieces(tmp_path, "sentencepiece")
    names = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        *(each for each in pieces if not each.startswith("<")),
    ]
    vocabulary = {name: number for number, name in enumerate(names)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    many = transformers.M2M100Tokenizer(
        vocab_file=str(tmp_path / "vocab.json"),
        spm_file=str(tmp_path / "sentencepiece.model"),
    )
    size = 1 + max(map(many.get_lang_id, many.lang_code_to_token))  # behind its pieces
    check_translation(many, tmp_path / "saved", transformers.M2M100ForConditionalGeneration, size)


def check_translation(tokenizer, folder, model_class, vocab_size):
    from jumok.pipelines import pipeline

    torch.manual_seed(11)
    config = model_class.config_class(
        vocab_size=vocab_size,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    model_class(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    translator = pipeline("translation_en_to_de", folder)
    texts = [run.letter for run in published_runs().values()]
    alone = [translator(text, max_new_tokens=6, num_beams=1)[0] for text in texts]
    assert alone[0] == alone[1], "line breaks are white space, of which SentencePiece makes one"
    together = translator(texts, max_new_tokens=6, num_beams=1)
    assert [each["translation_text"] for each in alone] == [
        each["translation_text"] for each in together
    ]
