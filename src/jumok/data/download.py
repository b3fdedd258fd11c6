"""Fetch a public file once, and refuse it when it isn't the one that was meant."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

__all__ = [
    "DownloadError",
    "download",
    "check_file",
    "data_folder",
    "download_folder",
    "data_files",
]

CHUNK = 1 << 16


class DownloadError(OSError):
    """A file could not be fetched, or is another than expected; the message says what to do."""


def data_folder(path: str | Path | None = None) -> Path | None:
    """Where real data lies: ``path``, else the environment variable ``JUMOK_DATA``, else nowhere.

    Raises:
        FileNotFoundError: that folder does not exist.
    """
    name = path or os.environ.get("JUMOK_DATA", "").strip()
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        origin = "the given path" if path else "JUMOK_DATA"
        raise FileNotFoundError(f"{origin} must be a folder with data, got {str(folder)!r}")
    return folder


def download_folder() -> Path:
    """Where downloads are kept: ``jumok`` in ``XDG_CACHE_HOME``, else in ``~/.cache``."""
    cache = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(cache) if cache else Path.home() / ".cache") / "jumok"


def download(
    url: str, path: str | Path, *, checksum: str, timeout: float = 20.0, progress: bool = True
) -> Path:
    """Fetch ``url`` into the file ``path``, unless it is there already, and return its path.

    The bytes arrive in ``path`` + ``.unfinished``. An interrupted download is taken up where it
    stopped, if the server can, and begun again if it can't. The file gets its own name only after
    its checksum was found right, so a file of that name is always whole.

    Args:
        url: where the file is.
        path: where it shall be.
        checksum: ``"sha256:…"`` or ``"md5:…"``, in hexadecimal digits.
        timeout: seconds to wait for an answer, or for the next bytes.
        progress: whether to show a progress bar.

    Raises:
        DownloadError: no connection, no such file, or bytes that aren't those expected.
        ValueError: ``checksum`` is neither kind.
    """
    path = Path(path)
    _hash_of(checksum)
    if path.exists():
        check_file(path, checksum)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        _fetch(url, unfinished, timeout=timeout, progress=progress)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise DownloadError(
            f"could not download {url}: {reason}. On a machine without a network, fetch the file "
            f"elsewhere and put it at {path}"
        ) from error
    try:
        check_file(unfinished, checksum)
    except DownloadError:
        unfinished.unlink()  # nothing to go on from
        raise
    unfinished.replace(path)
    return path


def data_files(
    data: str | Path | None,
    name: str,
    *choices: Sequence[str],
    originals: Mapping[str, tuple[str, str]],
) -> list[Path]:
    """Files of a data set: from a folder of the user's, else downloaded once.

    Args:
        data: the folder; without it, that of `data_folder`.
        name: the data set's, and that of a subfolder which may hold the files.
        choices: for each file, the names that it may have; each also as ``.gz``.
        originals: for each file, its name with address and checksum, if there is no folder.

    Raises:
        FileNotFoundError: the folder, or a file in it, is missing.
        DownloadError: an original could not be fetched.
    """
    folder = data_folder(data)
    if folder is None:
        here = download_folder() / name
        return [
            download(address, here / original, checksum=checksum)
            for original, (address, checksum) in originals.items()
        ]
    if (folder / name).is_dir():
        folder = folder / name
    found = []
    for names in choices:
        possible = [each + ending for each in names for ending in ("", ".gz")]
        path = next((folder / each for each in possible if (folder / each).is_file()), None)
        if path is None:
            raise FileNotFoundError(f"expected one of {', '.join(possible)} in {folder}")
        found.append(path)
    return found


def check_file(path: str | Path, checksum: str) -> None:
    """Refuse a file whose checksum is another than ``"sha256:…"`` or ``"md5:…"``.

    Raises:
        DownloadError: it is; the message gives both.
        ValueError: ``checksum`` is neither kind.
    """
    kind, expected = _hash_of(checksum)
    with Path(path).open("rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != expected:
        raise DownloadError(f"{path} is not the expected file: {kind} is {found}, not {expected}")


def _hash_of(checksum: str) -> tuple[str, str]:
    kind, _, digits = checksum.partition(":")
    lengths = {"sha256": 64, "md5": 32}
    if len(digits) != lengths.get(kind) or not set(digits) <= set("0123456789abcdef"):
        raise ValueError(f"checksum must be sha256: or md5: and its digits, got {checksum!r}")
    return kind, digits


def _fetch(url: str, unfinished: Path, *, timeout: float, progress: bool) -> None:
    """Add to ``unfinished`` what is still missing of it."""
    there = unfinished.stat().st_size if unfinished.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "jumok"})
    if there:
        request.add_header("Range", f"bytes={there}-")
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 416:
            raise
        return  # nothing lies beyond what is there: it is whole, or its checksum will say so
    with response:
        goes_on = response.status == 206 and response.headers.get("Content-Range", "").startswith(
            f"bytes {there}-"
        )
        there = there if goes_on else 0
        length = response.headers.get("Content-Length")
        total = None if length is None else there + int(length)
        with (
            unfinished.open("ab" if goes_on else "wb") as file,
            tqdm(
                total=total,
                initial=there,
                unit="B",
                unit_scale=True,
                desc=unfinished.stem,
                disable=not progress,
            ) as bar,
        ):
            while chunk := response.read(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
        if total is not None and unfinished.stat().st_size < total:
            raise http.client.IncompleteRead(b"", total - unfinished.stat().st_size)
