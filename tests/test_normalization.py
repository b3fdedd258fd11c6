"""Both norms equal torch's; batch norm mixes what layer norm keeps apart."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from jumok.normalization import LayerNorm, batch_norm, layer_norm


@given(
    batch=st.lists(st.integers(1, 4), max_size=3),
    d_model=st.integers(1, 33),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    seed=st.integers(0, 99),
)
def test_layer_norm_equals_torch(batch: list[int], d_model: int, scale: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = scale * torch.randn(*batch, d_model, generator=generator)
    weight, bias = torch.randn(2, d_model, generator=generator)
    for w, b in ((None, None), (weight, None), (weight, bias)):
        expected = nn.functional.layer_norm(x, (d_model,), w, b, eps=1e-5)
        torch.testing.assert_close(layer_norm(x, w, b), expected, atol=1e-5, rtol=1e-5)


def test_module_equals_torch_forward_and_backward(device: torch.device) -> None:
    ours, theirs = LayerNorm(16, eps=1e-6).to(device), nn.LayerNorm(16, eps=1e-6).to(device)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(3, 5, 16, device=device)
    gradients = []
    for norm in (ours, theirs):
        leaf = x.clone().requires_grad_()
        norm(leaf).square().sum().backward()
        gradients += [leaf.grad]
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-6, rtol=0)
    torch.testing.assert_close(gradients[0], gradients[1], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        layer_norm(x, ours.weight, ours.bias, eps=1e-6), theirs(x), atol=1e-6, rtol=1e-6
    )


def test_variance_is_biased_and_eps_is_inside_the_root() -> None:
    x = torch.tensor([[1.0, 3.0]])  # mean 2, variance 1 (not 2)
    expected = torch.tensor([[-1.0, 1.0]]) / 2**0.5
    torch.testing.assert_close(layer_norm(x, eps=1.0), expected)


def test_equal_features_become_zero() -> None:
    assert torch.equal(layer_norm(torch.full((2, 4), 7.0)), torch.zeros(2, 4))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype, device: torch.device) -> None:
    x = torch.randn(3, 64, device=device)
    half = LayerNorm(64).to(device, dtype)(x.to(dtype))
    assert half.dtype == dtype
    torch.testing.assert_close(half.float(), layer_norm(x), atol=0.03, rtol=0.03)


def test_batch_norm_equals_torch() -> None:
    x = torch.randn(4, 3, 5)
    theirs = nn.BatchNorm1d(3, affine=False).train()
    torch.testing.assert_close(batch_norm(x), theirs(x), atol=1e-6, rtol=1e-5)


def test_only_batch_norm_depends_on_the_other_sentences() -> None:
    x = torch.randn(2, 3, 4)
    changed = x.clone()
    changed[1] = 0.0  # the second sentence becomes padding
    assert torch.equal(layer_norm(x)[0], layer_norm(changed)[0])
    assert not torch.allclose(batch_norm(x)[0], batch_norm(changed)[0], atol=0.1)
