"""Attention views without a browser: weights as bytes, tokens as people read them, markup."""

import json
import re
import unicodedata
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tokenizers import pre_tokenizers

from jumok.attention import causal_mask, scaled_dot_product_attention
from jumok.plotting import attention_steps, attention_view
from jumok.plotting._packing import pack, unpack
from jumok.plotting._tokens import readable_tokens
from jumok.sentence_embeddings import load_minilm
from jumok.transformer import Transformer, TransformerConfig

BUDGET = 60_000  # characters in the page's HTML, for 6 layers, 8 heads and 40 tokens
FULL = (6, 8, 40, 40)
TOKENS = [f"토큰{number}" for number in range(40)]
TEXT = (
    "The animal did not cross the street because it was too tired, and the driver of the bus who "
    "had waited for a while went home to his family, where supper stood on the table."
)


def markup(view: object) -> str:
    """What a page holds of a view: script and style are files there."""
    html: str = view._repr_html_()  # type: ignore[attr-defined]
    return re.sub(r"<(script|style) data-asset.*?</\1>", "", html, flags=re.DOTALL)


# ── Weights as bytes ─────────────────────────────────────────────────────

shapes = hnp.array_shapes(min_dims=4, max_dims=4, max_side=6)
weights = hnp.arrays(np.float64, shapes, elements=st.floats(0, 1))


@given(weights)
def test_round_trip_stays_within_the_stated_error(values: np.ndarray) -> None:
    packed = pack(values)
    assert packed.error <= 1 / 510
    assert np.abs(unpack(packed, values.shape) - values).max() <= packed.error + 1e-12


@given(hnp.arrays(np.float64, (2, 3, 4, 5), elements=st.floats(0, 30)))
def test_round_trip_of_sums_keeps_the_error_of_their_scale(values: np.ndarray) -> None:
    packed = pack(values)
    assert packed.scale == max(1.0, values.max())
    assert np.abs(unpack(packed, values.shape) - values).max() <= packed.error + 1e-12


def random_weights(kind: str) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    if kind == "uniform":
        return torch.rand(FULL, generator=generator)
    if kind == "uniform rows that sum to one":
        values = torch.rand(FULL, generator=generator)
        return values / values.sum(dim=-1, keepdim=True)
    return (torch.randn(FULL, generator=generator) * 3).softmax(dim=-1)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("uniform", 1 / 22),  # noise cannot be compressed: twelve levels are what fits
        ("uniform rows that sum to one", 1 / 382),
        ("softmax of scores with deviation 3", 1 / 510),
    ],
)
def test_noise_fits_with_fewer_levels_and_says_so(kind: str, error: float) -> None:
    values = random_weights(kind)
    view = attention_view(values, TOKENS, alt="Noise.")
    assert len(markup(view).encode()) <= BUDGET
    assert view.error == pytest.approx(error)
    packed = pack(values.double().numpy())
    found = unpack(packed, FULL)
    assert np.abs(found - values.double().numpy()).max() <= view.error + 1e-12


def test_weights_of_a_real_model_fit_in_bytes() -> None:
    encoder = load_minilm()
    ids = encoder.batch([TEXT]).token_ids
    assert ids.size(1) == 40, "the sentence must have 40 tokens"
    values = torch.cat(encoder.body.attention_weights(ids))[:, :8]  # 6 layers, 8 of 12 heads
    names = [encoder.tokenizer.vocabulary[each] for each in ids[0].tolist()]
    view = attention_view(values, names, alt="A sentence of 40 tokens.")
    assert values.shape == FULL
    assert view.error == pytest.approx(1 / 510)
    assert len(markup(view).encode()) <= BUDGET


def test_weights_of_an_untrained_model_fit_in_bytes() -> None:
    torch.manual_seed(0)
    sizes = {"source_vocab_size": 50, "target_vocab_size": 50, "d_model": 64, "num_heads": 8}
    depths = {"num_encoder_layers": 6, "num_decoder_layers": 1, "d_ff": 64}
    model = Transformer(TransformerConfig(**sizes, **depths)).eval()
    ids = torch.randint(4, 50, (1, 40), generator=torch.Generator().manual_seed(0))
    values = torch.cat(model.attention_weights(ids, ids).encoder)
    view = attention_view(values, TOKENS, alt="Nothing learned yet.")
    assert view.error == pytest.approx(1 / 510)
    assert len(markup(view).encode()) <= BUDGET


# ── Tokens ───────────────────────────────────────────────────────────────


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6))
def test_decomposed_hangul_is_composed(text: str) -> None:
    assert readable_tokens([unicodedata.normalize("NFD", text)]) == [text]


