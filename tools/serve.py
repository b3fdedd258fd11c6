"""Serve the site as it wants to be served: its headers, gzip, files that are gone as 404.html.

Usage: python tools/serve.py [--port 8000]

For looking at the built site and for measuring it; a host does the same with its own server.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from settings import ROOT
from web_assets.hosting import headers_of
from web_assets.weights import NOT_COMPRESSED

SITE = ROOT / "_build" / "site"


@functools.cache
def compressed(path: Path, _: int) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


class SiteHandler(http.server.SimpleHTTPRequestHandler):
    """Answers with the headers of hosting.toml; ``base_path`` is what comes before the site."""

    protocol_version = "HTTP/1.1"
    base_path = ""
    status = 200

    def translate_path(self, path: str) -> str:
        if not path.startswith(f"{self.base_path}/"):
            return str(Path(self.directory) / "nowhere")
        return super().translate_path(path.removeprefix(self.base_path))

    def send_response(self, code: int, message: str | None = None) -> None:
        self.status = code
        super().send_response(code, message)

    def end_headers(self) -> None:
        path = urlsplit(self.path).path.removeprefix(self.base_path)
        for name, value in headers_of(path).items():
            # What isn't there must not be remembered as missing.
            if self.status in (200, 304) or name != "Cache-Control":
                self.send_header(name, value)
        super().end_headers()

    def send_head(self) -> BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        small = path.suffix in NOT_COMPRESSED or not path.is_file()
        if small or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return super().send_head()
        content = compressed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def guess_type(self, path: str) -> str:
        kind = super().guess_type(path)
        text = kind.startswith("text/") or kind in {"application/json", "image/svg+xml"}
        return f"{kind}; charset=utf-8" if text else kind

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(
    site: Path = SITE, *, port: int = 0, handler: Callable[..., SiteHandler] | None = None
) -> Iterator[str]:
    """Serve a folder, or by another handler; gives the address without a slash at its end."""
    handler = handler or functools.partial(SiteHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    with served(port=parser.parse_args().port) as address:
        print(f"{address}/ shows the site. Ctrl+C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
