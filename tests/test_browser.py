"""The translator for the browser: its file, and JavaScript that must compute what Python does."""

import base64
import copy
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.runtime import sizes
from chromium import chromium
from safetensors import safe_open

from jumok.browser import (
    DATE_MODEL,
    export_translator,
    recorded_translation,
    shipped_date_translator,
)
from jumok.data.dates import DateTokenizer, date_pairs
from jumok.data.french_english import WordTokenizer
from jumok.data.tokenizer import END_ID, START_ID
from jumok.decoding import beam_search, greedy_decode
from jumok.records import read_record
from jumok.translation import (
    Translator,
    date_translator,
    recurrent_date_translator,
    two_way_date_translator,
)
from sphinx_transformer_runtime.files import model_script, program

LARGEST = 1_000_000  # bytes of program and model together
DIRECTIONS = ("ko-en", "en-ko")


@pytest.fixture(scope="module")
def dates() -> Translator:
    return shipped_date_translator()


@pytest.fixture(scope="module")
def page() -> Iterator[object]:
    """A page with the program and nothing else."""
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(content=program())
        yield page


# --- The file --------------------------------------------------------------------------------


def test_what_is_shipped_fits_the_budget():
    assert len(program().encode()) + len(model_script("dates", DATE_MODEL).encode()) <= LARGEST


def test_python_and_browser_read_the_same_numbers(tmp_path):
    translator = two_way_date_translator(seed=3)
    before = copy.deepcopy(translator.model.state_dict())
    size = export_translator(translator, tmp_path / "folder" / "model.safetensors")
    assert size == (tmp_path / "folder" / "model.safetensors").stat().st_size
    loaded = two_way_date_translator(seed=4)
    loaded.load(tmp_path / "folder" / "model.safetensors")
    for name, weight in loaded.model.state_dict().items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, before[name].half().float()), name
        assert torch.equal(translator.model.state_dict()[name], before[name]), "changed by export"


def test_the_file_says_all_that_the_page_must_know(tmp_path):
    path = tmp_path / "model.safetensors"
    translator = date_translator("en-ko")
    export_translator(translator, path)
    with safe_open(path, framework="pt") as file:
        about = {name: json.loads(text) for name, text in file.metadata().items()}
    assert about["config"]["d_model"] == 64
    assert about["source_vocabulary"] == list(DateTokenizer("en").vocabulary)
    assert about["target_vocabulary"] == list(DateTokenizer("ko").vocabulary)
    assert about["target_tokenizer"] == {
        "pieces": DateTokenizer.PIECE.pattern,
        "special": {"pad": 0, "start": 1, "end": 2, "unknown": 3},
    }


def test_what_the_page_cannot_compute_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(ValueError, match="expected a Transformer, got RecurrentEncoderDecoder"):
        export_translator(recurrent_date_translator(), path)
    for field, value, message in (
        ("activation", "gelu", "activation must be relu, got gelu"),
        ("positions", "learned", "positions must be sinusoidal, got learned"),
    ):
        with pytest.raises(ValueError, match=message):
            export_translator(two_way_date_translator(**{field: value}), path)
    words = Translator.create(WordTokenizer("fr"), WordTokenizer("en"), d_model=8, num_heads=2)
    with pytest.raises(ValueError, match=r"a pattern PIECE .* got WordTokenizer"):
        export_translator(words, path)
    large = two_way_date_translator()
    with torch.no_grad():
        large.model.encoder.layers[1].feed_forward.expand.bias[0] = 1e5
    with pytest.raises(ValueError, match=r"encoder\.layers\.1\.feed_forward\.expand\.bias has"):
        export_translator(large, path)
    assert not path.exists()


def test_the_shipped_model_does_what_its_record_says(dates):
    record = read_record("date_translator")["results"]
    assert record["bytes"] == DATE_MODEL.stat().st_size
    card = (DATE_MODEL.parent / "README.md").read_text(encoding="utf-8")
    for direction in DIRECTIONS:
        found = record["directions"][direction]
        assert found["exact_match"] == 1 - len(found["mistakes"]) / record["held_out"]
        assert dates.exact_match(date_pairs("held-out", direction, count=1000)) >= 0.995
        assert f"| {direction} | {found['exact_match']:.4f} |" in card


def test_the_measurement_is_of_this_program():
    """When it fails, measure anew: ``nox -s bench -- runtime``."""
    record = read_record("browser_runtime")["results"]
    recorded = {name: record[name] for name in ("lines", "model_bytes")}
    assert recorded == {name: sizes()[name] for name in recorded}
    assert record["same_tokens"] == record["same_beams"] == record["dates"] == 1000
    assert record["largest_logit_difference"] < 1e-3
    assert record["first_result_milliseconds"] <= 1000
    assert record["token_milliseconds_beam"] <= 30


