"""Each check of the translations finds what is planted, and leaves correct Korean alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "extensions")]

from translation_cases import CORRECT, DEFECTS, Cases  # noqa: E402
from translation_checks import Pair, Settings, check_pairs  # noqa: E402
from translation_checks.markup import Markup  # noqa: E402

SETTINGS = Settings.read(ROOT)
MARKUP = Markup(SETTINGS.myst)


def found(source: str, translation: str, **options: object) -> list[str]:
    """The rules that a pair breaks."""
    language = str(options.pop("language", "ko"))
    pair = Pair(Path("x.po"), 1, language, source, translation, MARKUP, **options)  # type: ignore[arg-type]
    return sorted({finding.rule for finding in check_pairs([pair], SETTINGS, language)})


def cases(table: Cases) -> Iterator[object]:
    for rule, pairs in table.items():
        for number, (source, translation) in enumerate(pairs, 1):
            yield pytest.param(rule, source, translation, id=f"{rule}-{number}")


@pytest.mark.parametrize(("rule", "source", "translation"), cases(DEFECTS))
def test_a_planted_defect_is_found(rule: str, source: str, translation: str) -> None:
    assert rule in found(source, translation)


@pytest.mark.parametrize(("rule", "source", "translation"), cases(CORRECT))
def test_a_correct_translation_passes_every_rule(rule: str, source: str, translation: str) -> None:
    assert found(source, translation) == []


def test_every_rule_has_its_cases() -> None:
    assert DEFECTS.keys() == CORRECT.keys()
    for table in (DEFECTS, CORRECT):
        assert {rule: len(pairs) for rule, pairs in table.items() if len(pairs) < 5} == {}


def test_the_catalogs_of_this_project_pass() -> None:
    command = [sys.executable, "tools/check_translations.py"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
