"""Search that knows Korean, by section, with no server and no analyser in the browser.

Sphinx has no Korean: it takes 어텐션은 and 어텐션 for different words. This extension splits Korean
text into its morphemes when the site is built (with Kiwi, which knows the terms of the site's
glossary), and replaces Sphinx's search in the HTML builders by one that

* finds words whatever their particles, endings and spacing,
* finds what the glossary calls by another name, in every language of the site,
* leads to the section, and shows the sentence with the match marked,
* works from a file: ``_search/index.js`` and the texts beside it are loaded as scripts.

Other languages get the same search with the stemmer that Sphinx has for them.

Settings in ``conf.py``::

    korean_search_glossary = "glossary.yml"  # YAML, relative to the source folder; "" for none
    korean_search_languages = ["en", "ko"]   # sibling folders of this build: ../en, ../ko
    korean_search_replace = True             # False: only teach Sphinx's own search Korean

The glossary is a list of entries: ``term``, a name for each language code, ``synonyms``,
``avoid``. A document with ``no-search`` in its metadata and an element of the class ``no-search``
are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import collect
from .build import complete_context, prepare, replace_search, search_page, write_index
from .language import SearchKorean

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "1.0"


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("korean_search_glossary", "", "env", str)
    app.add_config_value("korean_search_languages", [], "html", list)
    app.add_config_value("korean_search_replace", True, "html", bool)
    app.add_search_language(SearchKorean)
    app.connect("config-inited", prepare)
    app.connect("builder-inited", replace_search)
    app.connect("doctree-read", collect.on_read, priority=900)
    app.connect("env-purge-doc", collect.purge)
    app.connect("env-merge-info", collect.merge)
    app.connect("html-page-context", complete_context)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_index)
    return {
        "version": __version__,
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
