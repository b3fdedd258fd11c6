"""Checks of the built pages that fail a build: what no reader should ever see.

The extensions check what they read; this looks at the pages as they are hosted, with what the
theme put around them. tools/build_site.py runs it after every build; alone it is
`python tools/check_site.py _build/site`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import html

from settings import ROOT

sys.path.insert(0, str(ROOT / "extensions"))

from sphinx_cjk_emphasis.check import leftover_marks_in_html
from sphinx_inline_figures.check import (
    build_machine_folders,
    glyph_warnings,
    machine_paths,
    pictures_without_alt,
)

#: Elements that make a browser fetch something by itself, with the attribute that says what.
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "link": "href",
}

#: Folders of docs/ that hold no pages.
NO_PAGES = ("locales", "records", "_static", "_templates")

LINKS_FETCHED = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect"}


def third_parties(tree: html.HtmlElement) -> Iterator[str]:
    """Addresses elsewhere that a browser would fetch when it opens the page."""
    for element in tree.iter(*FETCHED):
        address = element.get(FETCHED[element.tag], "")
        if element.tag == "link" and not LINKS_FETCHED & set(element.get("rel", "").split()):
            continue
        if re.match(r"(https?:)?//", address):
            yield address


def check_page(path: Path, site: Path) -> Iterator[str]:
    """One line for each problem of a page."""
    name = path.relative_to(site).as_posix()
    source = path.read_text(encoding="utf-8")
    for found in machine_paths(source, build_machine_folders([str(ROOT)])):
        yield f"{name}: a path of the build machine: {found}"
    for found in glyph_warnings(source):
        yield f"{name}: a glyph warning: {found}"
    tree = html.fromstring(source)
    for found in third_parties(tree):
        yield f"{name}: the page fetches from a third party: {found}"
    for hidden in tree.xpath("//*[@aria-hidden='true']"):
        hidden.drop_tree()  # KaTeX's long roots are pictures; its MathML speaks for them
    for found in pictures_without_alt(html.tostring(tree, encoding="unicode")):
        yield f"{name}: a picture without alt text: {found[:120]}"
    for found in leftover_marks_in_html(source):
        yield f"{name}: emphasis that is not rendered: {found}"


def missing_pages(docs: Path, output: Path) -> list[str]:
    """The pages of a source folder that a build didn't write, and didn't complain of.

    Sphinx 9.0 drops an error of a process that writes pages, and the pages with it, if it learns of
    it while it starts another (``ParallelTasks.add_task``).
    """
    sources = (path.relative_to(docs).with_suffix("") for path in sorted(docs.rglob("*.md")))
    names = (source.as_posix() for source in sources if source.parts[0] not in NO_PAGES)
    return [name for name in names if not (output / f"{name}.html").exists()]


def check(site: Path, *, seen: Path | None = None) -> list[str]:
    """Every problem of every page of the site.

    With ``seen``, a file that this function writes, pages that were found clean and haven't
    changed since are passed over.
    """
    clean = json.loads(seen.read_text("utf-8")) if seen and seen.exists() else {}
    problems, now_clean = [], {}
    for path in sorted(site.rglob("*.html")):
        name, state = path.relative_to(site).as_posix(), path.stat()
        stamp = [state.st_mtime_ns, state.st_size]
        found = [] if clean.get(name) == stamp else list(check_page(path, site))
        if not found:
            now_clean[name] = stamp
        problems += found
    if seen:
        seen.write_text(json.dumps(now_clean), "utf-8")
    return problems


if __name__ == "__main__":
    problems = check(Path(sys.argv[1]))
    print("\n".join([*problems, f"{len(problems)} problems"]))
    sys.exit(bool(problems))
