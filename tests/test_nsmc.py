"""NSMC: the files that are read, and what becomes of a review."""

import gzip
import os
from pathlib import Path

import pytest

from jumok.data.nsmc import CLASSES, Review, clean_review, read_reviews, review_files

ROWS = 'id\tdocument\tlabel\n1\t최고  최고!!!!\t1\n2\t\t0\n3\t"지루함\t0\n'


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ㅋㅋㅋㅋㅋㅋ", "ㅋㅋ"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("하하하하하 웃김", "하하 웃김"),
        ("재밌다재밌다재밌다재밌다", "재밌다재밌다"),
        ("\u1112\u1161\u11ab국", "한국"),  # conjoining letters
        ("  a\u3000 b\u00a0c ", "a b c"),
        ("1000000원", "100원"),
        ("", ""),
    ],
)
def test_clean_review(text, cleaned):
    assert clean_review(text) == cleaned


def test_cleaning_twice_is_cleaning_once():
    text = "진짜진짜진짜 ㅠㅠㅠㅠ!!!??? 최고\t\t최고"
    assert clean_review(clean_review(text)) == clean_review(text)


@pytest.mark.parametrize("packed", [False, True])
def test_rows_without_text_are_left_out_and_quotes_are_text(tmp_path, packed):
    path = tmp_path / ("train.tsv.gz" if packed else "train.tsv")
    path.write_bytes(gzip.compress(ROWS.encode()) if packed else ROWS.encode())
    assert read_reviews(path) == [Review(1, "최고 최고!!"), Review(0, '"지루함')]
    assert read_reviews(path, clean=False)[0].text == "최고  최고!!!!"


def test_a_file_without_header_and_with_windows_line_ends(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_bytes("7\t좋다\t1\r\n8\t싫다\t0\r\n".encode())
    assert [CLASSES[review.label] for review in read_reviews(path)] == ["positive", "negative"]


@pytest.mark.parametrize("inside", ["", "nsmc"])
@pytest.mark.parametrize(
    "names",
    [
        ("train.tsv", "dev.tsv"),
        ("train.tsv.gz", "test.tsv.gz"),
        ("ratings_train.txt", "ratings_test.txt"),
    ],
)
def test_files_in_a_folder(tmp_path, monkeypatch, names, inside):
    folder = tmp_path / inside
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    expected = [folder / name for name in names]
    files = review_files(tmp_path)
    assert [files.train, files.held_out] == expected
    monkeypatch.setenv("JUMOK_DATA", str(tmp_path))
    assert review_files() == files


def test_without_a_folder_the_original_is_fetched_with_its_checksums(tmp_path, monkeypatch):
    asked = []

    def fetch(url, path, *, checksum):
        asked.append((url, checksum[:10]))
        return path

    monkeypatch.delenv("JUMOK_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("jumok.data.download.download", fetch)
    files = review_files()
    assert files.train == tmp_path / "jumok" / "nsmc" / "ratings_train.txt"
    raw = "https://raw.githubusercontent.com/e9t/nsmc/master/"
    assert asked == [
        (raw + "ratings_train.txt", "sha256:e03"),
        (raw + "ratings_test.txt", "sha256:8ac"),
    ]


def test_real_reviews():
    folder = Path(os.environ.get("JUMOK_DATA", "")) / "nsmc"
    if not os.environ.get("JUMOK_DATA") or not folder.is_dir():
        pytest.skip("needs the folder nsmc in JUMOK_DATA")
    reviews = read_reviews(review_files().held_out)
    liked = sum(review.label for review in reviews) / len(reviews)
    assert len(reviews) > 9_000
    assert 0.45 < liked < 0.55
    assert max(len(review.text) for review in reviews) <= 150
