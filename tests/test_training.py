"""Training: batches, loss, learning rate, accumulation, precision, and going on after a kill."""

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from transformers import get_linear_schedule_with_warmup

from jumok.device import default_device
from jumok.training import (
    Objective,
    TrainingConfig,
    collate,
    label_smoothed_cross_entropy,
    length_batches,
    new_accelerator,
    noam_learning_rate,
    optimizer_step,
    train,
)
from jumok.transformer import Transformer, TransformerConfig

INFINITY = math.inf


def small_model(seed: int = 0, *, dropout: float = 0.1) -> Transformer:
    torch.manual_seed(seed)
    config = TransformerConfig(
        source_vocab_size=12,
        target_vocab_size=14,
        d_model=16,
        num_heads=2,
        num_encoder_layers=1,
        num_decoder_layers=1,
        d_ff=32,
        dropout=dropout,
        max_length=16,
    )
    return Transformer(config)


def reversals(count: int = 60) -> list[tuple[list[int], list[int]]]:
    """Sequences of 2 to 8 ids and their reversal."""
    generator = torch.Generator().manual_seed(0)
    sources = [
        torch.randint(4, 12, (2 + index % 7,), generator=generator).tolist()
        for index in range(count)
    ]
    return [(source, source[::-1]) for source in sources]


# --- Batches ---------------------------------------------------------------------------------


def test_collate_shifts_and_pads():
    batch = collate([([5, 6, 7], [8, 9]), ([5], [8, 9, 10, 11])], pad_id=0, start_id=1, end_id=2)
    assert batch.source.tolist() == [[5, 6, 7], [5, 0, 0]]
    assert batch.target_input.tolist() == [[1, 8, 9, 0, 0], [1, 8, 9, 10, 11]]
    assert batch.target_output.tolist() == [[8, 9, 2, 0, 0], [8, 9, 10, 11, 2]]
    other = collate([([5], []), ([6, 7], [8])], pad_id=3, start_id=4, end_id=5)
    assert other.source.tolist() == [[5, 3], [6, 7]]
    assert other.target_input.tolist() == [[4, 3], [4, 8]]
    assert other.target_output.tolist() == [[5, 3], [8, 5]]


def test_an_epoch_holds_every_pair_once_and_epochs_differ():
    pairs = reversals(61)
    batches = length_batches(pairs, 8, seed=3)
    epochs = [[pair for batch in islice(batches, 8) for pair in batch] for _ in range(2)]
    for epoch in epochs:
        assert sorted(epoch) == sorted(pairs)
    assert epochs[0] != epochs[1]
    again = length_batches(pairs, 8, seed=3)
    assert [pair for batch in islice(again, 8) for pair in batch] == epochs[0]


def test_batches_hold_similar_lengths():
    for batch in islice(length_batches(reversals(700), 10), 70):
        lengths = [len(source) for source, _ in batch]
        assert max(lengths) - min(lengths) <= 1


def test_a_pool_of_one_batch_mixes_lengths():
    pairs = reversals(700)
    batches = list(islice(length_batches(pairs, 10, pool=1), 70))
    assert sorted(pair for batch in batches for pair in batch) == sorted(pairs)
    spread = [len({len(source) for source, _ in batch}) for batch in batches]
    assert sum(spread) / len(spread) > 4


# --- Loss and learning rate ------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_loss_is_torchs(device, smoothing, scale):
    logits = (scale * torch.randn(4, 7, 11, device=device)).requires_grad_()
    targets = torch.randint(0, 11, (4, 7), device=device)
    ours = label_smoothed_cross_entropy(logits, targets, smoothing=smoothing, pad_id=0)
    (gradient,) = torch.autograd.grad(ours, logits)
    torchs = F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), label_smoothing=smoothing, ignore_index=0
    )
    (expected,) = torch.autograd.grad(torchs, logits)
    torch.testing.assert_close(ours, torchs)
    torch.testing.assert_close(gradient, expected)


