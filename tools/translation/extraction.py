"""Find the texts of the pages that are to be translated."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import polib

from settings import AUTHOR, COPYRIGHT, ROOT, SITE_LOCALES
from sphinx_language_switch import template_texts
from sphinx_translation_status.messages import count_words

DOCS = ROOT / "docs"
LOCALES = DOCS / "locales"
WORK = ROOT / "_build"
SITE = "site"  # the texts of the landing page and the 404 page, as if they were a page
# Pages whose text is in docstrings, which only the installed package can show.
NEEDS_PACKAGE = re.compile(r"^\s*(\.\. |```\{|:::\{)auto(module|class|function|method|data)", re.M)


class PageError(ValueError):
    """A page was named that doesn't exist."""


@dataclass
class Texts:
    """The texts of pages, in their order."""

    pages: dict[str, list[str]]
    not_executed: set[str] = field(default_factory=set)  # texts of outputs may be missing
    left_out: list[str] = field(default_factory=list)  # pages that couldn't be read
    counts: dict[str, dict[str, int]] = field(default_factory=dict)  # words, as Sphinx counts

    def words(self, page: str) -> dict[str, int]:
        """The texts of a page that count, each with how many words are to be translated.

        A formula in a catalog looks like words; only who read the page knows better.
        """
        if page in self.counts:
            return self.counts[page]
        return {text: count_words(text) for text in self.pages[page]}


def all_pages() -> list[str]:
    """The names of all pages, and of what stands beside them."""
    found = (path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    names = [path.with_suffix("").as_posix() for path in found if path.parts[0] != "locales"]
    return [*sorted(names), SITE]


def page_names(words: list[str]) -> list[str]:
    """The pages that a contributor means: ``transformer/masks``, ``masks``, ``docs/….md``.

    Raises:
        PageError: there is no such page, or more than one; with the most similar names.
    """
    known = all_pages()
    names = []
    for word in words:
        given = re.sub(r"^\./", "", word.replace("\\", "/"))
        given = re.sub(r"^docs/(locales/[^/]+/LC_MESSAGES/)?", "", given)
        given = re.sub(r"\.(md|po|html)$", "", given).strip("/")
        ends = [name for name in known if name.endswith(f"/{given}")]
        if given in known:
            names.append(given)
        elif len(ends) == 1:
            names += ends
        elif ends:
            raise PageError(f"{word!r} could be {' or '.join(ends)}: write more of its name")
        else:
            by_end = {name.rpartition("/")[2]: name for name in known}
            near = difflib.get_close_matches(given, known, 3, 0.5)
            last = given.rpartition("/")[2]
            near += [by_end[end] for end in difflib.get_close_matches(last, by_end, 3, 0.6)]
            hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
            raise PageError(f"there is no page {word!r}{hint}")
    return list(dict.fromkeys(names))


def needs_package(page: str) -> bool:
    """Whether a page shows docstrings."""
    path = DOCS / f"{page}.md"
    return path.exists() and bool(NEEDS_PACKAGE.search(path.read_text(encoding="utf-8")))


def site_texts_wanted() -> list[str]:
    return list(dict.fromkeys([AUTHOR, COPYRIGHT, *template_texts(ROOT / "site")]))


def extract(pages: list[str], *, fast: bool = False) -> Texts:
    """The texts of these pages (of all, if none is named), by Sphinx's gettext builder.

    ``fast`` executes nothing and needs no installed package; pages of docstrings are left out.
    """
    wanted = [page for page in pages or all_pages() if page != SITE]
    left_out = [page for page in wanted if fast and needs_package(page)]
    wanted = [page for page in wanted if page not in left_out]
    texts = Texts({}, left_out=left_out)
    if wanted:
        templates, texts.not_executed, counts = run_gettext(wanted, bool(pages), fast)
        texts.counts = {page: counts[page] for page in wanted if page in counts}
        for page in wanted:
            template = templates / f"{page}.pot"
            found = polib.pofile(str(template), encoding="utf-8") if template.exists() else []
            texts.pages[page] = [entry.msgid for entry in found]
    if not pages or SITE in pages:
        texts.pages[SITE] = site_texts_wanted()
    return texts


def run_gettext(
    wanted: list[str], some: bool, fast: bool
) -> tuple[Path, set[str], dict[str, dict[str, int]]]:
    """Run the builder.

    Returns the folder of its templates, the pages that it couldn't execute, and the messages of
    each page with their words.
    """
    kind = "gettext-fast" if fast else "gettext"
    templates, report = WORK / kind, WORK / "reports" / f"{kind}.json"
    shutil.rmtree(templates, ignore_errors=True)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    messages = report.with_name(f"{kind}-messages.json")
    command = [
        *(sys.executable, "-m", "sphinx", "-b", "gettext", "-q", "-c", str(ROOT)),
        *("-d", str(WORK / "doctrees" / (kind + ("-some" if some else "")))),
        *("-D", f"translation_status_messages_path={messages}"),
    ]
    environment = dict(os.environ)
    if fast:
        environment["JUMOK_PREVIEW"] = "1"
        command += ["-D", f"preview_report_path={report}"]
    if some:
        patterns = ",".join(["index.md", *(f"{page}.md" for page in wanted)])
        command += ["-D", f"include_patterns={patterns}"]
        # Pages that aren't read can't be linked to; the whole build checks the links.
        command += ["-D", "suppress_warnings=toc,ref,bibtex,myst"]
        command += ["-D", "nitpicky=0"]
    result = subprocess.run([*command, str(DOCS), str(templates)], cwd=ROOT, env=environment)
    if result.returncode:
        sys.exit("translate: the pages couldn't be read (messages above)")
    pages = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
    return templates, set(pages), json.loads(messages.read_text(encoding="utf-8"))


def catalog_path(language: str, page: str) -> Path:
    """Where the translations of a page lie."""
    if page == SITE:
        return SITE_LOCALES / f"{language}.po"
    return LOCALES / language / "LC_MESSAGES" / f"{page}.po"


def catalog_pages(language: str) -> list[str]:
    """The pages that have a catalog in a language."""
    folder = LOCALES / language / "LC_MESSAGES"
    found = sorted(path.relative_to(folder) for path in folder.rglob("*.po"))
    names = [path.with_suffix("").as_posix() for path in found]
    return [*names, *([SITE] if catalog_path(language, SITE).exists() else [])]
