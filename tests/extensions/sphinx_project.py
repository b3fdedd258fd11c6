"""Small Sphinx projects for the tests of the extensions."""

from __future__ import annotations

import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import polib

# Importing Sphinx and MyST-NB takes longer than building a page. A server process imports them
# once; each build is a fresh fork of it.
_START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_processes = multiprocessing.get_context(_START)
if _START == "forkserver":
    _processes.set_forkserver_preload(["sphinx.cmd.build", "myst_nb.sphinx_ext", "nbclient"])

NOTEBOOK_HEADER = """\
---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
---
"""


@dataclass
class Build:
    """A finished Sphinx build."""

    returncode: int
    output: str
    folder: Path

    def page(self, name: str, suffix: str = ".html") -> str:
        return (self.folder / f"{name}{suffix}").read_text(encoding="utf-8")


class Project:
    """A Sphinx project in a folder of its own, with its own cache of executed pages."""

    def __init__(self, folder: Path, extensions: list[str], **settings: object) -> None:
        self.source = folder / "docs"
        self.output = folder / "build"
        self.source.mkdir()
        values = {
            "project": "Test",
            "extensions": ["myst_nb", *extensions],
            "myst_enable_extensions": ["dollarmath", "colon_fence"],
            "nb_execution_mode": "cache",
            "nb_execution_cache_path": str(folder / "cache"),
            "nb_execution_raise_on_error": True,
            "locale_dirs": ["locales"],
            "exclude_patterns": ["locales"],
            "gettext_compact": False,
            "html_theme": "basic",
            **settings,
        }
        self.write("conf.py", "".join(f"{key} = {value!r}\n" for key, value in values.items()))

    def write(self, name: str, text: str) -> None:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def notebook(self, name: str, text: str) -> None:
        self.write(name, NOTEBOOK_HEADER + text)

    def catalog(self, page: str, messages: dict[str, str]) -> None:
        """Write the Korean catalog of a page."""
        catalog = polib.POFile()
        catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": "ko"}
        catalog.extend(polib.POEntry(msgid=key, msgstr=text) for key, text in messages.items())
        path = self.source / "locales" / "ko" / "LC_MESSAGES" / f"{page}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog.save(str(path))

    def build(self, name: str, *options: str, builder: str = "html") -> Build:
        """Build into a folder of that name."""
        folder = self.output / name
        log = self.output / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        arguments = ["--no-color", "-b", builder, *options]
        arguments += ["-d", str(self.output / f"{name}-doctrees"), str(self.source), str(folder)]
        process = _processes.Process(target=_run_sphinx, args=(arguments, str(log)))
        process.start()
        process.join()
        assert process.exitcode is not None
        return Build(process.exitcode, log.read_text(encoding="utf-8"), folder)


def _run_sphinx(arguments: list[str], log: str) -> None:
    with open(log, "w", encoding="utf-8") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
        from sphinx.cmd.build import main

        status = main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    sys.exit(status)
