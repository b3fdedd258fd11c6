"""Reading without a network, in a real browser: one build, and one after another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium
from playwright.sync_api import Browser, BrowserContext, Page

import small_site
from web_assets import publish


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as instance:
        yield instance


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def build(folder: Path, text: str) -> Path:
    raw = small_site.write(folder / f"raw-{text}", text=text)
    publish(raw, folder / text, base_path="/")
    return folder / text


def kept(page: Page) -> list[str]:
    """The paths in all caches."""
    return page.evaluate(
        """async () => {
          const paths = [];
          for (const name of await caches.keys())
            for (const { url } of await (await caches.open(name)).keys())
              paths.push(new URL(url).pathname);
          return paths.sort();
        }"""
    )


def wait_until(page: Page, condition: str) -> None:
    """Playwright's own waiting makes code of text, which the policy forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not so within ten seconds: {condition}")


def wait_until_kept(page: Page, path: str) -> None:
    for _ in range(100):
        if path in kept(page):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{path} was not kept within ten seconds: {kept(page)}")


def open_and_wait(context: BrowserContext, base: str) -> Page:
    """A page under the worker's control, as at a reader's first visit."""
    page = context.new_page()
    page.goto(f"{base}/en/index.html")
    wait_until(page, "Boolean(navigator.serviceWorker.controller)")
    wait_until_kept(page, "/en/index.html")
    return page


def keep_book(page: Page, language: str = "en") -> None:
    page.evaluate(
        "language => navigator.serviceWorker.controller.postMessage({ keep: language })", language
    )
    wait_until_kept(page, f"/{language}/search.html")
    wait_until_kept(page, f"/{language}/_search/index.js")


def versions(page: Page) -> list[str]:
    return page.evaluate("caches.keys()")


def shown(page: Page) -> str:
    return page.locator("p.shown").inner_text()


def test_a_visited_page_opens_without_network_and_the_book_when_kept(
    context: BrowserContext, tmp_path: Path
) -> None:
    state = {"folder": build(tmp_path, "first")}
    with small_site.served(state) as base:
        page = open_and_wait(context, base)
        assert "/en/other.html" not in kept(page)
        context.set_offline(True)
        page.reload()
        assert shown(page) == "index first"
        assert page.evaluate("getComputedStyle(document.querySelector('p')).padding") == "5px"
        page.goto(f"{base}/en/other.html")
        assert page.locator("body").inner_text() == "offline"
        context.set_offline(False)
        page.goto(f"{base}/en/index.html#place")
        keep_book(page)
        context.set_offline(True)
        page.goto(f"{base}/en/other.html?q=1")
        assert shown(page) == "other first"
        page.goto(f"{base}/en/")
        assert shown(page) == "index first"
        # What a script asks for while the page is read is there, too.
        page.evaluate(
            """new Promise((resolve, reject) => {
                 const script = document.createElement("script");
                 Object.assign(script, { src: OPTIONS.address, onload: resolve, onerror: reject });
                 document.head.append(script);
               })"""
        )
        assert page.evaluate("OPTIONS.terms") == "en first"
        assert "/ko/index.html" not in kept(page)


def test_a_new_build_replaces_the_old_one(context: BrowserContext, tmp_path: Path) -> None:
    first, second = build(tmp_path, "first"), build(tmp_path, "second")
    state = {"folder": first}
    with small_site.served(state) as base:
        old = open_and_wait(context, base)
        keep_book(old)
        [before] = versions(old)
        state["folder"] = second
        # A page that stays open has its old worker; a page opened now is of the new build.
        page = context.new_page()
        page.goto(f"{base}/en/other.html")
        assert shown(page) == "other second"
        assert page.evaluate("getComputedStyle(document.querySelector('p')).padding") == "6px"
        assert shown(old) == "index first"
        # Under the old worker, a page of the new build that was seen opens without network.
        wait_until(page, "caches.keys().then((names) => names.length === 2)")
        context.set_offline(True)
        page.reload()
        assert shown(page) == "other second"
        assert page.evaluate("getComputedStyle(document.querySelector('p')).padding") == "6px"
        context.set_offline(False)
        # When no page is under the old worker any more, the new one takes over and tidies up.
        old.close()
        page.goto("about:blank")
        page.goto(f"{base}/en/index.html")
        assert shown(page) == "index second"
        wait_until(page, "caches.keys().then((names) => names.length === 1)")
        assert versions(page) != [before]
        keep_book(page)
        context.set_offline(True)
        page.goto(f"{base}/en/other.html")
        assert shown(page) == "other second"


def test_no_cache_mixes_two_builds(context: BrowserContext, tmp_path: Path) -> None:
    """Pages that are already of the next build are left out when a book is kept."""
    first, second = build(tmp_path, "first"), build(tmp_path, "second")
    state = {"folder": first}
    with small_site.served(state) as base:
        page = open_and_wait(context, base)
        page.route("**/service-worker.js", lambda route: route.abort())
        state["folder"] = second
        page.evaluate("navigator.serviceWorker.controller.postMessage({ keep: 'en' })")
        page.wait_for_timeout(1500)
        assert "/en/other.html" not in kept(page)
        state["folder"] = first
        keep_book(page)
        assert "/en/other.html" in kept(page)


def test_a_slow_network_gives_way_to_what_is_kept(context: BrowserContext, tmp_path: Path) -> None:
    state = {"folder": build(tmp_path, "first")}
    with small_site.served(state) as base:
        page = open_and_wait(context, base)
        state["delay"] = 8
        page.reload()
        assert shown(page) == "index first"
        assert page.evaluate("performance.now()") < 7500


def test_pages_of_files_have_no_worker(browser: Browser, tmp_path: Path) -> None:
    site = build(tmp_path, "first")
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((site / "en" / "index.html").as_uri())
    assert shown(page) == "index first"
    assert page.evaluate("OPTIONS.hint") == "Show"
    assert errors == []
