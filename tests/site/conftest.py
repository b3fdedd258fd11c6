"""The built site, as hosted: `nox -s docs` makes it, these tests only read it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").exists():
        pytest.fail("the site isn't built: run `nox -s docs` (or `nox -s tests`) first")
    return SITE
