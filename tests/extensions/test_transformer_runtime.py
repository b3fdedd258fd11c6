"""A translator on a page: what it loads and when, what it shows, and how it is used."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium
from sphinx_project import Build, Project

from jumok.browser import DATE_MODEL
from sphinx_transformer_runtime.files import HERE, program
from sphinx_transformer_runtime.words import CATALOGS, WORDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ASSETS = Path(__file__).resolve().parents[2] / "src" / "jumok" / "plotting" / "assets"
SITE = "http://runtime.test/"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'"
RUNNING = ".transformer-runtime.is-running"
KOREAN, ENGLISH = "2031년 7월 9일 수요일", "Wednesday, July 9, 2031"

PAGE = f"""\
# A translator

```{{raw}} html
<figure class="recorded-translation"><p>What was recorded</p></figure>
```

```{{transformer-runtime}} dates
{KOREAN}
Friday, February 15, 2019
```
"""


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The same two pages in two languages: a translator at once, and one far below."""
    project = Project(
        tmp_path_factory.mktemp("runtime"),
        ["sphinx_transformer_runtime"],
        transformer_runtime_models={"dates": str(DATE_MODEL)},
        html_static_path=["assets"],
        html_js_files=["attention-view.js"],
        html_css_files=["attention-view.css", "narrow.css"],
        html_sidebars={"**": []},  # this theme's has an inline script
    )
    project.write("assets/narrow.css", "div.body { min-width: 0 }")  # a theme for wide screens
    for name in ("attention-view.js", "attention-view.css"):
        project.write(f"assets/{name}", (ASSETS / name).read_text(encoding="utf-8"))
    project.write("index.md", "# Start\n\n```{toctree}\npart/near\npart/far\n```\n")
    project.write("part/near.md", PAGE)
    far = '```{raw} html\n<div style="height: 4000px">Far away</div>\n```\n'
    project.write("part/far.md", PAGE.replace("# A translator\n", f"# Far\n\n{far}"))
    found = {
        language: project.build(language, "-D", f"language={language}") for language in ["en", "ko"]
    }
    for build in found.values():
        assert build.returncode == 0, build.output
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as instance:
        yield instance


