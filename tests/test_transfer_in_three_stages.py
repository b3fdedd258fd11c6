"""The program behind the record of ULMFiT, in very small: it goes on and records every body."""

import json
import subprocess
import sys
from pathlib import Path

from jumok.records import read_record

ROOT = Path(__file__).parents[1]
SMALL = [
    *("--texts", "40", "--held-out", "10", "--steps", "6", "--tuning-steps", "2"),
    *("--labels", "4", "6", "--seeds", "0", "1"),
]


def test_it_records_every_body_and_takes_up_what_is_done(tmp_path):
    partial, path = tmp_path / "partial.json", tmp_path / "ulmfit.json"
    done = {"perplexity": {}, "accuracy": {}}
    partial.write_text(json.dumps({"korean 1": done}))
    command = [sys.executable, "examples/transfer_in_three_stages.py", *SMALL]
    places = ["--partial", str(partial), "--record", str(path)]
    result = subprocess.run([*command, *places], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    record = read_record(path)
    first, second = record["results"]["runs"]["korean"]
    assert second == done  # not run again
    assert list(first["accuracy"]) == ["untrained", "general", "reviews", "general, then reviews"]
    for ways in first["accuracy"].values():
        for splits in ways.values():
            for shares in splits.values():
                assert len(shares) == 2
                assert all(0 <= share <= 1 for share in shares)
    assert record["seeds"] == [0, 1]
    assert not partial.exists()
