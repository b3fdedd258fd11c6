"""The installed Chromium for tests that need a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; without one the test is skipped, or fails where CI demands it."""
    found = (shutil.which(name) for name in NAMES)
    path = os.environ.get("JUMOK_BROWSER") or next(filter(None, found), None)
    if path is None:
        report = pytest.fail if os.environ.get("JUMOK_REQUIRE_BROWSER") == "1" else pytest.skip
        report("no Chromium is installed: the tests in a real browser do not run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()