@pytest.fixture
def page(browser: Browser, builds: dict[str, Build]) -> Iterator[Page]:
    """A page whose site is served with a strict policy; it remembers what was asked for."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    page = context.new_page()
    page.asked = []  # type: ignore[attr-defined]
    page.errors = []  # type: ignore[attr-defined]

    def serve(route: Route) -> None:
        name = unquote(urlsplit(route.request.url).path).lstrip("/")
        page.asked.append(name.rpartition("/")[2])  # type: ignore[attr-defined]
        language, _, rest = name.partition("/")
        path = builds[language].folder / rest
        if not path.is_file():
            route.fulfill(status=404)
            return
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers = {"Content-Security-Policy": POLICY, "Content-Type": f"{kind}; charset=utf-8"}
        route.fulfill(body=path.read_bytes(), headers=headers)

    page.route(f"{SITE}**", serve)
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.on(
        "console",
        lambda message: page.errors.append(message.text) if message.type == "error" else None,  # type: ignore[attr-defined]
    )
    yield page
    # Sphinx's own script makes a function of the rule of plurals of languages that aren't English.
    known = "unsafe-eval" if "/ko/" in page.url else "404"
    context.close()
    errors = [text for text in page.errors if known not in text]  # type: ignore[attr-defined]
    assert not errors


def start(page: Page, language: str = "en") -> None:
    page.goto(f"{SITE}{language}/part/near.html")
    page.wait_for_selector(RUNNING)


def status(page: Page) -> str:
    return page.locator(".tr-status").inner_text()


def written(page: Page) -> list[str]:
    return page.locator(".tr-tokens button").all_inner_texts()


def type_text(page: Page, text: str) -> None:
    page.locator(".tr-input").fill(text)


def wait_for_status(page: Page, text: str) -> None:
    page.wait_for_function(
        "text => document.querySelector('.tr-status').textContent.includes(text)", arg=text
    )


# --- Loading ---------------------------------------------------------------------------------


def test_nothing_heavy_is_asked_for_until_the_reader_is_near(page):
    page.goto(f"{SITE}en/part/far.html")
    page.wait_for_timeout(300)
    assert "transformer-runtime-loader.js" in page.asked
    assert not {"runtime.js", "model-dates.js"} & set(page.asked)
    page.locator(".transformer-runtime").scroll_into_view_if_needed()
    page.wait_for_selector(RUNNING)
    assert page.asked.count("runtime.js") == page.asked.count("model-dates.js") == 1


def test_a_reader_may_ask_for_it(page):
    page.goto(f"{SITE}en/part/far.html")
    page.evaluate(
        "document.querySelector('.transformer-runtime button').focus({preventScroll: true})"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector(RUNNING)
    assert page.evaluate("document.activeElement.className") == "tr-input"


def test_who_saves_data_is_asked(page):
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    page.goto(f"{SITE}en/part/near.html")
    page.wait_for_timeout(300)
    assert "model-dates.js" not in page.asked
    page.get_by_role("button", name=WORDS["start"]).click()
    page.wait_for_selector(RUNNING)


def test_a_model_that_does_not_come_can_be_asked_for_again(page):
    page.route("**/model-dates.js", lambda route: route.abort())
    page.goto(f"{SITE}en/part/near.html")
    page.get_by_text(WORDS["failed"]).wait_for()
    assert page.locator("figure").is_visible()
    page.unroute("**/model-dates.js")
    page.errors.clear()
    page.get_by_role("button", name=WORDS["start"]).click()
    page.wait_for_selector(RUNNING)


def test_a_page_without_a_translator_loads_nothing_of_it(builds):
    assert "transformer-runtime" not in builds["en"].page("index")
    html = builds["en"].page("part/near")
    assert 'data-src-program="../_static/transformer-runtime/runtime.js"' in html
    assert 'data-src-model="../_static/transformer-runtime/model-dates.js"' in html


def test_it_works_from_a_file(browser, builds):
    page = browser.new_page()
    page.goto((builds["en"].folder / "part" / "near.html").as_uri())
    page.wait_for_selector(RUNNING)
    assert status(page) == f"{KOREAN} → {ENGLISH}"
    page.close()


def test_what_is_recorded_stays_without_javascript_and_on_paper(page, browser, builds):
    start(page)
    figure = page.locator("figure", has_text="What was recorded")
    assert not figure.is_visible()
    page.emulate_media(media="print")
    assert figure.is_visible()
    assert not page.locator(".transformer-runtime").is_visible()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((builds["en"].folder / "part" / "near.html").as_uri())
    assert plain.locator("figure").is_visible()
    assert plain.locator(".transformer-runtime").inner_text() == ""
    context.close()


# --- Using it --------------------------------------------------------------------------------


def test_the_first_result_is_there_at_once(page):
    start(page)
    assert status(page) == f"{KOREAN} → {ENGLISH}"
    assert written(page) == ["Wednesday", ",␣", "July␣", "9", ",␣", "2031", "<END>"]
    assert page.locator(".tr-tokens").first.inner_text().split() == (
        ["2031", "년␣", "7", "월␣", "9", "일␣", "수요일"]
    )
    rows = page.locator(".tr-beam tbody tr")
    assert rows.count() == 4
    assert rows.first.locator("button").inner_text() == ENGLISH
    scores = [
        float(text.replace("−", "-")) for text in rows.locator("td:last-child").all_inner_texts()
    ]
    assert scores == sorted(scores, reverse=True)


def test_what_is_typed_is_translated(page):
    start(page)
    type_text(page, "Feb 15,  2019 ")
    wait_for_status(page, "Feb 15, 2019 → 2019. 2. 15.")
    type_text(page, "2019. 2. 15. (금)")
    wait_for_status(page, "→ Fri, 2/15/2019")
    page.get_by_role("button", name="Friday, February 15, 2019").click()
    wait_for_status(page, "→ 2019년 2월 15일 금요일")


def test_half_a_syllable_is_not_translated(page):
    """An input method writes ㅇ, 이, 일; only the whole syllable is a text."""
    start(page)
    session = page.context.new_cdp_session(page)
    type_text(page, "2019년 2월 15")
    wait_for_status(page, "2019년 2월 15 →")
    page.locator(".tr-input").press("End")
    for syllable in ("ㅇ", "이", "일"):
        composing = {"text": syllable, "selectionStart": 1, "selectionEnd": 1}
        session.send("Input.imeSetComposition", composing)
        page.wait_for_timeout(350)
        assert "2019년 2월 15 →" in status(page), syllable
    session.send("Input.insertText", {"text": "일"})
    wait_for_status(page, "2019년 2월 15일 → February 15, 2019")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type a text first."),
        ("Juli 9, 2031", "The model doesn't know “Juli”. It knows, for example: July, Jul."),
        ("1850. 2. 15.", "The model doesn't know “1850”. Of such numbers it knows 1900 to 2099."),
        ("2 " * 17, "The model doesn't know “␣”."),
        ("1.1.1.1.1.1.1.1.1", "These are 17 tokens. The model reads at most 16."),
    ],
)
def test_what_can_not_be_translated_is_said(page, text, message):
    start(page)
    type_text(page, text)
    wait_for_status(page, message)
    assert page.locator(".tr-input").get_attribute("aria-invalid") == "true"
    assert not page.locator(".tr-beam").is_visible()
    type_text(page, "2/15/19")
    wait_for_status(page, "2/15/19 → 19. 2. 15.")
    assert page.locator(".tr-input").get_attribute("aria-invalid") == "false"
    assert page.locator(".tr-beam").is_visible()


def test_steps_by_keyboard(page):
    start(page)
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    wait_for_status(page, "Step 1 of 7: “Wednesday”, log-probability −0.")
    assert written(page) == ["Wednesday"]
    assert page.locator(".tr-scroll text").count() == 4
    page.keyboard.press("ArrowRight")
    wait_for_status(page, "Step 2 of 7: “,␣”")
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "Step 2 of 7"
    page.get_by_role("button", name=WORDS["forward"]).press("Enter")
    wait_for_status(page, "Step 3 of 7: “July␣”")
    page.get_by_role("button", name=WORDS["back"]).press("Enter")
    wait_for_status(page, "Step 2 of 7")
    page.locator(".tr-tokens button").last.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "Wednesday"
    assert page.locator(".tr-tokens button[aria-pressed=true]").inner_text() == "Wednesday"


def test_a_translation_that_lost_can_be_followed(page):
    start(page)
    loser = page.locator(".tr-beam button").nth(2)
    text = loser.inner_text()
    loser.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == text
    assert "".join(written(page)).replace("␣", " ").removesuffix("<END>") == text
    chosen = page.locator(".tr-scroll text.chosen").all_text_contents()
    assert chosen == written(page)


def test_the_beam_can_be_narrow_or_wide(page):
    start(page)
    for size in ("1", "8"):
        page.locator("form select").select_option(size)
        page.wait_for_function(
            "n => document.querySelectorAll('.tr-beam tbody tr').length === n", arg=int(size)
        )
        assert status(page) == f"{KOREAN} → {ENGLISH}"


def test_playing_shows_each_step_and_can_be_stopped(page):
    start(page)
    page.clock.install()
    page.get_by_role("button", name=WORDS["play"]).click()
    assert written(page) == ["Wednesday"]
    page.clock.run_for(900)
    assert written(page) == ["Wednesday", ",␣"]
    page.get_by_role("button", name=WORDS["pause"]).click()
    page.clock.run_for(5000)
    assert len(written(page)) == 2


@pytest.mark.parametrize(("motion", "count"), [("reduce", 7), ("no-preference", 1)])
def test_nothing_moves_by_itself_for_who_does_not_want_it(page, motion, count):
    page.emulate_media(reduced_motion=motion)
    start(page)
    assert len(written(page)) == 7, "nothing plays before the reader asks"
    page.locator(".tr-input").press("Enter")
    wait_for_status(page, "→")
    page.wait_for_timeout(300)
    assert len(written(page)) == count


def test_attention_follows_the_chosen_token(page):
    start(page)
    view = page.locator(".transformer-runtime .attention-view")
    page.locator(".tr-tokens button", has_text="Wednesday").click()
    assert "수요일 0.9" in view.locator("[role=status]").inner_text()
    view.get_by_role("option", name="2031").first.click()  # a row of the map chooses a token, too
    assert page.locator(".tr-tokens button[aria-pressed=true]").inner_text() == "2031"
    for kind in ("own", "encoder", "cross"):
        page.locator(".tr-choices select").select_option(kind)
        names = view.locator("[role=option]").all_inner_texts()
        assert ("<START>" in names) == (kind == "own")
        assert len(names) == 14
    assert view.locator("svg rect").count() > 7


# --- Words, width, accessibility -------------------------------------------------------------


def test_it_speaks_korean(page):
    start(page, "ko")
    korean = [CATALOGS.translate(text, "ko") for text in WORDS.values()]
    assert not [text for text, word in zip(korean, WORDS.values(), strict=True) if text == word]
    assert page.get_by_role("button", name="번역", exact=True).is_visible()
    type_text(page, "1850년")
    wait_for_status(
        page, "모델이 모르는 토큰입니다: “1850”. 이런 수 가운데 모델이 아는 것은 1900–2099입니다."
    )


def test_every_word_is_used():
    """And every word that the program asks for is there."""
    loader = (HERE / "static" / "page" / "transformer-runtime-loader.js").read_text("utf-8")
    code = program() + loader
    asked = set(re.findall(r"\bwords\.(\w+)", code)) - {"join"}
    assert asked <= set(WORDS)
    by_name = {"empty", "unknown", "long", "cross", "own", "encoder", "stepped", "waited"}
    assert set(WORDS) - asked == by_name - asked


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    start(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(
        Path(Axe.__init__.__globals__["__file__"]).with_name("axe.min.js").read_text("utf-8")
    )
    found = page.evaluate("axe.run('.transformer-runtime', {resultTypes: ['violations']})")
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


# --- Building --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("```{transformer-runtime} words\nx\n```", "has no 'words'; known: dates"),
        ("```{transformer-runtime} dates\n```", "expected at least one example"),
    ],
)
def test_what_is_wrong_with_a_directive(tmp_path, directive, message):
    project = Project(
        tmp_path,
        ["sphinx_transformer_runtime"],
        transformer_runtime_models={"dates": str(DATE_MODEL)},
    )
    project.write("index.md", f"# Page\n\n{directive}\n")
    build = project.build("out", "-W")
    assert build.returncode != 0
    assert message in build.output


def test_a_model_that_is_not_there(tmp_path):
    project = Project(
        tmp_path,
        ["sphinx_transformer_runtime"],
        transformer_runtime_models={"dates": "none.safetensors"},
    )
    project.write("index.md", "# Page\n")
    build = project.build("out")
    assert build.returncode != 0
    assert "transformer_runtime_models: 'dates' names no file: none.safetensors" in build.output


def test_other_builders_leave_it_out(tmp_path):
    project = Project(
        tmp_path,
        ["sphinx_transformer_runtime"],
        transformer_runtime_models={"dates": str(DATE_MODEL)},
    )
    project.write("index.md", PAGE)
    build = project.build("text", "-W", builder="text")
    assert build.returncode == 0, build.output
    assert KOREAN not in build.page("index", ".txt")
