"""Downloads, from a server on this machine: whole, interrupted, damaged, refused."""

import hashlib
import http.server
import threading

import pytest

from jumok.data.download import (
    DownloadError,
    check_file,
    data_folder,
    download,
    download_folder,
)

CONTENT = bytes(range(256)) * 1000
CHECKSUM = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT at /file, in parts too; /cut breaks off; /whole knows no parts."""

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers.get("Range")))
        start = 0
        if (asked := self.headers.get("Range")) and self.path != "/whole":
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if self.path == "/missing":
            return self.send_error(404)
        if start >= len(CONTENT):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        end = 100_000 if self.path == "/cut" else None
        self.wfile.write(CONTENT[start:end])
        return None

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(server, name: str) -> str:
    return f"http://127.0.0.1:{server.server_port}/{name}"


def fetch(server, name, path, checksum=CHECKSUM):
    return download(address(server, name), path, checksum=checksum, progress=False)


def test_fetches_once(server, tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    assert fetch(server, "file", path) == path
    assert path.read_bytes() == CONTENT
    assert fetch(server, "file", path) == path
    assert len(server.requests) == 1
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["file", "whole"])
def test_an_interrupted_download_is_finished(server, tmp_path, name):
    path = tmp_path / "file"
    with pytest.raises(DownloadError, match=r"could not download .*/cut"):
        fetch(server, "cut", path)
    assert not path.exists()
    assert fetch(server, name, path).read_bytes() == CONTENT
    assert server.requests[-1] == (f"/{name}", "bytes=100000-")


def test_a_whole_but_unnamed_file_is_taken(server, tmp_path):
    (tmp_path / "file.unfinished").write_bytes(CONTENT)
    assert fetch(server, "file", tmp_path / "file").read_bytes() == CONTENT


def test_md5(server, tmp_path):
    checksum = "md5:" + hashlib.md5(CONTENT).hexdigest()
    assert fetch(server, "file", tmp_path / "file", checksum).exists()


def test_another_file_is_refused_and_not_kept(server, tmp_path):
    with pytest.raises(DownloadError, match=r"sha256 is [0-9a-f]{64}, not 0{64}"):
        fetch(server, "file", tmp_path / "file", "sha256:" + 64 * "0")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_on_disk_is_refused(server, tmp_path):
    (tmp_path / "file").write_bytes(b"changed")
    with pytest.raises(DownloadError, match="not the expected file"):
        fetch(server, "file", tmp_path / "file")
    assert server.requests == []


def test_missing_on_the_server(server, tmp_path):
    with pytest.raises(DownloadError, match=r"Not Found\. On a machine without a network"):
        fetch(server, "missing", tmp_path / "file")


def test_no_server_says_where_to_put_the_file(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match=rf"put it at {tmp_path / 'file'}"):
        fetch(server, "file", tmp_path / "file")


@pytest.mark.parametrize("checksum", ["", "sha1:" + 40 * "0", "md5:00", "md5:" + 32 * "x"])
def test_checksums_of_other_kinds(tmp_path, checksum):
    with pytest.raises(ValueError, match="sha256: or md5:"):
        check_file(tmp_path / "file", checksum)


def test_folders(tmp_path, monkeypatch):
    monkeypatch.delenv("JUMOK_DATA", raising=False)
    assert data_folder() is None
    monkeypatch.setenv("JUMOK_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    with pytest.raises(FileNotFoundError, match="the given path must be a folder"):
        data_folder(tmp_path / "missing")
    monkeypatch.setenv("JUMOK_DATA", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError, match="JUMOK_DATA must be a folder"):
        data_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert download_folder() == tmp_path / "jumok"
