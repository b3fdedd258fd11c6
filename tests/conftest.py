"""What every test shares: a seed, a device, and short property tests where time is dear."""

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

from jumok.sentence_embeddings import minilm_folder

# One example may compile a kernel or wait for a busy machine: no deadline. The examples are the
# same in every run, so that a failure seen once is seen again.
settings.register_profile(
    "jumok",
    deadline=None,
    max_examples=int(os.environ.get("JUMOK_EXAMPLES", "30")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("jumok")


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(params=["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"])
def device(request: pytest.FixtureRequest) -> torch.device:
    """Every device of the machine in turn."""
    return torch.device(request.param)


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, which `nox` installs from the package index."""
    try:
        return minilm_folder()
    except FileNotFoundError as error:
        pytest.skip(str(error))
