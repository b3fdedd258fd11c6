"""A page of a small project with views, opened as a strict host would send it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from sphinx_project import Build

CSP = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; "
    "img-src 'self' file: data:"
)


def opened(browser: Browser, build: Build, **choices: object) -> Iterator[Page]:
    """A page of the build, from its file, under a strict policy; no error may be logged."""
    context = browser.new_context(**{"viewport": {"width": 900, "height": 900}, **choices})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda entry: errors.append(entry.text) if entry.type == "error" else None)
    file = build.folder / "index.html"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'
    strict = build.folder / "strict.html"
    text = file.read_text(encoding="utf-8").replace("<head>", f"<head>{policy}", 1)
    # Scripts of Sphinx and its theme: one in the page, one from elsewhere, one that evaluates.
    foreign = r"<script>.*?</script>|<script[^>]*(https:|translations\.js)[^>]*></script>"
    text = re.sub(foreign, "", text, flags=re.DOTALL)
    strict.write_text(text, encoding="utf-8")
    page.goto(strict.as_uri())
    if choices.get("java_script_enabled", True):
        if page.locator(".attention-view").count():
            page.locator(".attention-view__live svg g").nth(3).wait_for(state="attached")
        page.locator(".attention-view__static:not([hidden])").first.wait_for(state="detached")
    yield page
    context.close()
    # Axe reads style sheets over again, which no policy for files allows.
    assert not [error for error in errors if not error.startswith("Connecting to")]
