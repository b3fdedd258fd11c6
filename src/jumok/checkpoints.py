"""Checkpoints: what a training needs to go on as if it had never stopped."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch

__all__ = ["Checkpoint", "Stateful"]


@runtime_checkable
class Stateful(Protocol):
    """A model, an optimiser, a scheduler: what can write down its state and take it up again."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: dict[str, Any]) -> Any: ...


@dataclass(frozen=True)
class Checkpoint:
    """A file with the state of a training.

    ``parts`` change from step to step; ``identity`` names what must not differ between the
    training that wrote the file and the one that reads it. The state of the random number
    generators belongs to every checkpoint: without it, dropout would fall differently.
    """

    path: Path
    device: torch.device
    identity: Mapping[str, Any]
    parts: Mapping[str, Stateful]

    def save(self) -> None:
        """Write the state. A crash on the way leaves the previous checkpoint whole."""
        state = {
            "identity": dict(self.identity),
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "random": torch.get_rng_state(),
            "random_cuda": self._cuda_random(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_name(self.path.name + ".unfinished")
        with unfinished.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def _cuda_random(self) -> torch.Tensor | None:
        return torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None

    def load(self) -> bool:
        """Take up the state of the file; without a file, change nothing and return ``False``.

        Raises:
            ValueError: the file is no checkpoint, or its identity is another.
        """
        if not self.path.exists():
            return False
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            identity, parts = state["identity"], state["parts"]
        except Exception as error:  # whatever unpickling a foreign file brings up
            raise ValueError(f"{self.path} is not a checkpoint of a training: {error}") from error
        if differences := [
            f"{name} is {identity.get(name)!r} there and {value!r} here"
            for name, value in self.identity.items()
            if identity.get(name) != value
        ]:
            raise ValueError(f"{self.path} belongs to another training: {'; '.join(differences)}")
        for name, part in self.parts.items():
            part.load_state_dict(parts[name])
        torch.set_rng_state(state["random"])
        if self.device.type == "cuda" and state["random_cuda"] is not None:
            torch.cuda.set_rng_state(state["random_cuda"], self.device)
        return True