@given(
    st.lists(
        st.lists(
            st.sampled_from([0.0, 1.0, -1.0, 1e30, -1e38, 3e38, INFINITY, -INFINITY]),
            min_size=5,
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.sampled_from([torch.float32, torch.float16, torch.bfloat16, torch.float64]),
)
def test_loss_and_gradient_are_finite_for_every_input(rows, smoothing, dtype):
    logits = torch.tensor(rows).to(dtype).requires_grad_()
    targets = torch.arange(len(rows)) % 5
    loss = label_smoothed_cross_entropy(logits, targets, smoothing=smoothing)
    assert loss.isfinite()
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_padding_costs_nothing():
    logits = torch.randn(2, 3, 5, requires_grad=True)
    nothing = label_smoothed_cross_entropy(logits, torch.zeros(2, 3, dtype=torch.long))
    nothing.backward()
    assert nothing.item() == 0.0
    assert logits.grad is not None
    assert (logits.grad == 0).all()
    targets = torch.tensor([[4, 2, 0], [1, 0, 0]])
    changed = logits.detach().clone()
    changed[targets == 0] = 100.0
    torch.testing.assert_close(
        label_smoothed_cross_entropy(changed, targets),
        label_smoothed_cross_entropy(logits, targets),
    )
    ignored = targets.masked_fill(targets == 0, -100)
    torch.testing.assert_close(
        label_smoothed_cross_entropy(logits, ignored, pad_id=-100),
        label_smoothed_cross_entropy(logits, targets),
    )


def test_noam_is_the_papers_formula():
    for d_model in (64, 512):
        for warmup in (1, 400, 4000):
            for step in (1, 17, warmup, 10 * warmup):
                expected = d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
                assert noam_learning_rate(step, d_model, warmup) == pytest.approx(expected)
    peak = noam_learning_rate(4000, 512, 4000)
    assert peak == pytest.approx((512 * 4000) ** -0.5)
    assert noam_learning_rate(3999, 512, 4000) < peak > noam_learning_rate(4001, 512, 4000)


def test_schedule_of_a_configuration():
    paper = TrainingConfig(steps=1, warmup_steps=400)
    scaled = TrainingConfig(steps=1, warmup_steps=400, learning_rate=(64 * 400) ** -0.5)
    for step in (1, 100, 400, 5000):
        assert paper.learning_rate_at(step, 64) == noam_learning_rate(step, 64, 400)
        assert scaled.learning_rate_at(step, 64) == pytest.approx(paper.learning_rate_at(step, 64))
    constant = TrainingConfig(steps=1, warmup_steps=0, learning_rate=0.5)
    assert {constant.learning_rate_at(step, 64) for step in (1, 10, 1000)} == {0.5}


@pytest.mark.parametrize("warmup", [0, 3])
def test_linear_schedule_is_that_of_transformers(warmup):
    """Theirs counts steps from 0 and so begins with a rate of 0."""
    config = TrainingConfig(steps=10, warmup_steps=warmup, learning_rate=2.0, schedule="linear")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2.0)
    theirs = get_linear_schedule_with_warmup(optimizer, max(warmup, 1), 11).lr_lambdas[0]
    for step in range(1, 12):
        assert config.learning_rate_at(step) == pytest.approx(2.0 * theirs(step))


# --- The loop --------------------------------------------------------------------------------


def test_scheduler_steps_once_per_optimizer_step():
    config = TrainingConfig(steps=7, batch_size=4, accumulate=3, warmup_steps=4)
    history = train(small_model(), reversals(), config, progress=False)
    expected = [noam_learning_rate(step, 16, 4) for step in range(1, 8)]
    assert history.learning_rates == pytest.approx(expected)
    assert len(history.losses) == 7
    assert history.seconds > 0


def test_accumulated_batches_step_like_one_large_batch():
    """Different numbers of tokens to a batch: a mean of means would be wrong."""
    pairs = [([4, 5], [4])] * 3 + [([4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 9, 9])] * 3
    losses, weights = [], []
    for micro_batches in ([pairs], [pairs[:3], pairs[3:]], [pairs[:1], pairs[1:4], pairs[4:]]):
        model = small_model(dropout=0.0)
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        config = TrainingConfig(steps=1, clip_norm=None)
        losses.append(optimizer_step(model, optimizer, micro_batches, config))
        weights.append(torch.cat([parameter.flatten() for parameter in model.parameters()]))
    for loss, weight in zip(losses[1:], weights[1:], strict=True):
        assert loss == pytest.approx(losses[0], rel=1e-5)
        torch.testing.assert_close(weight, weights[0], rtol=1e-4, atol=1e-6)


def test_gradients_are_clipped():
    model = small_model()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    optimizer_step(model, optimizer, [reversals()], TrainingConfig(steps=1, clip_norm=1e-3))
    moved = [(new - old).norm() for new, old in zip(model.parameters(), before, strict=True)]
    assert torch.stack(moved).norm().item() == pytest.approx(1e-3, rel=1e-3)


class Squares(Objective):
    """A regression: what the loop knows about its task it must ask the objective."""

    def lengths(self, example):
        return (1,)

    def collate(self, examples):
        return torch.tensor(examples)

    def count(self, batch):
        return len(batch)

    def loss(self, model, batch):
        return (model(batch[:, :1]) - batch[:, 1:]).square().mean()


POINTS = [(x / 10, 3 * x / 10 + 1) for x in range(-8, 8)]


def test_another_objective_and_frozen_parameters():
    model = torch.nn.Linear(1, 1)
    model.bias.requires_grad_(False)
    bias = model.bias.item()
    config = TrainingConfig(
        steps=150, batch_size=8, warmup_steps=0, learning_rate=0.1, betas=(0.9, 0.999)
    )
    history = train(model, POINTS, config, objective=Squares(), progress=False)
    assert model.bias.item() == bias
    assert history.losses[-1] < history.losses[0]
    xs, ys = torch.tensor(POINTS).T
    best = (xs * (ys - bias)).sum() / xs.square().sum()  # least squares with a fixed intercept
    assert model.weight.item() == pytest.approx(best.item(), abs=0.15)


def test_parameter_groups_multiply_the_learning_rate():
    """One step of Adam moves a weight by the learning rate, whatever the gradient."""
    model = torch.nn.Linear(1, 1)
    before = {name: parameter.item() for name, parameter in model.named_parameters()}
    groups = [{"params": [model.weight]}, {"params": [model.bias], "lr": 0.25}]
    config = TrainingConfig(steps=1, batch_size=4, warmup_steps=0, learning_rate=0.1)
    train(model, POINTS, config, objective=Squares(), parameter_groups=groups, progress=False)
    moved = {name: abs(p.item() - before[name]) for name, p in model.named_parameters()}
    assert moved["weight"] == pytest.approx(0.1, rel=1e-3)
    assert moved["bias"] == pytest.approx(0.025, rel=1e-3)


def test_weight_decay_is_adamw():
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    twin = torch.nn.Linear(1, 1)
    twin.load_state_dict(model.state_dict())
    config = TrainingConfig(
        steps=1, batch_size=16, warmup_steps=0, learning_rate=0.1, weight_decay=0.5, clip_norm=None
    )
    train(model, POINTS, config, objective=Squares(), progress=False)
    optimizer = torch.optim.AdamW(
        twin.parameters(), lr=0.1, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.5
    )
    Squares().loss(twin, Squares().collate(POINTS)).backward()
    optimizer.step()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_adamw_is_the_recipe_with_what_is_asked_for_changed():
    config = TrainingConfig.adamw(240, 1e-4)
    assert config == TrainingConfig(
        steps=240,
        warmup_steps=24,
        learning_rate=1e-4,
        schedule="linear",
        betas=(0.9, 0.999),
        epsilon=1e-8,
        weight_decay=0.01,
        smoothing=0.0,
    )
    assert TrainingConfig.adamw(3, 1e-4).warmup_steps == 1  # never without
    changed = TrainingConfig.adamw(240, 1e-4, warmup_steps=12, weight_decay=0.0, batch_size=8)
    assert changed == replace(config, warmup_steps=12, weight_decay=0.0, batch_size=8)


TWO_PROCESSES = """
import sys, torch
from test_training import reversals, small_model
from jumok.training import TrainingConfig, new_accelerator, train
accelerator = new_accelerator()
assert accelerator.num_processes == int(sys.argv[1])
model = small_model(dropout=0.0)
config = TrainingConfig(steps=5, batch_size=7, accumulate=2, warmup_steps=3)
history = train(model, reversals()[:15], config, accelerator=accelerator, progress=False)
if accelerator.is_main_process:
    torch.save([model.state_dict(), history.losses], sys.argv[2])
accelerator.end_training()
"""


def test_two_processes_train_like_one(tmp_path):
    """Each takes its share of every batch: of 7, 7 and 1 pairs, whose lengths differ."""
    program = tmp_path / "program.py"
    program.write_text(TWO_PROCESSES)
    results = []
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)]),
    }
    for processes in (1, 2):
        result = tmp_path / f"{processes}.pt"
        subprocess.run(
            [
                *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
                *(f"--nproc-per-node={processes}", program, str(processes), result),
            ],
            env=environment,
            check=True,
            capture_output=True,
        )
        results.append(torch.load(result))
    (weights, losses), (other_weights, other_losses) = results
    assert other_losses == pytest.approx(losses, rel=1e-4)
    for name, weight in weights.items():
        # A key's bias adds the same to all scores of a query: its gradient is rounding alone.
        if not name.endswith("key_projection.bias"):
            torch.testing.assert_close(other_weights[name], weight, rtol=1e-3, atol=1e-5)


