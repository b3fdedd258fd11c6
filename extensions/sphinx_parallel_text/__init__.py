"""Read a page in two languages side by side.

The languages of a site are built into sibling folders (``site/en``, ``site/ko``, …) from the same
sources, with gettext catalogs. This extension pairs every message of a page, that is every
paragraph, heading, list item, cell, caption, term, admonition and dropdown title, with its
counterparts, and lets a reader

* reveal the other language under one paragraph, by mouse, touch or keyboard;
* read the whole page in two columns, stacked on a narrow screen, with code, outputs, figures and
  displayed formulas shown once.

A page itself holds one language and short keys (``data-p``). What the others say lies in
``_parallel/<page>.js`` beside the pages of each language, and a page asks its sibling for it when
its reader does: search engines and the site's own search see each sentence once, and everything
works from a file, below any path and without a network. Without JavaScript nothing shows.

Settings in ``conf.py``::

    parallel_text_languages = [
        {"code": "en", "name": "English"},
        {"code": "ko", "name": "한국어"},
    ]

``parallel_text_languages``
    The languages, each with the name of its folder, which is Sphinx's ``language`` (``code``), its
    name in itself (``name``) and what stands on the small buttons (``mark``; without it, the
    beginning of the name: En, 한). The first is the language of the sources. The default is
    ``language_switch_languages`` of ``sphinx_language_switch``.
``parallel_text_default`` (``"reveal"``)
    What a reader who hasn't chosen yet gets: ``"off"``, ``"reveal"`` (a small button for each
    paragraph) or ``"columns"``.
``parallel_text_key`` (``"t"``)
    The key that reveals and hides the paragraph being read; ``""`` for none.
``parallel_text_only_built`` (``False``)
    Offer only languages whose folder is already there: for a preview of one language.

Put ``parallel-text.html`` among the theme's header components: there the menu appears. Words of
the interface come from catalogs in ``locale``; another language needs one more ``.po`` there.

Another extension can pair what isn't a gettext message: it gives a text element the attribute
``parallel_name``, any string that is the same in every language, and ``parallel_missing`` where
the text of another language stands in. On a page, the script sends ``parallel-text:shown`` to each
fragment that it inserts (the event bubbles), for scripts that have something to do with new text.

``python -m sphinx_parallel_text.check SITE en ko`` checks that the languages of a built site agree
and measures what the pairing costs.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ConfigError

from .fragments import FOLDER, split_page, write_fragments
from .keys import AddMarkers, AddParallelKeys, KeepKeysOfParameters, marker, visit_marker
from .script import write_script

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

__version__ = "1.0"

HERE = Path(__file__).parent
MODES = ("off", "reveal", "columns")


def languages(config: Config) -> list[dict[str, str]]:
    """The languages of the site; the first is that of the sources."""
    entries = config.parallel_text_languages
    if entries is None:
        entries = getattr(config, "language_switch_languages", [])
    return [
        {
            "code": entry["code"],
            "name": entry["name"],
            "mark": entry.get("mark") or mark(entry["name"]),
        }
        for entry in entries
    ]


def mark(name: str) -> str:
    """What stands for a language on a small button.

    >>> mark("English"), mark("한국어")
    ('En', '한')
    """
    return name[: 1 if unicodedata.east_asian_width(name[:1]) in "WF" else 2]


def check_settings(app: Sphinx, config: Config) -> None:
    """Refuse what would lead to nothing; put our template where the theme finds it."""
    try:
        codes = [language["code"] for language in languages(config)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            "parallel_text_languages: each language needs a code and a name"
        ) from error
    if codes and config.language not in codes:
        raise ConfigError(
            f"parallel_text_languages does not hold this build's language, {config.language!r}"
        )
    if config.parallel_text_default not in MODES:
        raise ConfigError(f"parallel_text_default must be one of {', '.join(MODES)}")
    config.templates_path.append(str(HERE / "templates"))


def is_pages_builder(app: Sphinx) -> bool:
    """Whether this build writes a file for each page, with siblings that can be asked."""
    return app.builder.name in {"html", "dirhtml"} and len(languages(app.config)) > 1


def add_static_files(app: Sphinx) -> None:
    if is_pages_builder(app):
        app.config.html_static_path.append(str(HERE / "static" / "css"))
        app.add_css_file("parallel-text.css")
        # In the head and not deferred: what is shown in two columns must not be shown in one first.
        # The attribute tells whoever moves scripts to the end of pages to leave this one alone.
        app.add_js_file("parallel-text-first.js", priority=399, **{"data-first-paint": ""})
        app.add_js_file("parallel-text.js", priority=400)


def write_scripts(app: Sphinx, builder: Any) -> None:
    if is_pages_builder(app):
        write_script(app, languages(app.config))


def split(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Turn the markers in a page into keys, and write what its siblings will ask for."""
    if doctree is None or not is_pages_builder(app):
        return
    context["body"], fragments = split_page(context["body"])
    write_fragments(Path(app.outdir), app.config.language, pagename, fragments)
    if fragments:
        context["parallel_text"] = pagename
        meta = f'<meta name="parallel-text" content="{pagename}" />'
        context["metatags"] = f"{context.get('metatags', '')}\n{meta}"


def remove_orphans(app: Sphinx, exception: Exception | None) -> None:
    """Delete the fragments of pages that no longer exist."""
    if exception is not None or not is_pages_builder(app):
        return
    folder = Path(app.outdir) / FOLDER
    for path in folder.rglob("*.js"):
        if path.relative_to(folder).with_suffix("").as_posix() not in app.env.found_docs:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("parallel_text_languages", None, "env", (list, tuple))
    app.add_config_value("parallel_text_default", "reveal", "html", str)
    app.add_config_value("parallel_text_key", "t", "html", str)
    app.add_config_value("parallel_text_only_built", False, "html", bool)
    app.add_node(marker, html=(visit_marker, None))
    app.add_transform(AddParallelKeys)
    app.add_transform(KeepKeysOfParameters)
    app.add_post_transform(AddMarkers)
    app.connect("config-inited", check_settings)
    app.connect("builder-inited", add_static_files)
    app.connect("write-started", write_scripts)
    # Before others look at the body: the markers are gone then.
    app.connect("html-page-context", split, priority=100)
    app.connect("build-finished", remove_orphans)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