def test_letters_alone_become_printed_letters() -> None:
    assert readable_tokens(["\u1112", "\u1161", "\u11ab", "##\u1100"]) == ["ㅎ", "ㅏ", "ㄴ", "##ㄱ"]


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["주목", "어텐션은", "쉽다.", "é", "어", "a"]), min_size=1, max_size=5)
)
def test_byte_level_tokens_of_the_library_are_decoded(words: list[str]) -> None:
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=True)
    text = " ".join(words)
    tokens = [token for token, _ in splitter.pre_tokenize_str(text)]
    shown = readable_tokens(["<s>", *tokens, "</s>"])
    together = "".join(shown[1:-1]).replace("␣", " ").replace("Ġ", " ")
    assert together.strip() == text
    if not text.isascii():
        assert "Ġ" not in "".join(shown)


def test_broken_characters_are_shown_as_bytes() -> None:
    assert readable_tokens(["Ġì£¼", "íķ", "ľ"]) == ["␣주", "⟨ED 95⟩", "⟨9C⟩"]


@pytest.mark.parametrize("word", ["café", "čeština", "naïve", "Ñandú", "##ing", "▁the", "[CLS]"])
def test_other_alphabets_stay_as_they_are(word: str) -> None:
    assert readable_tokens([word]) == [word]


def test_blank_tokens_can_be_seen() -> None:
    assert readable_tokens([" ", "", "a "]) == ["␣", "␣", "a "]


# ── Markup ───────────────────────────────────────────────────────────────


def test_markup_is_well_formed_and_cannot_break_out() -> None:
    tokens = ["</script>", "<b>&amp;", '"']
    view = attention_view(torch.eye(3), tokens, alt='Quotes " and <tags>.', query_label="<who>")
    figure = ElementTree.fromstring(markup(view))
    data = json.loads(figure.findtext("script") or "")
    assert data["queries"] == tokens
    assert "keys" not in data
    assert figure.find(".//svg").get("aria-label") == 'Quotes " and <tags>.'  # type: ignore[union-attr]


def test_first_map_is_that_of_the_last_layer_and_the_mean_of_heads() -> None:
    values = torch.zeros(2, 2, 1, 2)
    values[1, 0, 0], values[1, 1, 0] = torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5])
    view = attention_view(values, ["q"], ["a", "b"], kind="cross", alt="A mean.")
    assert "0.75" in view.numbers
    assert re.findall(r"data-message=\"[^\"]+\"[^>]*>([^<]+)<", view.numbers) == [
        "Layer 2",
        "Mean of 2 heads",
    ]


def test_same_weights_make_the_same_markup() -> None:
    values = torch.rand(2, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    one, two = (attention_view(values, list("abcde"), alt="Twice.") for _ in range(2))
    assert one._repr_html_() == two._repr_html_()


def test_masked_pairs_are_struck_out_in_the_picture() -> None:
    mask = causal_mask(3)
    view = attention_view(mask / mask.sum(-1, keepdim=True), list("abc"), mask=mask, alt="Causal.")
    [strokes] = re.findall(r'<path d="([^"]+)" stroke="currentColor"', view.svg)
    assert strokes.count("M") == 3


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_precision_and_gradients(dtype: torch.dtype) -> None:
    values = torch.eye(2, dtype=dtype).requires_grad_()
    assert attention_view(values, ["a", "b"], alt="Two.").shape == (1, 1, 2, 2)


# ── Steps ────────────────────────────────────────────────────────────────


def test_steps_show_what_attention_computes() -> None:
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(3, 2, generator=generator).round(decimals=2) for _ in "qkv")
    steps = attention_steps(query, key, value, mask=causal_mask(3), alt="Causal steps.")
    expected, weights = scaled_dot_product_attention(query, key, value, mask=causal_mask(3))
    np.testing.assert_allclose(steps.output, expected, atol=1e-6)
    table = re.search(r'data-step="weights".*?</table>', steps.html, re.DOTALL)
    assert table is not None
    shown = [float(cell) for cell in re.findall(r"<td style[^>]*>([^<]+)</td>", table[0])]
    np.testing.assert_allclose(shown, weights.flatten(), atol=0.0051)


def test_steps_of_a_query_without_keys_are_zeros() -> None:
    steps = attention_steps([[1.0]], [[1.0]], [[5.0]], mask=[[False]], alt="Nothing.")
    assert steps.output.tolist() == [[0.0]]
    assert "−∞" in steps.html


def test_steps_are_well_formed() -> None:
    steps = attention_steps([[1.0]], [[-1.0]], [[5.0]], queries=["<q>"], alt="One & one.")
    figure = re.sub(r"<(script|style).*?</\1>", "", steps._repr_html_(), flags=re.DOTALL)
    assert len(ElementTree.fromstring(figure).findall(".//table")) == 9
