"""The sinusoidal positions against the tables of two models in transformers."""

import pytest
import torch

from jumok.transformer import sinusoidal_positions

LENGTH, D_MODEL = 120, 500


def test_equal_to_distilbert() -> None:
    module = pytest.importorskip("transformers.models.distilbert.modeling_distilbert")
    theirs = torch.empty(LENGTH, D_MODEL)
    module.create_sinusoidal_embeddings(n_pos=LENGTH, dim=D_MODEL, out=theirs)
    torch.testing.assert_close(sinusoidal_positions(LENGTH, D_MODEL), theirs, atol=1e-6, rtol=0)


def test_marian_puts_all_sines_first() -> None:
    module = pytest.importorskip("transformers.models.marian.modeling_marian")
    theirs = module.MarianSinusoidalPositionalEmbedding(LENGTH, D_MODEL).create_weight()
    ours = sinusoidal_positions(LENGTH, D_MODEL)
    halves = torch.cat([ours[:, 0::2], ours[:, 1::2]], dim=1)
    torch.testing.assert_close(halves, theirs, atol=1e-6, rtol=0)
