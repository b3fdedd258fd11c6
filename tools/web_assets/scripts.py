"""Scripts of the pages: no inline ones, few files, none that a page doesn't need.

A small file runs before the page is drawn: what it looks like, and the settings of all others.
Everything else stands at the end of the page, where scripts of both kinds work, those that wait
for the document and those that were deferred.  Scripts that occur on the same pages are one file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .errors import PublishError
from .markup import Tag
from .store import Store

STATIC = Path(__file__).parent / "static"

#: How a script names a file of its language's static folder: from the root of the language.
RUN_TIME = re.compile(r"""(?<=["'`}])_static/([\w./-]+\.\w+)(?=["'`?])""")


@dataclass(frozen=True)
class Script:
    """What pages run, and whether before they are drawn."""

    name: str
    text: str
    first: bool = False


@dataclass
class Scripts:
    """The scripts of all pages."""

    settings: Mapping[str, Any]
    store: Store
    #: For each page what it runs, in order, with the attributes that a script reads of its tag.
    of_pages: dict[str, dict[Script, dict[str, str]]] = field(default_factory=dict)

    def read(self, tag: Tag, folder: Path, static: Path) -> tuple[Script, dict[str, str]] | None:
        """The script of an element of a page, with its data; none if nobody needs it.

        ``folder`` is the page's, ``static`` the folder of shared files of its language.
        """
        source = tag.attributes.get("src")
        if source is None:
            if self.settings["first"]["theme"] in tag.content:
                return self.own("first-paint.js", first=True), {}
            if any(part in tag.content for part in self.settings["unused"]["inline"]):
                return None
            return Script("inline.js", tag.content.strip(), first=True), {}
        path = (folder / unquote(urlsplit(source).path)).resolve()
        if not path.is_file():
            raise PublishError(f"no script {source}")
        instead = self.settings["instead"].get(path.name)
        if instead is not None:
            return (self.own(instead), {}) if instead else None
        data = {key: value for key, value in tag.attributes.items() if key.startswith("data-")}
        first = path.name in self.settings["first"]["files"] or "data-first-paint" in data
        data.pop("data-first-paint", None)
        for key, value in data.items():
            beside = path.parent / value
            if re.fullmatch(r"[\w./-]+", value) and beside.is_file():
                data[key] = self.publish(beside, static)
        return Script(path.name, self.text(path, static), first), data

    def own(self, name: str, *, first: bool = False) -> Script:
        """A script of ours."""
        return Script(name, (STATIC / name).read_text(encoding="utf-8"), first=first)

    def text(self, path: Path, static: Path) -> str:
        """A script whose files are named as they will be called, without its source map's name."""
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)

        def rename(found: re.Match[str]) -> str:
            wanted = static / found[1]
            return f"../assets/{self.publish(wanted, static)}" if wanted.is_file() else found[0]

        return RUN_TIME.sub(rename, text)

    def publish(self, path: Path, static: Path) -> str:
        """Keep a file that a script asks for while the page is read; return its new name."""
        content = self.text(path, static) if path.suffix == ".js" else path.read_bytes()
        return self.store.add(path.name, content)

    def bundles(self) -> dict[str, tuple[str, list[tuple[str, dict[str, str]]]]]:
        """For each page, the file to run before it is drawn, and those to run at its end.

        The latter are names with the attributes of their element.
        """
        pages: dict[Script, set[str]] = defaultdict(set)
        for page, scripts in self.of_pages.items():
            for script in scripts:
                pages[script].add(page)
        groups: dict[frozenset[str], list[Script]] = defaultdict(list)
        for script, where in pages.items():
            if not script.first:
                groups[frozenset(where)].append(script)
        ends: dict[str, list[tuple[str, dict[str, str]]]] = {page: [] for page in self.of_pages}
        # Those of all pages first; those of one language, which translate others, last.
        for where in sorted(groups, key=lambda where: (-len(languages_of(where)), -len(where))):
            for scripts in self.without_conflict(groups[where], where):
                name = self.store.add(self.name(scripts, where), join(scripts))
                for page in where:
                    data = self.of_pages[page]
                    ends[page].append((name, {k: v for s in scripts for k, v in data[s].items()}))
        return {page: (self.start(page), ends[page]) for page in self.of_pages}

    def start(self, page: str) -> str:
        """The file to run before a page is drawn: first how it looks, then settings."""
        rank = {"first-paint.js": 0, "inline.js": 2}
        first = [script for script in self.of_pages[page] if script.first]
        return self.store.add("start.js", join(sorted(first, key=lambda s: rank.get(s.name, 1))))

    def name(self, scripts: list[Script], where: frozenset[str]) -> str:
        if len(where) == len(self.of_pages):
            return "site.js"
        languages = languages_of(where)
        if len(languages) == 1 and len(where) > 1 and len(scripts) > 1:
            return f"{languages.pop()}.js"
        return scripts[-1].name

    def without_conflict(self, scripts: list[Script], where: frozenset[str]) -> list[list[Script]]:
        """Scripts that can be one file: no two of them read one attribute in two meanings."""
        files: list[list[Script]] = [[]]
        read: set[str] = set()
        page = min(where)
        for script in scripts:
            names = set(self.of_pages[page][script])
            if names & read:
                files.append([])
                read = set()
            files[-1].append(script)
            read |= names
        return files


def languages_of(pages: frozenset[str]) -> set[str]:
    return {page.split("/")[0] for page in pages}


def join(scripts: list[Script]) -> str:
    """Scripts one after the other; none may continue the one before, or make it strict."""
    return ";" + "\n;\n".join(script.text.strip() for script in scripts) + "\n"
