"""Checks of the built pages that fail a build: what no reader should ever see.

Run by tools/build_site.py after every build, and alone: python tools/check_site.py _build/site
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lxml import html

ROOT = Path(__file__).resolve().parent.parent

#: Elements whose text is code, maths or a program: stars and paths of examples may stand there.
LITERAL = {"code", "pre", "script", "style", "kbd", "samp", "math", "annotation", "svg"}

#: Attributes that make a browser fetch something by itself.
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "link": "href",
}

LINK_KINDS_FETCHED = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect"}


def machine_paths() -> list[str]:
    """Paths that would tell on which machine the site was built."""
    paths = {str(ROOT), str(Path.home()), sys.prefix, sys.base_prefix}
    paths |= {str(Path(tempfile.gettempdir()) / name) for name in ("ipykernel_", "tmp")}
    # A home such as "/root" or a prefix such as "/usr" is too short to tell anything by itself.
    return sorted(path for path in paths if path.count("/") + path.count("\\") >= 2)


def running_text(element: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, str]]:
    """The text of a page outside code and maths, with the element that holds it."""
    if not isinstance(element.tag, str) or element.tag in LITERAL:
        return
    classes = element.get("class", "")
    if "math" in classes.split() or "katex" in classes or "highlight" in classes:
        return
    if element.text:
        yield element, element.text
    for child in element:
        yield from running_text(child)
        if child.tail:
            yield element, child.tail


def fetched_elsewhere(tree: html.HtmlElement) -> Iterator[str]:
    """Addresses of third parties that a browser would fetch when it opens the page."""
    for element in tree.iter(*FETCHED):
        address = element.get(FETCHED[element.tag], "")
        if not re.match(r"(https?:)?//", address):
            continue
        if element.tag == "link":
            kinds = set(element.get("rel", "").split())
            if not kinds & LINK_KINDS_FETCHED:
                continue
        yield address


def check_page(path: Path, site: Path) -> Iterator[str]:
    """One line for each problem of a page."""
    name = path.relative_to(site).as_posix()
    source = path.read_text(encoding="utf-8")
    for machine_path in machine_paths():
        if machine_path in source:
            line = source[: source.index(machine_path)].count("\n") + 1
            yield f"{name}:{line}: a path of the build machine: {machine_path}"
    if "missing from font" in source or "missing from current font" in source:
        yield f"{name}: a glyph warning of Matplotlib"
    tree = html.fromstring(source)
    for image in tree.iter("img"):
        if not (image.get("alt") or "").strip():
            yield f"{name}: image without alt text: {image.get('src')}"
    for figure in tree.iter("svg"):
        hidden = figure.get("aria-hidden") == "true"
        in_maths = any("katex" in (a.get("class") or "") for a in figure.iterancestors())
        if not (hidden or in_maths or (figure.get("aria-label") or "").strip()):
            yield f"{name}: figure without alt text"
    for address in fetched_elsewhere(tree):
        yield f"{name}: the page fetches from a third party: {address}"
    for body in tree.iter("article"):
        for element, text in running_text(body):
            if "**" in text:
                yield f"{name}: asterisks in <{element.tag}>: {text.strip()[:80]}"


def check(site: Path) -> list[str]:
    """Every problem of every page of the site."""
    return [
        problem
        for path in sorted(site.rglob("*.html"))
        if "_modules" not in path.parts
        for problem in check_page(path, site)
    ]


if __name__ == "__main__":
    problems = check(Path(sys.argv[1]))
    print("\n".join([*problems, f"{len(problems)} problems"]))
    sys.exit(bool(problems))
