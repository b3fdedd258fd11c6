"""Check the pairs of a built site, and measure what they cost: ``SITE LANGUAGE LANGUAGE …``.

``SITE`` is the folder that holds the folders of the languages. Prints what is wrong, if anything
is, and the page whose HTML grew most beside its text; ends with status 1 if anything is wrong.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import html

from .fragments import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = re.compile(r' data-p="(!?)([^"]*)"')
# What a page has because of this extension, besides the keys.
ADDITIONS = re.compile(
    r'\n?<meta name="parallel-text"[^>]*>'
    r'|<div class="parallel-text"></div>'
    r'|<script src="[^"]*parallel-text\.js[^"]*"></script>'
    r"|<link [^>]*parallel-text\.css[^>]*>"
)
CALL = re.compile(r"ParallelText\.add\((.*)\);\s*", re.DOTALL)


@dataclass(frozen=True)
class Weight:
    """How much of a page is there for its pairs, in bytes and compressed bytes."""

    page: str
    text: int
    growth: int
    compressed_text: int
    compressed_growth: int

    @property
    def share(self) -> float:
        """The growth as a part of the text, the larger of raw and compressed."""
        raw = self.growth / self.text
        return max(raw, self.compressed_growth / self.compressed_text)


def fragments(path: Path) -> dict[str, str | None]:
    """What a language says on a page, from the script that its siblings load."""
    call = CALL.fullmatch(path.read_text(encoding="utf-8"))
    if call is None:
        raise ValueError(f"{path}: not a script of fragments")
    return dict(json.loads(f"[{call[1]}]")[2])


def pages(site: Path, language: str) -> Iterator[tuple[str, str]]:
    """Name and HTML of each page of a language that has fragments."""
    folder = site / language / FOLDER
    for path in sorted(folder.rglob("*.js")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        page = site / language / f"{name}.html"
        if not page.exists():  # the builder dirhtml gives each page a folder
            name_in_folder = name.removesuffix("index").rstrip("/")
            page = site / language / name_in_folder / "index.html"
        yield name, page.read_text(encoding="utf-8")


def problems(site: Path, languages: list[str]) -> list[str]:
    """Where the languages of a site disagree, or a fragment can't be shown."""
    found = []
    keys: dict[str, dict[str, list[str]]] = {}
    for language in languages:
        for name, text in pages(site, language):
            on_page = [key for _, key in KEY.findall(text)]
            keys.setdefault(name, {})[language] = on_page
            offered = fragments(site / language / FOLDER / f"{name}.js")
            found += [
                f"{language}/{name}: {problem}" for problem in page_problems(on_page, offered, text)
            ]
    for name, by_language in sorted(keys.items()):
        first = by_language.get(languages[0], [])
        for language in languages[1:]:
            # Sorted: a glossary, for instance, has an order of its own in each language.
            if sorted(first) != sorted(by_language.get(language, [])):
                found.append(f"{name}: {languages[0]} and {language} don't have the same keys")
    return found


def page_problems(on_page: list[str], offered: dict[str, str | None], text: str) -> Iterator[str]:
    if set(on_page) != set(offered):
        yield f"keys {sorted(set(on_page) ^ set(offered))} are on the page or offered, not both"
    ids = set(re.findall(r'\sid="([^"]*)"', text))
    for key, fragment in offered.items():
        if re.search(r'<[^>]*\s(?:id|name)="', fragment or ""):
            yield f"{key}: a fragment with an id"
        for target in re.findall(r'href="#([^"]*)"', fragment or ""):
            if target not in ids:
                yield f"{key}: a link to #{target}, which isn't there"


def weights(site: Path, language: str) -> Iterator[Weight]:
    """What the pairs cost on each page of a language."""
    for name, text in pages(site, language):
        without = ADDITIONS.sub("", KEY.sub("", text))
        main = html.fromstring(text).xpath("//article | //*[@role='main']")[0]
        words = main.text_content().encode()
        yield Weight(
            name,
            len(words),
            len(text.encode()) - len(without.encode()),
            len(gzip.compress(words, mtime=0)),
            len(gzip.compress(text.encode(), mtime=0))
            - len(gzip.compress(without.encode(), mtime=0)),
        )


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit("usage: python -m sphinx_parallel_text.check SITE LANGUAGE LANGUAGE …")
    site, languages = Path(sys.argv[1]), sys.argv[2:]
    wrong = problems(site, languages)
    for language in languages:
        every = list(weights(site, language))
        largest = max(every, key=lambda weight: weight.share)
        text, growth = (sum(getattr(each, name) for each in every) for name in ("text", "growth"))
        print(
            f"{language}: {len(every)} pages grew by {growth / text:.1%} of their text; at most "
            f"{largest.share:.1%} ({largest.page}: {largest.growth} bytes, "
            f"{largest.compressed_growth} compressed)"
        )
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
