"""The assignments' tests pass our solutions, fail the starting point, and find usual mistakes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = ROOT / "assignments"
NAMES = sorted(path.stem for path in (ASSIGNMENTS / "solutions").glob("*.py"))

#: What students write instead: the file, the right code, the wrong one.
MISTAKES = [
    ("local_attention", "masked_softmax(query @", "masked_softmax(query / 2 @"),
    ("local_attention", "transpose(-2, -1), mask)", "transpose(-2, -1), None)"),
    ("local_attention", "<= width", "< width"),
    ("local_attention", " & (places < lengths[:, None, None])", ""),
    ("local_attention", "step * lengths[:, None] // steps", "step + 0 * lengths[:, None]"),
    ("local_attention", "rows = rows[rows.sum(dim=-1) > 0]", "pass"),
    ("local_attention", " / torch.tensor(2.0).log()", ""),
    ("grouped_query_attention", ".repeat_interleave(share, dim=-3)", ".repeat(1, share, 1, 1)"),
    ("grouped_query_attention", "value, mask=mask", "value"),
    ("grouped_query_attention", "return 2 * layers", "return layers"),
    ("grouped_query_attention", ".mean(dim=1).flatten())", ".sum(dim=1).flatten())"),
    ("grouped_query_attention", "if num_heads % num_groups:", "if False:"),
    ("whole_words", 'r"\\S+"', 'r"\\w+"'),
    ("whole_words", "bisect_left(ends, end)", "bisect_left(ends, start)"),
    ("whole_words", "chosen &= words != SPECIAL", "pass"),
    ("whole_words", "fate = torch.rand(token_ids.shape", "fate = torch.rand((len(token_ids), 1)"),
    ("whole_words", "coins = torch.rand(len(token_ids)", "coins = torch.rand(1"),
    ("pseudonyms", 'each["start"] - each["end"]', '0 * each["start"]'),
    ("pseudonyms", 'entity["end"] <= other["start"]', 'entity["end"] < other["start"]'),
    ("pseudonyms", 'text[entity["start"] : entity["end"]]', 'entity["word"]'),
    ("pseudonyms", "names.get(found[0], found[0])", 'names.get(found[0], "")'),
    ("pseudonyms", "known[kind, name] = ", "known[kind, name] = f'[{kind}]' or "),
    ("pseudonyms", "if found := PLACEHOLDER.search(text):", "if False:"),
]


def run(folder: Path, *arguments: str) -> tuple[int, int]:
    """How many tests passed, and how many did not."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    output = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", output[-200:])}
    return counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)


def test_each_part_has_an_assignment_with_tests_and_a_solution() -> None:
    assert len(NAMES) == 4
    for name in NAMES:
        assert (ASSIGNMENTS / f"{name}.py").exists()
        assert (ASSIGNMENTS / f"test_{name}.py").exists()


def test_solutions_pass() -> None:
    passed, failed = run(ROOT, "assignments", "--solution")
    assert passed >= 30
    assert failed == 0


def test_starting_point_passes_nothing() -> None:
    passed, failed = run(ROOT, "assignments")
    assert passed == 0
    assert failed >= 30


@pytest.mark.parametrize("name", NAMES)
def test_usual_mistakes_are_found(tmp_path: Path, name: str) -> None:
    """All mistakes of an assignment in one run: each in a copy of the assignment of its own."""
    mistakes = [(right, wrong) for file, right, wrong in MISTAKES if file == name]
    assert len(mistakes) >= 5
    source = (ASSIGNMENTS / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    shutil.copy(ASSIGNMENTS / "conftest.py", tmp_path)
    for number, (right, wrong) in enumerate(mistakes):
        assert source.count(right) == 1, right
        (tmp_path / f"m{number}.py").write_text(source.replace(right, wrong), encoding="utf-8")
        shutil.copy(ASSIGNMENTS / f"test_{name}.py", tmp_path / f"test_m{number}.py")
    missed = []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rf"]
    command += ["--import-mode=importlib", str(tmp_path)]
    output = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    for number, (_, wrong) in enumerate(mistakes):
        if f"test_m{number}.py" not in output.partition("short test summary")[2]:
            missed.append(wrong)
    assert missed == []