def test_without_accelerate_one_process_goes_on_and_several_do_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    assert new_accelerator() is None
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ImportError, match=r"several processes .* pip install"):
        new_accelerator()


def test_training_learns_and_ends_in_evaluation_mode():
    model = small_model()
    config = TrainingConfig(steps=60, batch_size=20, warmup_steps=20, learning_rate=0.01)
    random_before = torch.get_rng_state()
    history = train(model, reversals(), config, progress=False)
    assert torch.equal(torch.get_rng_state(), random_before)
    assert history.losses[-1] < 0.8 * history.losses[0]
    assert not model.training
    assert next(model.parameters()).device.type == default_device().type


def test_bfloat16_trains_float32_weights():
    model = small_model()
    config = TrainingConfig(steps=3, batch_size=8, warmup_steps=2, precision="bfloat16")
    history = train(model, reversals(), config, progress=False)
    assert all(math.isfinite(loss) for loss in history.losses)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_progress_bar_on_stderr(capsys):
    config = TrainingConfig(steps=2, batch_size=8, warmup_steps=2)
    train(small_model(), reversals(), config)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2/2" in shown.err
    assert "loss=" in shown.err


# --- Going on --------------------------------------------------------------------------------

CONFIG = TrainingConfig(steps=40, batch_size=8, accumulate=2, warmup_steps=10)


