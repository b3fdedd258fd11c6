"""What the reader of film reviews refuses, and what it says."""

import gzip

import pytest

from jumok.data.nsmc import read_reviews, review_files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\t좋다\t1\n2\t싫다\n", r"line 2: expected id, document and a label .* \(2 fields\)"),
        ("1\t좋다\t2\n", r"line 1: expected .* got \['1', '좋다', '2'\] \(3 fields\)"),
        ("id\tdocument\tlabel\n1\t좋\t다\t1\n", r"line 2: .* \(4 fields\)"),
        ("", r"holds no reviews"),
        ("id\tdocument\tlabel\n1\t \t1\n", r"holds no reviews"),
    ],
)
def test_files_of_another_format(tmp_path, content, message):
    path = tmp_path / "train.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_reviews(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.tsv", "1\t좋다\t1\n".encode("cp949")),
        ("train.tsv.gz", "1\t좋다\t1\n".encode()),
        ("train.tsv.gz", gzip.compress("1\t좋다\t1\n".encode(), mtime=0)[:-9]),
    ],
)
def test_files_that_are_no_text(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="is not a text file in UTF-8"):
        read_reviews(tmp_path / name)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_reviews(tmp_path / "train.tsv")
    (tmp_path / "train.tsv").touch()
    with pytest.raises(FileNotFoundError, match=r"expected one of dev\.tsv, dev\.tsv\.gz, test"):
        review_files(tmp_path)
    with pytest.raises(FileNotFoundError, match="the given path must be a folder with data"):
        review_files(tmp_path / "nowhere")
