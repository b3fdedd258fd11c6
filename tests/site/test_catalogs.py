"""Every message of every page is translated, and the pages are executed once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from settings import LANGUAGES  # noqa: E402


@pytest.mark.parametrize("code", [language["code"] for language in LANGUAGES[1:]])
def test_no_message_is_missing_or_fuzzy(code: str) -> None:
    command = [sys.executable, "tools/translate.py", code, "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    open_messages = [line for line in result.stdout.splitlines() if line.startswith("  ")]
    assert open_messages == [], result.stdout[-2000:]
    assert result.returncode == 0, result.stderr[-2000:]