def weights_of(model: Transformer) -> list[torch.Tensor]:
    return [value.cpu() for value in model.state_dict().values()]


@pytest.fixture(scope="module")
def uninterrupted():
    """The weights to arrive at. On the CPU: some of a GPU's kernels add in no fixed order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUMOK_DEVICE", "cpu")
        model = small_model()
        train(model, reversals(), CONFIG, progress=False)
        yield weights_of(model)


SCRIPT = """
import sys
sys.path[:0] = sys.argv[2:]
from test_training import CONFIG, reversals, small_model
from jumok.training import train
print("start", flush=True)
train(small_model(), reversals(), CONFIG, checkpoint=sys.argv[1], checkpoint_every=5)
"""


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, uninterrupted):
    checkpoint = tmp_path / "training.pt"
    folders = [str(Path(__file__).parent), str(Path(sys.modules["jumok"].__file__).parents[1])]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(checkpoint), *folders],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ},
    )
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    assert checkpoint.exists()
    done = len(torch.load(checkpoint)["parts"]["history"]["losses"])
    assert 0 < done <= CONFIG.steps

    model = small_model(seed=1)  # its weights come from the checkpoint
    history = train(model, reversals(), CONFIG, checkpoint=checkpoint, progress=False)
    assert len(history.losses) == CONFIG.steps
    for ours, expected in zip(weights_of(model), uninterrupted, strict=True):
        assert torch.equal(ours, expected)


@pytest.mark.parametrize("first", [1, 9, 25])
def test_a_shorter_training_goes_on_to_the_same_weights(tmp_path, uninterrupted, first):
    """Across the end of an epoch too: 60 pairs are 7.5 batches, four steps."""
    checkpoint = tmp_path / "training.pt"
    short = TrainingConfig(**{**vars(CONFIG), "steps": first})
    train(small_model(), reversals(), short, checkpoint=checkpoint, progress=False)
    torch.rand(5)  # what the caller draws in between changes nothing
    model = small_model(seed=1)
    history = train(model, reversals(), CONFIG, checkpoint=checkpoint, progress=False)
    assert len(history.losses) == len(history.learning_rates) == CONFIG.steps
    for ours, expected in zip(weights_of(model), uninterrupted, strict=True):
        assert torch.equal(ours, expected)


def test_a_finished_training_is_not_repeated(tmp_path):
    checkpoint = tmp_path / "training.pt"
    config = TrainingConfig(steps=3, batch_size=8, warmup_steps=2)
    first = train(small_model(), reversals(), config, checkpoint=checkpoint, progress=False)
    second = train(small_model(), reversals(), config, checkpoint=checkpoint, progress=False)
    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == ["training.pt"]
