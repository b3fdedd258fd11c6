"""The default device and its precision."""

import pytest
import torch

from jumok.device import autocast_dtype, default_device, describe_device


def test_environment_chooses_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMOK_DEVICE", "cpu")
    assert default_device() == torch.device("cpu")


def test_without_a_choice_the_gpu_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUMOK_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert default_device().type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert default_device().type == "cpu"


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "cpu:x"])
def test_an_impossible_choice_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("JUMOK_DEVICE", name)
    with pytest.raises(ValueError, match=f"JUMOK_DEVICE.*{name}"):
        default_device()


def test_the_cpu_computes_in_float32() -> None:
    assert autocast_dtype(torch.device("cpu")) == torch.float32


def test_the_device_in_words(device: torch.device) -> None:
    words = describe_device(device)
    assert ("thread" in words) if device.type == "cpu" else ("GiB" in words)
