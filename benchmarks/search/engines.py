"""Three searches over the same pages, asked in a real browser: ours, Sphinx's, pagefind's."""

import functools
import gzip
import http.server
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

#: Asks each query for its results, and then some times more against the clock.
ASK = """
async ([queries, repeat]) => {
  const answers = [];
  for (const query of queries) {
    const results = await window.__ask(query);
    const start = performance.now();
    for (let i = 0; i < repeat; i++) await window.__search(query);
    answers.push({results, milliseconds: (performance.now() - start) / (repeat || 1)});
  }
  return answers;
}
"""

#: Ours: as its search page starts it, with the scripts that are given.
OURS = """
async (addresses) => {
  const load = (path) => new Promise((loaded, failed) => {
    const script = Object.assign(document.createElement('script'), {src: path});
    script.onload = loaded;
    script.onerror = failed;
    document.head.append(script);
  });
  const scripts = [...document.scripts].map((script) => script.src.split('/').at(-1));
  for (const address of addresses)
    if (!scripts.includes(address.split('/').at(-1))) await load(address);
  const engine = await KoreanSearch.start(load);
  window.__search = (query) => engine.search(query);
  window.__ask = async (query) => (await engine.search(query)).results
    .map(({docname, anchor}) => [docname, anchor]);
}
"""

#: Sphinx's own searchtools.js, which a search page has loaded.
SPHINX = """
() => {
  window.__search = (query) => {
    const [, terms, excluded, highlight, objects] = Search._parseQuery(query);
    return Search._performSearch(query, terms, excluded, highlight, objects);
  };
  // The list is in ascending order of score: the page shows it from its end.
  window.__ask = (query) => window.__search(query).reverse()
    .map(([docname, , anchor]) => [docname, (anchor || '').replace(/^#/, '')]);
}
"""

#: pagefind's API. A result is a page; its sub-results are the sections.
PAGEFIND = """
async () => {
  const pagefind = await import(new URL('pagefind/pagefind.js', document.baseURI).href);
  await pagefind.options({highlightParam: null});
  await pagefind.init();
  window.__search = (query) => pagefind.search(query);
  const base = new URL('.', document.baseURI).pathname;
  window.__ask = async (query) => {
    const answers = [];
    for (const result of (await pagefind.search(query)).results) {
      const {raw_url, sub_results} = await result.data();
      const path = raw_url.replace(/^\\//, '').replace(/(^|\\/)$/, '$1index');
      const name = path.replace(/\\.html$/, '');
      const anchors = sub_results.map((part) => decodeURIComponent(part.url.split('#')[1] || ''));
      for (const anchor of anchors.length ? anchors : ['']) answers.push([name, anchor]);
    }
    return answers;
  };
}
"""


@dataclass(frozen=True)
class Engine:
    """A search: the script that starts it on a search page, and the files that are its own."""

    name: str
    script: str
    files: tuple[str, ...]

    def index(self, folder: Path) -> list[Path]:
        """What it put into the built pages of one language."""
        found = {path for pattern in self.files for path in folder.glob(pattern) if path.is_file()}
        return sorted(found)


#: Where our search's scripts lie: beside the pages, or published once for all languages.
OWN_SCRIPTS = ("_static/korean-search*.js", "../assets/korean-search*.js")


def own_scripts(folder: Path) -> list[str]:
    """The addresses of what our search loads when a reader turns to it, words before engine."""
    found = [path for pattern in OWN_SCRIPTS for path in folder.glob(pattern)]
    names = ("korean-search-words.", "korean-search-engine.")
    return [
        Path(os.path.relpath(path, folder)).as_posix()
        for name in names
        for path in found
        if path.name.startswith(name)
    ]


ENGINES = (
    Engine("ours", OURS, ("_search/**/*", *OWN_SCRIPTS)),
    Engine(
        "sphinx", SPHINX, ("searchindex.js", "_static/searchtools.js", "_static/language_data.js")
    ),
    Engine("pagefind", PAGEFIND, ("pagefind/**/*",)),
)


@dataclass(frozen=True)
class Answer:
    """What an engine answers to one query, (page, anchor) from the best on, and how fast."""

    results: tuple[tuple[str, str], ...]
    milliseconds: float

    @property
    def pages(self) -> list[str]:
        """The pages found, in the order of their first result."""
        return list(dict.fromkeys(name for name, _ in self.results))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on a server of this machine: pagefind fetches its index, so it needs one."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def started(tab: "Tab", site: Path, language: str, engine: Engine) -> Iterator[None]:
    """An engine, ready on the search page of a language."""
    with served(site) as address:
        tab.goto(f"{address}/{language}/search.html", wait_until="load")
        tab.evaluate(engine.script, own_scripts(site / language))
        yield
        tab.close()


def ask(
    tab: "Tab", site: Path, language: str, engine: Engine, queries: Sequence[str], *, repeat: int
) -> list[Answer]:
    """Every query's answer; with ``repeat``, timed as the mean of so many times."""
    with started(tab, site, language, engine):
        answers: list[dict[str, Any]] = tab.evaluate(ASK, [list(queries), repeat])
    return [
        Answer(tuple((name, anchor) for name, anchor in found["results"]), found["milliseconds"])
        for found in answers
    ]


def loaded(tab: "Tab", site: Path, language: str, engine: Engine, query: str) -> set[Path]:
    """The files that the browser loads to answer a query, before it shows any result."""
    addresses: list[str] = []
    tab.on("requestfinished", lambda request: addresses.append(request.url))
    with started(tab, site, language, engine):
        tab.evaluate("async (query) => { await window.__search(query); }", query)
    return {site / unquote(urlsplit(address).path).lstrip("/") for address in addresses}


def size(paths: Iterable[Path]) -> dict[str, float | int]:
    """How many files, how many kilobytes, and how many as a server sends them."""
    contents = [path.read_bytes() for path in paths]
    packed = sum(min(len(content), len(gzip.compress(content, 9))) for content in contents)
    return {
        "files": len(contents),
        "kilobytes": round(sum(map(len, contents)) / 1000, 1),
        "kilobytes_gzip": round(packed / 1000, 1),
    }
