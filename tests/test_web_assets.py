"""What the last step of the build makes of a small site."""

import io
import random
import re
import shutil
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from fontTools.ttLib import TTFont
from lxml import html

import serve
import small_site
from web_assets import PublishError, publish
from web_assets.fonts import subset_font
from web_assets.hosting import headers_file, headers_of, policy
from web_assets.markup import Edits, tags
from web_assets.stylesheets import Sheet, drop_unread
from web_assets.usage import Usage
from web_assets.weights import over_budget, read_site, repeat_views, weight

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_site.write(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def site(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publish(raw, folder, base_path="/book/")
    return folder


def names(site: Path) -> list[str]:
    """The names of the shared files without their digests."""
    found = (path.name for path in (site / "assets").iterdir())
    return sorted(re.sub(r"\.[0-9a-f]{10}\.", ".", name) for name in found)


def asset(site: Path, name: str) -> str:
    stem, suffix = name.rsplit(".", 1)
    [path] = (site / "assets").glob(f"{stem}.*.{suffix}")
    return path.read_text(encoding="utf-8")


def page(site: Path, name: str) -> html.HtmlElement:
    return html.fromstring((site / name).read_text(encoding="utf-8"))


def sources(site: Path, name: str) -> list[str]:
    return page(site, name).xpath("//script/@src")


def test_files_of_all_languages_lie_once_and_nothing_unused_lies_anywhere(site: Path) -> None:
    assert not list(site.rglob("_static"))
    found = names(site)
    # One of each for both languages, except what differs: settings, definitions, lists of pages.
    once = ["copybutton.js", "dot.svg", "favicon.svg", "late.js", "site.css", "site.js"]
    for name in once[:1] + once[3:]:
        assert found.count(name) == 1, name
    assert found.count("start.js") == found.count("terms.js") == 2
    assert not {"font.woff2", "theme.css.map", "cards.js.map"} & set(found)


def test_names_hold_a_digest_of_the_content(site: Path, raw: Path, tmp_path: Path) -> None:
    other = small_site.write(tmp_path / "raw", text="second")
    publish(other, tmp_path / "site", base_path="/")
    before, after = ({p.name for p in (f / "assets").iterdir()} for f in (site, tmp_path / "site"))
    changed = {name.split(".")[0] for name in before - after}
    assert changed == {"site", "terms", "book-en", "book-ko"}  # site.css, not site.js
    assert {name for name in before & after if name.startswith("site.")} != set()


@pytest.mark.parametrize("name", ["en/index.html", "ko/other.html"])
def test_no_script_is_inline_and_addresses_lead_to_files(site: Path, name: str) -> None:
    tree = page(site, name)
    assert not tree.xpath("//script[not(@src)] | //style")
    for address in tree.xpath("//script/@src | //link/@href"):
        assert ((site / name).parent / address).is_file(), address
        assert address.startswith("../assets/")
    assert len(tree.xpath("//link[@rel='stylesheet']")) == 1


def test_what_pages_need_first_stands_in_the_head_and_the_rest_at_the_end(site: Path) -> None:
    tree = page(site, "ko/index.html")
    [first] = tree.xpath("//head/script/@src")
    text = (site / "ko" / first).read_text(encoding="utf-8")
    order = ["prefers-color-scheme", "var OPTIONS", 'OPTIONS.hint = "보기"']
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert tree.xpath("//head/link[@rel='stylesheet']/preceding-sibling::script")
    last = tree.xpath("//body/script[last()]/following-sibling::*")
    assert not last


def test_a_script_loads_only_where_something_needs_it(site: Path) -> None:
    def has(name: str) -> bool:
        return any("copybutton" in source for source in sources(site, name))

    assert has("en/other.html")
    assert not has("en/index.html")


def test_files_that_scripts_name_are_found(site: Path) -> None:
    [later] = page(site, "ko/index.html").xpath("//@data-src-later")
    assert (site / "ko" / later).read_text(encoding="utf-8") == "OPTIONS.loaded = true;"
    [element] = page(site, "ko/index.html").xpath("//script[@data-terms]")
    terms = (site / "assets" / element.get("data-terms")).read_text(encoding="utf-8")
    assert terms == "OPTIONS.terms = 'ko first';"
    address = re.search(r"\}\.\./(assets/late\.[0-9a-f]{10}\.js)`", asset(site, "site.js"))[1]
    assert (site / address).is_file()


def test_rules_that_nothing_can_use_are_dropped(site: Path) -> None:
    css = asset(site, "site.css")
    assert "--used:#123" in css
    for gone in ("never{", ".never>a", "blink", "--unused", "--only", "Unused", "unread", "/*"):
        assert gone not in css, gone
    assert ".shown{color:var(--used)" in css  # of `.shown, .never`
    assert ".shown:not(.never){margin:0 auto}" in css
    assert '.menu.open:hover::before{content:"a,  b"}' in css  # a class that a script sets
    assert "@media (min-width:10px){.shown{color:blue}}" in css.replace(": 10px", ":10px")
    assert "@keyframes turn{from{opacity:0}to{opacity:1}}" in css
    assert css.index("p{margin:1em}") < css.index(".shown{padding")  # imports come first
    [dot] = re.findall(r'url\("(dot\.[^"]+)"\)', css)
    assert (site / "assets" / dot).is_file()


def kept(css: str, tmp_path: Path, **usage: set[str]) -> str:
    path = tmp_path / "a.css"
    path.write_text(css)
    blocks = Sheet(path).blocks(Usage(**usage), lambda address, sheet: address)
    return "".join(map(str, drop_unread(blocks, Usage(**usage))))


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        (":is(.a, .b) p { x: y }", ":is(.a,.b) p{x:y}"),
        (":is(.b, #c) p { x: y }", ""),
        (":where(.b) .a { x: y }", ""),
        ("[data-x='.b'] .a { x: y }", '[data-x=".b"] .a{x:y}'),
        (".a:not(.b, .c) { x: y }", ".a:not(.b,.c){x:y}"),
        (".a::before { x: y }", ".a::before{x:y}"),
        ("table .a { x: y }", ""),
        ("* + .a ~ p { x: y !important }", "* + .a~p{x:y!important}"),
        (".a { & p { x: y } .b { x: y } }", ".a{& p{x:y}}"),
        ("@supports (x: y) { .b { x: y } }", ""),
        ('.a { x: url("data:a;b,{}") }', '.a{x:url("data:a;b,{}")}'),
        (".a { width: calc(1px + 2px) }", ".a{width:calc(1px + 2px)}"),
        ("@layer one, two; .a { x: y }", "@layer one,two;.a{x:y}"),
        ("@page { margin: 1cm }", "@page{margin:1cm}"),
    ],
)
def test_selectors(css: str, expected: str, tmp_path: Path) -> None:
    assert kept(css, tmp_path, elements={"p"}, classes={"a"}) == expected