def test_a_recorded_translation_shows_what_the_search_found(dates):
    recorded = recorded_translation(dates, "Feb 15, 2019", alt='A date & its "beam".', beam_size=3)
    assert len(recorded.beam) == 3
    found = [hypothesis.log_probability for hypothesis in recorded.beam]
    assert found == sorted(found, reverse=True)
    html = recorded._repr_html_()
    assert "A date &amp; its &quot;beam&quot;." in html
    assert '<span class="token">Feb␣</span>' in html
    assert f"−{-found[-1]:.4f}" in html
    assert "&lt;END&gt;" in html


# --- The JavaScript --------------------------------------------------------------------------

COMPUTE = """async ({texts, ...options}) => {
    const answers = [];
    for (const text of texts) {
        const found = await TransformerRuntime.translate(text, translator, options);
        const beam = found.beams.at(-1);
        const rows = beam[0].logits;
        const bytes = new Uint8Array(new Float32Array(rows.flatMap((row) => [...row])).buffer);
        let binary = "";
        for (const byte of bytes) binary += String.fromCharCode(byte);
        answers.push({
            result: found.result,
            ids: beam.map((hypothesis) => hypothesis.ids),
            scores: beam.map((hypothesis) => hypothesis.score),
            logits: btoa(binary),
            encoder: found.encoder,
            cross: TransformerRuntime.decoderMaps(beam[0], "cross"),
            own: TransformerRuntime.decoderMaps(beam[0], "own"),
        });
    }
    return answers;
}"""


def use(page, path: Path) -> None:
    """Let the page read a model as ``translator``."""
    page.evaluate(
        "async (base64) => { globalThis.translator = await TransformerRuntime.readModel(base64); }",
        base64.b64encode(path.read_bytes()).decode(),
    )


def search(translator: Translator, text: str, **options):
    """What Python finds: ids of all hypotheses without padding, and their scores."""
    source = torch.tensor([translator.source_tokenizer.encode(text)])
    limits = {"start_id": START_ID, "end_id": END_ID, "max_length": 16}
    beams, scores = beam_search(translator.model, source, return_beams=True, **limits, **options)
    cut = [ids[: ids.index(END_ID) + 1] if END_ID in ids else ids for ids in beams[0].tolist()]
    return source, cut, scores[0].tolist()


def logits_of(translator: Translator, source: torch.Tensor, ids: list[int]) -> np.ndarray:
    """Python's logits of every token of a translation, all at once: (length, vocab)."""
    with torch.no_grad():
        return translator.model.eval()(source, torch.tensor([[START_ID, *ids[:-1]]]))[0].numpy()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_browser_writes_what_python_writes(page, dates, direction):
    """500 dates that training never saw: the same tokens, and logits within 1e-3."""
    use(page, DATE_MODEL)
    texts = [pair.source for pair in date_pairs("held-out", direction, count=500)]
    for start in range(0, len(texts), 50):
        part = texts[start : start + 50]
        answers = page.evaluate(COMPUTE, {"texts": part, "beamSize": 1, "lengthPenalty": 0})
        for text, answer in zip(part, answers, strict=True):
            source = torch.tensor([dates.source_tokenizer.encode(text)])
            limits = {"start_id": START_ID, "end_id": END_ID, "max_length": 16}
            greedy = greedy_decode(dates.model, source, **limits)[0].tolist()
            assert answer["ids"] == [greedy], text
            assert answer["result"] == dates.target_tokenizer.decode(greedy)
            expected = logits_of(dates, source, greedy)
            found = np.frombuffer(base64.b64decode(answer["logits"]), np.float32)
            assert np.abs(found.reshape(expected.shape) - expected).max() < 1e-3, text


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("penalty", [0.0, 0.6])
def test_the_browser_keeps_the_same_beam(page, dates, direction, penalty):
    use(page, DATE_MODEL)
    seed = int(penalty * 10)
    texts = [pair.source for pair in date_pairs("held-out", direction, count=250, seed=seed)]
    answers = page.evaluate(COMPUTE, {"texts": texts, "beamSize": 4, "lengthPenalty": penalty})
    for text, answer in zip(texts, answers, strict=True):
        _, ids, scores = search(dates, text, beam_size=4, length_penalty=penalty)
        assert answer["ids"] == ids, text
        assert answer["scores"] == pytest.approx(scores, abs=1e-3)


ODD = ("13월 32일", "2019. 2. 15. 2019. 2. 15.", "Friday, 금요일", "99", ". . . .", "2/2/2/2")


