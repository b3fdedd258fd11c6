"""Records: what they say of where numbers come from."""

import sys

import pytest

from jumok.records import git_commit, read_record, run_command, write_record


def test_a_record_says_where_its_numbers_come_from(tmp_path, monkeypatch):
    monkeypatch.setattr(
        sys, "argv", [str(tmp_path / "measure.py"), "--output", str(tmp_path / "x")]
    )
    path = tmp_path / "records" / "numbers.json"
    written = write_record(path, {"answer": 42}, seeds=[0, 1])
    assert read_record(path) == written
    assert written["results"] == {"answer": 42}
    assert written["seeds"] == [0, 1]
    assert written["command"] == "python measure.py --output x"
    assert set(written["versions"]) >= {"python", "jumok", "torch", "babel"}
    assert written["date"].endswith("+00:00")
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_the_command_names_a_program_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "examples" / "measure.py")])
    assert run_command() == "python examples/measure.py"


def test_the_commit_is_one_or_unknown():
    assert len(git_commit().removesuffix("-dirty")) in (len("unknown"), 40)


def test_a_file_that_is_no_record(tmp_path):
    path = tmp_path / "numbers.json"
    path.write_text('{"command": "x"}')
    with pytest.raises(ValueError, match="is not a record: it lacks commit, date"):
        read_record(path)
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / "none.json")
