"""Pipelines by the names of the Hub, from a small hub on this machine: download, cache, revision,
use without a network, damage on the way."""

import hashlib
import shutil
import time

import huggingface_hub
import pytest
import torch
import transformers

from jumok.data.download import DownloadError
from jumok.pipelines import pipeline
from jumok.pretrained import checkpoint_folder
from pipeline_checkpoints import LETTER, bert, gpt2, marian
from small_hub import small_hub

NAME = "letters/sentiment"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with small_hub() as hub:
        reach(monkeypatch, hub.address)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield hub


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return bert(tmp_path_factory.mktemp("sentiment"), "SequenceClassification")


def reach(monkeypatch, address: str) -> None:
    """Let the library find its Hub at this address, as HF_ENDPOINT does for a new process."""
    constants = huggingface_hub.constants
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", address)


def out_of_reach(monkeypatch) -> None:
    reach(monkeypatch, "http://127.0.0.1:9")


def test_a_model_is_downloaded_once_and_used_without_a_network(hub, folder, monkeypatch):
    hub.commit(NAME, folder)
    expected = pipeline("text-classification", folder)("Thank you!")
    assert pipeline("text-classification", NAME)("Thank you!") == expected
    assert hub.asked_for("model.safetensors") == 1
    assert pipeline("text-classification", NAME)("Thank you!") == expected
    assert hub.asked_for("model.safetensors") == 1
    out_of_reach(monkeypatch)
    assert pipeline("text-classification", NAME)("Thank you!") == expected


@pytest.mark.parametrize(
    ("task", "make"),
    [("text-generation", gpt2), ("translation_en_to_de", marian)],
)
def test_other_architectures_by_name(hub, tmp_path, task, make):
    folder = make(tmp_path / "made")
    hub.commit("letters/writer", folder)
    options = {"max_length": 40, "num_beams": 1, "do_sample": False}
    expected = pipeline(task, folder)(LETTER[:60], **options)
    assert pipeline(task, "letters/writer")(LETTER[:60], **options) == expected


def test_a_revision_pins_what_is_used(hub, folder, tmp_path, monkeypatch):
    first = hub.commit(NAME, folder, tag="v1")
    other = shutil.copytree(folder, tmp_path / "other")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(other)
    model.classifier.bias.data.copy_(torch.tensor([-50.0, 50.0]))
    model.save_pretrained(other)
    second = hub.commit(NAME, other)
    assert first != second
    before = pipeline("text-classification", folder)("Thank you!")
    for revision in ("v1", first):
        run = pipeline("text-classification", NAME, revision=revision)
        assert run("Thank you!") == before
    assert pipeline("text-classification", NAME)("Thank you!")[0]["score"] > 0.999
    out_of_reach(monkeypatch)
    assert pipeline("text-classification", NAME, revision="v1")("Thank you!") == before
    assert pipeline("text-classification", NAME, revision=first)("Thank you!") == before
    assert pipeline("text-classification", NAME)("Thank you!")[0]["score"] > 0.999
    with pytest.raises(FileNotFoundError, match=r"can't be reached .* --revision v2"):
        pipeline("text-classification", NAME, revision="v2")


def test_unknown_names_and_revisions(hub, folder):
    hub.commit(NAME, folder)
    with pytest.raises(FileNotFoundError, match="the Hub has no model of that name"):
        pipeline("text-classification", "letters/nobody")
    with pytest.raises(FileNotFoundError, match="has no revision 'v9' on the Hub"):
        pipeline("text-classification", NAME, revision="v9")


def test_changed_bytes_are_refused_and_fetched_again(hub, folder):
    """Of the right length, so that only the checksum can tell."""
    hub.commit(NAME, folder)
    hub.damage = "changed"
    with pytest.raises(DownloadError, match=r"model\.safetensors from the Hub is damaged"):
        pipeline("text-classification", NAME)
    hub.damage = ""
    expected = pipeline("text-classification", folder)("Thank you!")
    assert pipeline("text-classification", NAME)("Thank you!") == expected


def test_a_download_that_breaks_off_is_not_used(hub, folder):
    hub.commit(NAME, folder)
    hub.damage = "cut"
    with pytest.raises((FileNotFoundError, DownloadError)):
        pipeline("text-classification", NAME)
    hub.damage = ""
    expected = pipeline("text-classification", folder)("Thank you!")
    assert pipeline("text-classification", NAME)("Thank you!") == expected


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
def test_a_cached_file_that_was_damaged_later_is_refused(hub, folder, file, monkeypatch):
    hub.commit(NAME, folder)
    path = checkpoint_folder(NAME) / file
    path.resolve().write_bytes(path.read_bytes()[:-10] + b" " * 10)
    out_of_reach(monkeypatch)
    with pytest.raises(DownloadError, match=f"{file} from the Hub is damaged"):
        pipeline("text-classification", NAME)


