"""Bring the catalogs of a language up to date, and leave those alone that are."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from settings import ROOT

from .catalogs import Catalog, CatalogError, catalog_text, new_header, read_catalog
from .extraction import Texts, catalog_pages, catalog_path
from .merging import Memory, finished, merge, same_texts
from .report import PageState, page_state


@dataclass
class Update:
    """What an update found, and what it changed."""

    states: list[PageState] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M+0000")


def load(language: str) -> dict[str, Catalog]:
    """All catalogs of a language, by page."""
    return {page: read_catalog(catalog_path(language, page)) for page in catalog_pages(language)}


def states(language: str, texts: Texts) -> list[PageState]:
    """How far the pages are, without changing anything."""
    found = []
    for page in texts.pages:
        path = catalog_path(language, page)
        messages = read_catalog(path).messages if path.exists() else []
        found.append(page_state(page, path, texts.words(page), messages))
    return found


def update(language: str, texts: Texts, *, everything: bool) -> Update:
    """Merge the texts of pages into a language's catalogs.

    ``everything``: these are all pages, so that a catalog of another page is of none, and a text
    that no page holds is gone for good.
    """
    catalogs = load(language)
    memory = Memory(catalogs.values())
    for page, wanted in texts.pages.items():
        if page in catalogs:
            memory.note_homeless(catalogs[page], wanted)
    done = Update()
    gone = [page for page in catalogs if page not in texts.pages and page not in texts.left_out]
    if everything:
        for page in gone:
            memory.note_homeless(catalogs[page], [])
    for page, wanted in texts.pages.items():
        path = catalog_path(language, page)
        old = catalogs.get(page, Catalog(header=new_header(language, now())))
        incomplete = page in texts.not_executed
        merged = merge(old, wanted, memory, keep_unknown=incomplete, keep_obsolete=not everything)
        if save(path, old, merged):
            done.changed.append(path)
        messages = read_catalog(path).messages if path.exists() else []
        done.states.append(page_state(page, path, texts.words(page), messages))
    if everything:
        for page in gone:
            path = catalog_path(language, page)
            remove(path)
            done.removed.append(path)
    return done


def remove(path: Path) -> None:
    """Delete a catalog, and what Sphinx compiled from it: it would speak on."""
    path.unlink()
    path.with_suffix(".mo").unlink(missing_ok=True)


def save(path: Path, old: Catalog, merged: Catalog) -> bool:
    """Write a catalog if that changes a byte of it; dates move only with what they date."""
    if not merged.messages:
        if path.exists():
            remove(path)
            return True
        return False
    if not same_texts(old, merged):
        merged.header["POT-Creation-Date"] = now()
    committed = committed_catalog(path)
    if committed and finished(merged) - finished(committed):
        date = "PO-Revision-Date"
        if merged.header.get(date) == committed.header.get(date):
            merged.header[date] = now()
    content = catalog_text(merged).encode("utf-8")
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def git(*arguments: str) -> str:
    """What git says; nothing where there is no git or no repository."""
    try:
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except OSError:
        return ""
    return result.stdout.decode("utf-8", "replace") if result.returncode == 0 else ""


@cache
def uncommitted() -> frozenset[str]:
    """The files that differ from the last commit."""
    return frozenset(git("diff", "--name-only", "-z", "HEAD").split("\0"))


def committed_catalog(path: Path) -> Catalog | None:
    """The catalog as it was last committed, where that differs from the file."""
    if not path.is_relative_to(ROOT):
        return None
    name = path.relative_to(ROOT).as_posix()
    if name not in uncommitted():
        return None
    copy = ROOT / "_build" / "committed.po"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(git("show", f"HEAD:{name}"), encoding="utf-8")
    try:
        return read_catalog(copy)
    except CatalogError:
        return None
    finally:
        copy.unlink()
