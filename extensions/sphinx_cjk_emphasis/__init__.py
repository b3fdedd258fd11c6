"""Emphasis that works in Chinese, Japanese and Korean MyST pages.

CommonMark decides whether ``**`` opens or closes emphasis from the characters on both sides. It
expects a space or a punctuation mark after a word, so ``**어텐션(attention)**은``, where a particle
follows the closing mark directly, prints its asterisks. This extension applies the amended rule of
the *CommonMark CJK-friendly Amendments Specification*
(https://github.com/tats-u/markdown-cjk-friendly) to every MyST parser that Sphinx creates: pages,
notebooks, included files and translated gettext messages alike. Text without CJK characters is
parsed exactly as before.

It also looks for asterisks that were meant as emphasis and are still there in the text of a page,
and warns (``cjk_emphasis.leftover``), so that a build with ``-W`` fails.

Configuration values:

``cjk_emphasis_check`` (bool, default ``True``)
    Warn about emphasis marks left in the text.
``cjk_emphasis_allowed`` (list of regular expressions, default ``[]``)
    Text that may hold asterisks; each match is removed before the check.

Outside Sphinx, ``MarkdownIt().use(cjk_emphasis_plugin)`` gives one parser the same rule, and
:func:`leftover_marks_in_html` checks a page that is already built.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from .check import check_doctree, leftover_marks, leftover_marks_in_html
from .flanking import CJKStateInline, cjk_emphasis_plugin, is_cjk

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from sphinx.application import Sphinx

__all__ = [
    "CJKStateInline",
    "cjk_emphasis_plugin",
    "is_cjk",
    "leftover_marks",
    "leftover_marks_in_html",
    "setup",
]

__version__ = "1.0"

# MyST offers no hook for markdown-it plugins: these modules hold the factory of its parsers.
_PARSER_MODULES = (
    "myst_parser.parsers.mdit",
    "myst_parser.parsers.docutils_",
    "myst_parser.parsers.sphinx_",
    "myst_nb.core.render",
    "myst_nb.docutils_",
    "myst_nb.sphinx_",
)


def _with_plugin(create: Callable[..., MarkdownIt]) -> Callable[..., MarkdownIt]:
    @functools.wraps(create)
    def create_md_parser(*args: Any, **kwargs: Any) -> MarkdownIt:
        return create(*args, **kwargs).use(cjk_emphasis_plugin)

    create_md_parser.cjk_emphasis = True  # type: ignore[attr-defined]
    return create_md_parser


def install_in_myst() -> None:
    """Give every parser that MyST-Parser and MyST-NB create from now on the amended rule."""
    for name in _PARSER_MODULES:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue  # MyST-NB is optional
        create = module.create_md_parser
        if not hasattr(create, "cjk_emphasis"):
            module.create_md_parser = _with_plugin(create)  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    install_in_myst()
    app.add_config_value("cjk_emphasis_check", True, "env", bool)
    app.add_config_value("cjk_emphasis_allowed", [], "env", (list, tuple))
    app.connect("doctree-read", check_doctree)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
