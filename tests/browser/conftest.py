"""The built site in a real browser, from files and from a server under a base path."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"


@pytest.fixture(scope="session")
def browser():
    with chromium() as instance:
        yield instance


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site under /book/, as a project page would be."""

    def translate_path(self, path: str) -> str:
        if not path.startswith("/book/"):
            return str(SITE / "nowhere")
        return super().translate_path(path.removeprefix("/book"))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    handler = functools.partial(Handler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as instance:
        threading.Thread(target=instance.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{instance.server_address[1]}/book"
        instance.shutdown()


@pytest.fixture(params=["file", "server"])
def base(request: pytest.FixtureRequest) -> str:
    """Where the site is: in a folder, or on a server."""
    if not (SITE / "index.html").exists():
        pytest.fail("the site isn't built: run `nox -s docs` (or `nox -s tests`) first")
    return SITE.as_uri() if request.param == "file" else request.getfixturevalue("server")


PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    return request.param
