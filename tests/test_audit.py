"""The audit: what it reads from a report, what it complains of, what it says without Lighthouse."""

import json
import subprocess
from pathlib import Path

import pytest

import audit

AUDITS = {
    "total-blocking-time": {"numericValue": 61.7, "score": 0.9},
    "cumulative-layout-shift": {"numericValue": 0.01234, "score": 1},
    "first-contentful-paint": {"numericValue": 900.2, "score": 1},
    "largest-contentful-paint": {"numericValue": 1200.9, "score": 1},
    "total-byte-weight": {"numericValue": 112000, "score": 1},
    "image-alt": {"score": 0},
    "color-contrast": {"score": 1},
    "manual": {"score": None},
}


def report(**scores: float) -> dict:
    names = dict.fromkeys(audit.CATEGORIES, 1.0) | {
        name.replace("_", "-"): score for name, score in scores.items()
    }
    refs = [{"id": name, "weight": 1} for name in ("image-alt", "color-contrast", "manual")]
    return {
        "audits": AUDITS,
        "environment": {"benchmarkIndex": 1500.4},
        "categories": {name: {"score": score, "auditRefs": refs} for name, score in names.items()},
    }


def test_a_report_becomes_numbers_and_complaints() -> None:
    numbers = audit.result(report(accessibility=0.96))
    assert numbers["tbt_ms"] == 62
    assert numbers["cls"] == 0.0123
    assert numbers["failed"] == ["image-alt"]
    assert audit.complaints("en/index.html mobile", numbers) == [
        "en/index.html mobile: accessibility is 96, not 100",
        "en/index.html mobile: tbt_ms is 62, more than 50",
        "en/index.html mobile: image-alt",
    ]


def test_of_several_runs_the_middle_one_counts_and_every_failure() -> None:
    runs = [{"tbt_ms": n, "failed": [name]} for n, name in ((90, "b"), (10, "a"), (20, "a"))]
    assert audit.middle(runs) == {"tbt_ms": 20, "failed": ["a", "b"]}


def test_without_network_it_says_where_lighthouse_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    answer = subprocess.CompletedProcess([], 1, "", "npm error network request failed\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(SystemExit, match=r"npm could not fetch lighthouse [\d.]+; is there a net"):
        audit.lighthouse()


def test_a_lighthouse_of_this_version_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("npm was called"))
    package = tmp_path / "node_modules" / "lighthouse"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": audit.LIGHTHOUSE}))
    assert audit.lighthouse() == package / "cli" / "index.js"


def test_a_site_that_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["audit.py", "--site", str(tmp_path)])
    with pytest.raises(SystemExit, match="the site isn't built: run `nox -s docs` first"):
        audit.main()


def test_the_longest_page_is_one_of_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LANGUAGES", [{"code": "en"}])
    for name, size in (
        ("part/short", 10),
        ("part/long", 50),
        ("reference/api", 90),
        ("search", 99),
    ):
        path = tmp_path / "en" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x" * size)
    assert audit.longest(tmp_path) == "part/long"