def test_an_unreadable_stylesheet_is_named(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"a\.css:1:\d+: expected CSS"):
        kept("p { x: y } .a", tmp_path, classes={"a"})


def test_a_missing_file_is_named_with_its_page(raw: Path, tmp_path: Path) -> None:
    small_site.write(tmp_path / "raw")
    path = tmp_path / "raw" / "ko" / "other.html"
    text = path.read_text(encoding="utf-8").replace("copybutton.js", "nowhere.js")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PublishError, match=r"ko/other\.html: no script _static/nowhere\.js"):
        publish(tmp_path / "raw", tmp_path / "site", base_path="/")


def test_what_a_script_sets_that_loads_later_keeps_its_rules(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    small_site.write(raw)
    for late in raw.glob("*/_static/late.js"):
        late.write_text('element.className = "never";', encoding="utf-8")
    publish(raw, tmp_path / "site", base_path="/")
    (sheet,) = (tmp_path / "site" / "assets").glob("site.*.css")
    assert ".never" in sheet.read_text(encoding="utf-8")


def test_tags_are_found_as_browsers_find_them() -> None:
    text = (
        "<!-- <script src=a></script> --><link rel=stylesheet href='b>c.css'>"
        '<script data-x="&quot;1&quot;" defer>if (a < b) "</p>"</script><style>p > a {}</style>'
        '<script type="application/json">{}</script>'
    )
    found = list(tags(text))
    assert [tag.name for tag in found] == ["link", "script", "style", "script"]
    assert found[0].attributes == {"rel": "stylesheet", "href": "b>c.css"}
    assert found[1].attributes == {"data-x": '"1"', "defer": ""}
    assert found[1].content == 'if (a < b) "</p>"'
    assert [tag.is_script for tag in found] == [False, True, False, False]
    edits = Edits(text)
    edits.replace(found[2], "STYLE")
    edits.replace(found[0], "LINK")
    changed = edits.apply()
    assert changed == text.replace(text[found[0].start : found[0].end], "LINK").replace(
        "<style>p > a {}</style>", "STYLE"
    )


def test_a_font_keeps_what_is_asked_for_and_nothing_else() -> None:
    [path] = (ROOT / "extensions").rglob("KaTeX_Main-Regular.woff2")
    font = TTFont(io.BytesIO(subset_font(path, "x+π가")))
    assert font.flavor == "woff2"
    assert set(font.getBestCmap()) == {ord("x"), ord("+"), ord("π")} & set(
        TTFont(path).getBestCmap()
    )
    whole = TTFont(path)
    glyph, before = font.getBestCmap()[ord("x")], whole.getBestCmap()[ord("x")]
    assert font["hmtx"][glyph] == whole["hmtx"][before]


def test_headers_say_the_policy_once(site: Path) -> None:
    assert "'unsafe-inline'" not in re.search(r"script-src ([^;]+)", policy())[1]
    assert "unsafe-eval" not in policy()
    assert headers_of("/en/index.html")["Content-Security-Policy"] == policy()
    assert "immutable" in headers_of("/assets/a.0123456789.js")["Cache-Control"]
    assert (site / "_headers").read_text(encoding="utf-8") == headers_file()
    assert headers_file().count("Content-Security-Policy") == 1


def test_a_second_run_changes_nothing(raw: Path, site: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    (site / "stale.html").write_text("of a page that is gone")
    publish(raw, site, base_path="/book/")
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == {
        path: time for path, time in before.items() if path.is_file()
    }


def random_text(size: int) -> str:
    """A text that gzip can't make much smaller than half."""
    generator = random.Random(0)
    return "".join(generator.choice("0123456789abcdef") for _ in range(2 * size))


def test_weights_are_those_of_files_as_servers_send_them(site: Path) -> None:
    pages = {page.name: page for page in read_site(site)}
    page = pages["en/other.html"]
    sent = 0
    with serve.served(site) as base:
        for address in ["en/other.html", *(p.relative_to(site).as_posix() for p in page.files)]:
            request = Request(f"{base}/{address}", headers={"Accept-Encoding": "gzip"})
            with urlopen(request) as answer:
                sent += len(answer.read())
                assert answer.headers["Content-Security-Policy"] == policy()
    assert page.first_visit == sent
    names = {path.name.split(".")[0] for path in page.files}
    assert names == {"start", "site", "copybutton", "favicon"}
    assert 0 < page.blocking < page.first_visit
    # After the beginning, only what that page hadn't: itself and one script.
    [script] = (weight for path, weight in page.files.items() if "copybutton" in path.name)
    assert repeat_views(list(pages.values()))["en/other.html"] == page.itself + script


def test_a_page_over_budget_is_named_with_its_excess(site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "site")
    assert list(over_budget(copy)) == []
    path = copy / "ko" / "other.html"
    path.write_text(path.read_text("utf-8") + f"<!-- {random_text(65_000)} -->", "utf-8")
    weight.cache_clear()
    [found] = over_budget(copy)
    kilo = re.fullmatch(
        r"ko/other\.html: repeat-view takes (\S+) kB, (\S+) kB more than the 60 kB of .*", found
    )
    assert float(kilo[1]) - float(kilo[2]) == pytest.approx(60)
    assert 65 < float(kilo[1]) < 90


def test_fonts_count_on_pages_that_use_them(tmp_path: Path) -> None:
    (tmp_path / "font.woff2").write_bytes(bytes(1000))
    (tmp_path / "bold.woff2").write_bytes(bytes(2000))
    (tmp_path / "site.css").write_text(
        '@font-face{font-family:Maths;src:url("font.woff2") format("woff2")}'
        '@font-face{font-family:Maths;font-weight:700;src:url("bold.woff2")}'
        ".maths{font:normal 1em Maths,serif}.maths .heavy{font-family:Maths;font-weight:700}"
    )
    head = '<html><head><link rel="stylesheet" href="site.css"></head><body>'
    (tmp_path / "none.html").write_text(f"{head}<p>text</p></body></html>")
    (tmp_path / "one.html").write_text(f"{head}<p class='maths'>x</p></body></html>")
    (tmp_path / "two.html").write_text(f"{head}<p class='maths'><b class='heavy'></b></p></body>")
    fonts = [
        sum(size for path, size in page.files.items() if path.suffix == ".woff2")
        for page in read_site(tmp_path)
    ]
    assert fonts == [0, 1000, 3000]


def test_a_missing_page_is_answered_with_404_that_nobody_keeps(site: Path) -> None:
    with serve.served(site) as base:
        with pytest.raises(HTTPError) as raised:
            urlopen(f"{base}/assets/gone.0123456789.js")
        assert raised.value.code == 404
        assert "Cache-Control" not in raised.value.headers
        assert "Content-Security-Policy" in raised.value.headers
