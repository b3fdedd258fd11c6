"""Three searches over the same pages, asked in a real browser: ours, Sphinx's, pagefind's."""

import functools
import http.server
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

#: Asks each query once for its results, then ``repeat`` times against the clock.
ASK = """
async ([queries, repeat]) => {
  const answers = [];
  for (const query of queries) {
    const results = await window.__ask(query);
    const times = [];
    for (let i = 0; i < repeat; i++) {
      const start = performance.now();
      await window.__search(query);
      times.push(performance.now() - start);
    }
    answers.push({results, times});
  }
  return answers;
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
      const name = raw_url.replace(/^\\//, '').replace(/\\.html$/, '');
      const anchors = sub_results.map((part) => decodeURIComponent(part.url.split('#')[1] || ''));
      for (const anchor of anchors.length ? anchors : ['']) answers.push([name, anchor]);
    }
    return answers;
  };
}
"""


@dataclass(frozen=True)
class Answer:
    """What an engine answers to one query: (page, anchor) from the best, and milliseconds."""

    results: tuple[tuple[str, str], ...]
    milliseconds: tuple[float, ...]

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


def ask(tab: "Tab", address: str, engine: str, queries: Sequence[str], repeat: int) -> list[Answer]:
    """Every query's answer by the engine whose script is ``engine``, on the page ``address``."""
    tab.goto(address, wait_until="load")
    tab.evaluate(engine)
    answers: list[dict[str, Any]] = tab.evaluate(ASK, [list(queries), repeat])
    return [
        Answer(tuple((name, anchor) for name, anchor in found["results"]), tuple(found["times"]))
        for found in answers
    ]
