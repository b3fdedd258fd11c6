"""HTML as browsers take it, mended into what an EPUB may hold.

The pages are nearly well-formed already, and parsing them as HTML and writing them anew would
change what browsers make of SVG and formulas. So only what is wrong is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

VOID = "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr"
ATTRIBUTES = r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?"
OPEN_VOID = re.compile(rf"<({VOID})\b({ATTRIBUTES})\s*/?>")
CLOSE_VOID = re.compile(rf"</(?:{VOID})\s*>")
SVG = re.compile(r"<svg(?![^>]*\sxmlns=)")
SUMMARY = re.compile(r"(<summary\b[^>]*>)(.*?)(</summary>)", re.DOTALL)
#: Said while the cell is folded and while it is open: a book shows one of them.
EXPANDED = re.compile(r'<p\b[^>]*class="[^"]*\bexpanded\b[^"]*"[^>]*>.*?</p>', re.DOTALL)
PARAGRAPH = re.compile(r"</?(?:p|div)\b[^>]*>")
STYLESHEET = re.compile(r'<link\b[^>]*rel="stylesheet"[^>]*>')
ADDRESS = re.compile(r'href="([^"]*)"')
BARE = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s+[\w:-]+(?:=\"[^\"]*\"|='[^']*')?)*)\s*(/?)>")
NO_VALUE = re.compile(r"(?<=\s)([\w:-]+)(?=\s|$)(?!=)")
UNFOLD = re.compile(r'\shidden="until-found"')
#: Elements that do nothing without scripts.
DEAD = ("script", "button", "template", "noscript", "form")


def without(text: str, name: str) -> str:
    """The text without the elements of a name; they don't hold one another.

    >>> without('a<script src="x">1 < 2</script>b', "script")
    'ab'
    """
    return re.sub(rf"<{name}\b[^>]*>.*?</{name}\s*>", "", text, flags=re.DOTALL)


def hidden_removed(text: str) -> str:
    """The text without what is hidden: an element with a bare ``hidden`` and all that is in it.

    >>> hidden_removed('<p>a</p><p hidden="">b<b>c</b></p><p>d</p>')
    '<p>a</p><p>d</p>'
    """
    opening = re.compile(r'<([a-zA-Z][\w-]*)\b[^<>]*\shidden=""[^<>]*>')
    while found := opening.search(text):
        name, depth, end = found[1], 1, len(text)
        for tag in re.finditer(rf"<(/?){name}\b[^<>]*?(/?)>", text[found.end() :]):
            depth += -1 if tag[1] else 0 if tag[2] else 1
            if not depth:
                end = found.end() + tag.end()
                break
        text = text[: found.start()] + text[end:]
    return text


def summary_words(found: re.Match[str]) -> str:
    """A summary holds words, no paragraphs."""
    words = PARAGRAPH.sub("", EXPANDED.sub("", found[2]))
    return f"{found[1]}{words.strip()}{found[3]}"


def full_attributes(found: re.Match[str]) -> str:
    """XML knows no attribute without a value.

    >>> BARE.sub(full_attributes, '<details open class="a b">')
    '<details open="" class="a b">'
    """
    name, attributes, slash = found.groups()
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", attributes)
    pieces[::2] = [NO_VALUE.sub(r'\1=""', piece) for piece in pieces[::2]]
    return f"<{name}{''.join(pieces)}{' /' if slash else ''}>"


def mend(text: str, *, has_file: Callable[[str], bool]) -> str:
    """The page as a book may hold it; ``has_file`` says if an address is a file of the book."""
    for name in DEAD:
        text = without(text, name)
    text = BARE.sub(full_attributes, text)
    text = UNFOLD.sub("", text)
    text = hidden_removed(text)
    text = CLOSE_VOID.sub("", text)
    text = OPEN_VOID.sub(lambda found: f"<{found[1]}{found[2].rstrip()} />", text)
    text = SVG.sub('<svg xmlns="http://www.w3.org/2000/svg"', text)
    text = SUMMARY.sub(summary_words, text)

    def keep(found: re.Match[str]) -> str:
        address = ADDRESS.search(found[0])
        return found[0] if address and has_file(address[1]) else ""

    return STYLESHEET.sub(keep, text)


def properties(text: str) -> list[str]:
    """What the package document must declare of a page.

    >>> properties('<p><svg xmlns="http://www.w3.org/2000/svg"/></p>')
    ['svg']
    """
    found = {"mathml": "<math", "svg": "<svg"}
    return [name for name, tag in found.items() if re.search(rf"{tag}\b", text)]
