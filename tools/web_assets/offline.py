"""The service worker of a build, and the lists of what it keeps for readers without a network.

What is kept when: the shell (a page that says that another isn't here, and what all pages use) at
the first visit; each page that is visited; and all pages of the reader's language with their
search, about 2.5 MB as they come over the wire, unless the reader saves data or has a slow
connection.  The texts that the search cites from (1 MB) are kept as they are asked for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from .store import FOLDER, Store

STATIC = Path(__file__).parent / "static"
ASSET = re.compile(r"[\w.-]+\.[0-9a-f]{10}\.\w+")
NAME = "service-worker.js"

#: What every reader gets at once, beside the assets that it names.
SHELL = ("index.html", "offline.html")


def digest(content: bytes) -> str:
    """As the worker computes it."""
    return hashlib.sha256(content).hexdigest()[:20]


def with_assets(names: Iterable[str], files: dict[str, bytes]) -> dict[str, str]:
    """Files with their digests, and all assets that they name, and those that these name."""
    found: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in files:
            continue
        found[name] = digest(files[name])
        if name.endswith((".html", ".js", ".css")):
            text = files[name].decode()
            waiting += [f"{FOLDER}/{asset}" for asset in set(ASSET.findall(text))]
    return dict(sorted(found.items()))


def write_worker(files: dict[str, bytes], languages: Iterable[str], store: Store) -> bytes:
    """The worker for a site with these files; puts the lists of the languages into the store."""
    books = {}
    for language in languages:
        pages = [name for name in files if re.fullmatch(rf"{language}/(?!_).*\.html", name)]
        search = [f"{language}/_search/index.js", f"{language}/_search/stemmer.js"]
        listed = json.dumps(with_assets([*pages, *search], files), separators=(",", ":"))
        books[language] = f"{FOLDER}/{store.add(f'book-{language}.json', listed)}"
    shell = with_assets(SHELL, files)
    shell |= {f"{FOLDER}/{name}": digest(data) for name, data in shared(files, store).items()}
    version = digest(json.dumps({name: digest(data) for name, data in files.items()}).encode())
    site = {"version": version, "shell": shell, "books": books}
    head = f"const SITE = {json.dumps(site, separators=(',', ':'))};\n"
    return (head + (STATIC / NAME).read_text(encoding="utf-8")).encode()


def shared(files: dict[str, bytes], store: Store) -> dict[str, bytes]:
    """The assets that every page of a language names."""
    named = [
        set(ASSET.findall(content.decode()))
        for name, content in files.items()
        if name.endswith(".html") and "/" in name
    ]
    common = set.intersection(*named) if named else set()
    return {name: store.files[name] for name in sorted(common) if name in store.files}