def test_a_hub_that_does_not_answer_is_given_up_within_seconds(hub, folder):
    hub.commit(NAME, folder)
    hub.damage = "silent"
    start = time.monotonic()
    with pytest.raises(FileNotFoundError, match="the Hub can't be reached"):
        checkpoint_folder(NAME, timeout=1.0)
    assert time.monotonic() - start < 10


def test_only_one_kind_of_weights_is_fetched(hub, folder, tmp_path):
    both = shutil.copytree(folder, tmp_path / "both")
    (both / "pytorch_model.bin").write_bytes(b"not needed")
    (both / "README.md").write_text("a card")
    (both / "merges.txt").write_text("")
    hub.commit("letters/both", both)
    names = {path.name for path in checkpoint_folder("letters/both").iterdir()}
    assert {"config.json", "model.safetensors", "merges.txt"} <= names
    assert not {"pytorch_model.bin", "README.md"} & names


def test_weights_of_the_older_kind_are_fetched_where_there_are_no_others(hub, folder, tmp_path):
    old = shutil.copytree(folder, tmp_path / "old")
    (old / "model.safetensors").unlink()
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    torch.save(model.state_dict(), old / "pytorch_model.bin")
    hub.commit("letters/old", old)
    expected = pipeline("text-classification", folder)("Thank you!")
    assert pipeline("text-classification", "letters/old")("Thank you!") == expected


# --- The way back: a model of one's own, by its name -----------------------------------------


def test_a_fine_tuned_model_is_uploaded_with_its_card_and_loaded_by_name(
    hub, folder, tmp_path, monkeypatch
):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    before = pipeline("text-classification", model, tokenizer=tokenizer)("Thank you!")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs = tokenizer("Thank you!", return_tensors="pt").to(model.device)
    for _ in range(3):
        loss = model(**inputs, labels=torch.tensor([1], device=model.device)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    own = tmp_path / "own"
    model.eval().save_pretrained(own)
    tokenizer.save_pretrained(own)
    card = huggingface_hub.ModelCard("---\nlanguage: ko\nlicense: mit\n---\n# Letters\n")
    card.save(own / "README.md")
    expected = pipeline("text-classification", own)("Thank you!")
    assert expected != before

    api = huggingface_hub.HfApi(endpoint=hub.address, token="write")
    api.create_repo(NAME)
    commit = api.upload_folder(repo_id=NAME, folder_path=own).oid
    assert pipeline("text-classification", NAME)("Thank you!") == expected
    assert pipeline("text-classification", NAME, revision=commit)("Thank you!") == expected
    assert huggingface_hub.ModelCard.load(NAME).data.language == "ko"
    assert hub.asked_for("model.safetensors") == 1
    out_of_reach(monkeypatch)
    assert pipeline("text-classification", NAME)("Thank you!") == expected


def test_large_files_are_uploaded_apart_from_the_commit(hub, folder, monkeypatch, tmp_path):
    """By LFS, as the Hub wants it of clients that don't have its newer protocol."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    hub.lfs = True
    api = huggingface_hub.HfApi(endpoint=hub.address, token="write")
    api.create_repo(NAME)
    commit = api.upload_folder(repo_id=NAME, folder_path=folder).oid
    weights = folder / "model.safetensors"
    assert list(hub.objects) == [hashlib.sha256(weights.read_bytes()).hexdigest()]
    assert hub.files[NAME, commit]["model.safetensors"] == weights.read_bytes()
    expected = pipeline("text-classification", folder)("Thank you!")
    assert pipeline("text-classification", NAME, revision=commit)("Thank you!") == expected
    # The same weights once more: they are there already.
    api.upload_folder(repo_id=NAME, folder_path=folder)
    assert sum(each.startswith("PUT") for each in hub.requests) == 1


def test_nothing_is_uploaded_without_the_right_to(hub, folder):
    api = huggingface_hub.HfApi(endpoint=hub.address, token="read")
    with pytest.raises(huggingface_hub.errors.HfHubHTTPError, match="401"):
        api.create_repo(NAME)
    hub.commit(NAME, folder)
    (commit,) = {commit for (name, _), commit in hub.revisions.items() if name == NAME}
    with pytest.raises(huggingface_hub.errors.HfHubHTTPError, match="401"):
        api.upload_folder(repo_id=NAME, folder_path=folder)
    assert hub.revisions[NAME, "main"] == commit
