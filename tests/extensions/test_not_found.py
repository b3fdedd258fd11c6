"""The page of a wrong address searches for what the address says, in the address's language."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sphinx_project import Project

from settings import TRANSLATIONS, site_texts
from sphinx_language_switch import write_root

LANGUAGES = [{"code": "en", "name": "English"}, {"code": "ko", "name": "한국어"}]
TEMPLATES = Path(__file__).parents[2] / "site"


class Handler(http.server.SimpleHTTPRequestHandler):
    """A host below /book/ that answers a wrong address with 404.html, as hosts do."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/book"))

    def send_error(self, code: int, *_: Any) -> None:
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a small book with search is served."""
    project = Project(
        tmp_path_factory.mktemp("lost"),
        ["sphinx_korean_search"],
        nb_execution_mode="off",
        korean_search_languages=["en", "ko"],
    )
    project.write("index.md", "# Book\n\n```{toctree}\nmasks\nheads\n```\n")
    project.write("masks.md", "# Attention masks\n\nA mask hides what lies ahead.\n")
    project.write("heads.md", "# Heads\n\nSeveral at once.\n")
    messages = {
        "Attention masks": "어텐션 마스크",
        "A mask hides what lies ahead.": "마스크는 가립니다.",
    }
    project.catalog("masks", messages)
    for language in ("en", "ko"):
        build = project.build(language, "-D", f"language={language}")
        assert build.returncode == 0, build.output
    texts = {code: site_texts(code) for code in TRANSLATIONS}
    write_root(
        project.output,
        LANGUAGES,
        "http://127.0.0.1/book/",
        templates=TEMPLATES,
        translations=texts,
    )
    handler = functools.partial(Handler, directory=str(project.output))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/book"
        server.shutdown()


def lost(browser: Any, address: str, path: str, locale: str = "en-GB") -> Any:
    tab = browser.new_context(locale=locale).new_page()
    response = tab.goto(f"{address}/{path}")
    assert response.status == 404
    return tab


@pytest.mark.parametrize(
    ("path", "locale", "language", "title", "href"),
    [
        ("en/transformer/attention-mask.html", "ko-KR", "en", "Attention masks", "en/masks.html"),
        ("ko/old/마스크", "en-GB", "ko", "어텐션 마스크", "ko/masks.html"),
        ("masks.html", "ko-KR", "ko", "어텐션 마스크", "ko/masks.html"),
        ("deep/er/masks/", "fr-FR", "en", "Attention masks", "en/masks.html"),
    ],
)
def test_address_is_searched_for(
    browser: Any, address: str, path: str, locale: str, language: str, title: str, href: str
) -> None:
    tab = lost(browser, address, path, locale)
    link = tab.locator(".korean-search__title")
    link.wait_for()
    assert link.all_inner_texts() == [title]
    assert link.evaluate("link => link.href") == f"{address}/{href}"
    assert tab.locator("html").get_attribute("lang") == language
    assert tab.locator("h1:visible").count() == 1
    link.click()
    assert tab.title().startswith(title)


def test_field_asks_again(browser: Any, address: str) -> None:
    tab = lost(browser, address, "en/nothing-at-all")
    tab.locator(".korean-search__status", has_text="nothing at all").wait_for()
    tab.locator("input[name=q]:visible").fill("heads")
    tab.locator(".korean-search__title", has_text="Heads").wait_for()
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(200)
    assert tab.locator(".korean-search__title").count() == 1


@pytest.mark.parametrize("path", ["", "%E0%A4%A", "en/%ff<b>x</b>.html"])
def test_strange_addresses_break_nothing(browser: Any, address: str, path: str) -> None:
    tab = browser.new_context().new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(f"{address}/404.html#{path}" if not path else f"{address}/{path}")
    assert tab.locator("h1:visible").count() == 1
    assert tab.locator("section b").count() == 0
    assert errors == []


def test_without_scripts_every_language_speaks(browser: Any, address: str) -> None:
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(f"{address}/ko/nowhere.html")
    assert tab.locator("h1:visible").all_inner_texts() == [
        "There is no page at this address",
        "이 주소에는 페이지가 없습니다",
    ]
    assert not tab.locator("input:visible").count()
