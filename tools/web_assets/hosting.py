"""How the site wants to be served: the headers of hosting.toml, for hosts and for tests."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

HOSTING = tomllib.loads((Path(__file__).parent / "hosting.toml").read_text(encoding="utf-8"))


def policy() -> str:
    """The Content-Security-Policy as a header's value.

    >>> policy().split("; ")[0]
    "default-src 'self'"
    """
    return "; ".join(" ".join([name, *values]) for name, values in HOSTING["policy"].items())


def headers_of(path: str) -> dict[str, str]:
    """The headers of the answer for a path of the site, which begins with a slash.

    >>> headers_of("/assets/site.3f9e03c4a1.css")["Cache-Control"]
    'public, max-age=31536000, immutable'
    >>> headers_of("/en/index.html")["Cache-Control"]
    'no-cache'
    """
    fitting = [value for pattern, value in HOSTING["cache"].items() if fnmatchcase(path, pattern)]
    caching = {"Cache-Control": fitting[-1]} if fitting else {}
    return {"Content-Security-Policy": policy(), **HOSTING["headers"], **caching}


def headers_file() -> str:
    """The file ``_headers`` that Netlify and Cloudflare Pages read.

    They join the values of all patterns that fit, and ask for pages each time by themselves: so
    the caching of all files isn't said again.
    """
    lines = ["/*", f"  Content-Security-Policy: {policy()}"]
    lines += [f"  {name}: {value}" for name, value in HOSTING["headers"].items()]
    for pattern, caching in HOSTING["cache"].items():
        if pattern != "/*":
            lines += [pattern, f"  Cache-Control: {caching}"]
    return "\n".join([*lines, ""])
