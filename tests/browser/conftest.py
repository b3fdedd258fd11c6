"""The built site in a real browser, from files and from a server under a base path."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromium import chromium

from serve import SiteHandler, served

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"


@pytest.fixture(scope="session")
def browser():
    with chromium() as instance:
        yield instance


@pytest.fixture(autouse=True)
def _close_pages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pages that are left open slow down the tests after them."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


class Handler(SiteHandler):
    """Serves the site under /book/, as a project page would be, with the headers it wants."""

    base_path = "/book"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with served(handler=functools.partial(Handler, directory=str(SITE))) as address:
        yield f"{address}/book"


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


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    base: str
    language: str
    scheme: str
    viewport: dict[str, int]


# Any two of place, language, scheme and width meet in some way: five looks instead of sixteen.
PAIRWISE = ["0000", "0111", "1011", "1101", "1110"]


@pytest.fixture(
    params=PAIRWISE,
    ids=lambda bits: "-".join(
        pair[int(bit)]
        for pair, bit in zip(
            (("file", "server"), ("en", "ko"), ("light", "dark"), ("phone", "desktop")),
            bits,
            strict=True,
        )
    ),
)
def look(request: pytest.FixtureRequest, server: str) -> Look:
    place, language, scheme, width = map(int, request.param)
    return Look(
        (SITE.as_uri(), server)[place],
        ("en", "ko")[language],
        ("light", "dark")[scheme],
        (PHONE, DESKTOP)[width],
    )
