"""An EPUB that epubcheck accepts, from pages that were made for browsers.

Sphinx's ``epub`` builder writes what the HTML writer gives it as XHTML, and leaves to the project
what XHTML and EPUB want besides. Pages with inline SVG, MathML, folded cells and styles of themes
come out invalid. This extension takes the builder's place and, before the book is packed,

* gives inline ``<svg>`` its namespace, closes empty elements, and writes ``<p>`` inside
  ``<summary>`` as the words that they are;
* takes out scripts, forms and buttons, which do nothing in a book, and what is hidden;
* shows what only a script would unfold (``hidden="until-found"``);
* drops links to style sheets that aren't in the book, and files that nothing refers to;
* declares ``svg`` and ``mathml`` in the package document, with the accessibility metadata that
  readers of books look for.

A page that still isn't well-formed ends the build with the page, the line and what is wrong.

``valid_epub_features`` (list of str)
    What the book offers to readers who need it, in the words of schema.org, for the metadata.
``valid_epub_leave_out`` (list of str, default ``[]``)
    Style sheets for browsers only, as patterns of their addresses: ``["*copybutton.css"]``.

The book gets a style sheet of its own, on top of those that are left: code wraps, figures fit.

Formulas should be MathML in a book: see ``sphinx_local_katex``, which does that for this builder.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

from sphinx.builders.epub3 import Epub3Builder
from sphinx.errors import SphinxError

from .xhtml import mend, properties

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "1.0"

FEATURES = [
    "alternativeText",
    "MathML",
    "readingOrder",
    "structuralNavigation",
    "tableOfContents",
]
MODES = ["textual", "visual"]


class EpubError(SphinxError):
    """A page that can't be part of a book."""

    category = "EPUB error"


class ValidEpubBuilder(Epub3Builder):
    """Sphinx's builder, with its pages mended before they are listed and packed."""

    media_types: ClassVar[dict[str, str]] = {
        **Epub3Builder.media_types,
        ".woff2": "font/woff2",
        ".woff": "font/woff",
    }

    def build_content(self) -> None:
        """Mend the pages, write the package document, and complete it."""
        pages = sorted(Path(self.outdir).rglob(f"*{self.out_suffix}"))
        declared = {}
        for page in pages:
            name = page.relative_to(self.outdir).as_posix()
            text = mend(page.read_text(encoding="utf-8"), has_file=self._has_file(page))
            try:
                ElementTree.fromstring(text)
            except ElementTree.ParseError as error:
                line = text.splitlines()[error.position[0] - 1]
                part = line[max(0, error.position[1] - 80) : error.position[1] + 80]
                raise EpubError(f"{name}: not well-formed: {error}\n  near: {part}") from error
            page.write_text(text, encoding="utf-8")
            declared[name] = properties(text)
        self._remove_unused(pages)
        super().build_content()
        self._complete(declared)

    def _has_file(self, page: Path) -> Any:
        def has_file(address: str) -> bool:
            path = unquote(urldefrag(address).url).partition("?")[0]
            left_out = any(fnmatch(path, each) for each in self.config.valid_epub_leave_out)
            return bool(path) and not left_out and (page.parent / path).is_file()

        return has_file

    def _remove_unused(self, pages: list[Path]) -> None:
        """Delete what no page refers to, and no style sheet of one."""
        used: set[Path] = set()
        waiting = list(pages)
        while waiting:
            file = waiting.pop()
            text = file.read_text(encoding="utf-8")
            for address in re.findall(r'(?:src|href)="([^"#?]+)|url\(["\']?([^"\')#?]+)', text):
                if ":" in "".join(address):  # data:, https:
                    continue
                found = (file.parent / unquote("".join(address))).resolve()
                if found.is_file() and found not in used:
                    used.add(found)
                    if found.suffix == ".css":
                        waiting.append(found)
        static = Path(self.outdir, "_static")
        for file in [path for path in static.rglob("*") if path.is_file()]:
            if file.resolve() not in used:
                file.unlink()

    def _complete(self, declared: dict[str, list[str]]) -> None:
        """Declare what the pages hold, and say how accessible the book is."""
        path = Path(self.outdir, "content.opf")
        text = path.read_text(encoding="utf-8")
        for name, held in declared.items():
            if held:
                end = 'media-type="application/xhtml+xml" />'
                item = f'href="{escape(name)}" {end}'
                text = text.replace(item, item[:-2] + f'properties="{" ".join(held)}" />')
        entries = [("accessMode", mode) for mode in MODES]
        entries += [("accessModeSufficient", "textual")]
        entries += [
            ("accessibilityFeature", each) for each in self.config.valid_epub_features or FEATURES
        ]
        entries += [("accessibilityHazard", "none")]
        metadata = "".join(
            f'    <meta property="schema:{name}">{escape(value)}</meta>\n'
            for name, value in entries
        )
        path.write_text(text.replace("  </metadata>", f"{metadata}  </metadata>"), encoding="utf-8")


def add_style(app: Sphinx) -> None:
    """Add the book's own style sheet."""
    if app.builder.name == "epub":
        app.config.html_static_path.append(str(Path(__file__).parent / "static"))
        app.add_css_file("valid-epub.css", priority=900)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("valid_epub_features", [], "epub", (list, tuple))
    app.add_config_value("valid_epub_leave_out", [], "epub", (list, tuple))
    app.add_builder(ValidEpubBuilder, override=True)
    app.connect("builder-inited", add_style)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