@pytest.mark.parametrize("text", ODD)
def test_no_date_is_translated_alike(page, dates, text):
    """What a model makes up is made up alike, and what it looks at is the same."""
    use(page, DATE_MODEL)
    (answer,) = page.evaluate(COMPUTE, {"texts": [text], "beamSize": 3, "lengthPenalty": 0})
    source, ids, _ = search(dates, text, beam_size=3)
    assert answer["ids"] == ids
    with torch.no_grad():
        weights = dates.model.attention_weights(source, torch.tensor([[START_ID, *ids[0][:-1]]]))
    for name, layers in (
        ("encoder", weights.encoder),
        ("own", weights.decoder),
        ("cross", weights.cross),
    ):
        for layer, expected in zip(answer[name], layers, strict=True):
            assert np.array(layer) == pytest.approx(expected[0].numpy(), abs=1e-5), name


@pytest.mark.parametrize(
    "fields",
    [
        {"norm": "post"},
        {"norm": "post", "final_norm": True, "layer_norm_eps": 0.1},
        {"norm": "pre", "final_norm": False, "scale_embeddings": False},
        {"head_dim": 8, "num_encoder_layers": 1, "num_decoder_layers": 3},
    ],
    ids=str,
)
def test_every_configuration_that_is_exported_is_computed(page, tmp_path, fields):
    """Untrained models, two vocabularies: they write nonsense until the last place."""
    path = tmp_path / "model.safetensors"
    export_translator(date_translator("ko-en", seed=5, **fields), path)
    translator = date_translator("ko-en", **fields)
    translator.load(path)
    use(page, path)
    text = "2031년 7월 9일 수요일"
    (answer,) = page.evaluate(COMPUTE, {"texts": [text], "beamSize": 3, "lengthPenalty": 0.6})
    source, ids, scores = search(translator, text, beam_size=3, length_penalty=0.6)
    assert answer["ids"] == ids
    assert answer["scores"] == pytest.approx(scores, abs=1e-3)
    expected = logits_of(translator, source, ids[0])
    found = np.frombuffer(base64.b64decode(answer["logits"]), np.float32).reshape(expected.shape)
    assert np.abs(found - expected).max() < 1e-3


def test_padding_that_a_model_writes_is_hidden_from_it(page, tmp_path):
    """A model may write the padding token; from then on nothing attends to that place."""
    translator = date_translator("ko-en", seed=1)
    with torch.no_grad():
        # the output layer's row of the padding token: the one that always wins
        translator.model.decoder.final_norm.bias.fill_(1.0)
        translator.model.output_projection.weight[0].fill_(0.2)
    path = tmp_path / "model.safetensors"
    export_translator(translator, path)
    translator.load(path)
    use(page, path)
    text = "2019. 2. 15."
    (answer,) = page.evaluate(COMPUTE, {"texts": [text], "beamSize": 1, "lengthPenalty": 0})
    source, ids, _ = search(translator, text, beam_size=1)
    assert 0 in ids[0][:-1]
    assert answer["ids"] == ids
    expected = logits_of(translator, source, ids[0])
    found = np.frombuffer(base64.b64decode(answer["logits"]), np.float32).reshape(expected.shape)
    assert np.abs(found - expected).max() < 1e-3


def test_texts_are_cut_alike(page, dates):
    use(page, DATE_MODEL)
    texts = [
        *("2031년 7월 9일", "Juli 9, 2031", "ünïcode dates", "日本 2019", "20190215", "a_b 1", ""),
        *("\u1112\u1161\u11ab글", "  spaces \t everywhere ", "½ ² ①", "Feb\u00a015"),
        *("😀 15", "<pad>"),
    ]
    cut, unknown, ids = page.evaluate(
        """texts => ["cut", "unknown", "encode"].map(
            (name) => texts.map((text) => translator.source[name](text)))""",
        texts,
    )
    tokenizer = dates.source_tokenizer
    assert cut == [tokenizer.cut(unicodedata.normalize("NFC", text)) for text in texts]
    assert unknown == [tokenizer.unknown(text) for text in texts]
    assert ids == [tokenizer.encode(text, errors="replace") for text in texts]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", {"problem": "empty"}),
        ("2019. 2. 15.", None),
        ("1850. 2. 15.", {"problem": "unknown", "piece": "1850", "from": "1900", "to": "2099"}),
        ("Juli 9", {"problem": "unknown", "piece": "Juli", "words": ["July", "Jul"]}),
        ("february 9", {"problem": "unknown", "piece": "february", "words": ["February"]}),
        ("😀", {"problem": "unknown", "piece": "😀"}),
        (". " * 17, {"problem": "long", "count": 17, "most": 16}),
    ],
)
def test_what_is_wrong_with_a_text(page, text, problem):
    use(page, DATE_MODEL)
    assert page.evaluate("text => TransformerRuntime.problemOf(text, translator)", text) == problem


def test_a_file_of_other_numbers_is_refused(page, tmp_path):
    path = tmp_path / "model.safetensors"
    translator = date_translator("ko-en")
    translator.save(path)
    with pytest.raises(Exception, match="expected tensors of type F16, got F32"):
        use(page, path)
