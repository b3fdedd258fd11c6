"""Inline SVG figures of notebook cells: translated, accessible, and free of build traces.

A cell whose HTML output is ``<figure class="…"><svg role="img" aria-label="What it shows">…`` has
words in it that Sphinx doesn't see: raw HTML is never translated. This extension turns such an
output into a node of its own before Sphinx's translation runs. Its words are then messages like
any paragraph: gettext extracts them (from a build that has executed outputs), and a translated
build shows the translation, though the cell ran once. Messages are

- the text alternative (``aria-label``, ``alt``, the picture's ``<title>`` and ``<desc>``);
- the caption (``<figcaption>``, or the ``data-caption`` attribute of the figure);
- the labels in the drawing (``<text>``, names and tooltips of shapes) that are language: axes,
  titles, legends, notes. Numbers, symbols and names of code (``0.5 ms``, ``QKᵀ``, ``d_model``,
  ``GELU``) are none. What looks like a word but is data, such as a token, is left alone where the
  element or one around it has the class ``notranslate`` or ``translate="no"``;

- the heads, cells and caption of a table below a drawing or in place of it, in the same way.

What every figure says, such as the summary of a ``<details>`` with its numbers, need not be a
message of each page: the text of an element with the class ``common-word`` is looked up in the
extension's own catalog, ``locale/<language>/LC_MESSAGES/sphinx_inline_figures.po``.

The same words twice on a page are one message. A label of several lines (``<tspan>`` elements with
a place of their own, or Matplotlib's) is one message; its translation is broken into as many.
HTML builders write the figure inline; text builders write its text alternative; the others leave
it out.

Every page is also checked, and a problem is a warning that names the page and the cell (with
``-W`` the build fails):

``inline_figures.alt``
    an ``<svg>``, ``<img>`` or image without a text alternative;
``inline_figures.glyph``
    Matplotlib's "Glyph … missing from font" in an output;
``inline_figures.path``
    a path of the machine that builds (source folder, home, Python's own folders, temporary files).

Configuration values:

``inline_figures_class`` (str, default ``"jumok-figure"``)
    CSS class of the ``<figure>`` elements to translate.
``inline_figures_labels`` (bool, default ``True``)
    Whether the labels in drawings are messages.
``inline_figures_check`` (bool, default ``True``)
    Whether pages are checked.
``inline_figures_machine_paths`` (list of str, default ``[]``)
    Further folders whose paths must not be printed.

A figure that is glued into *another* page (``{glue:any}`` with ``:doc:``) is laid down by MyST-NB
after translation and keeps its own language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .check import check_doctree, glyph_warnings, machine_paths, pictures_without_alt
from .figure import (
    CollectInlineFigures,
    depart_html,
    inline_figure,
    skip,
    visit_html,
    visit_text,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["glyph_warnings", "inline_figure", "machine_paths", "pictures_without_alt", "setup"]

__version__ = "1.0"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("inline_figures_class", "jumok-figure", "env", str)
    app.add_config_value("inline_figures_labels", True, "env", bool)
    app.add_config_value("inline_figures_check", True, "env", bool)
    app.add_config_value("inline_figures_machine_paths", [], "env", (list, tuple))
    app.add_node(
        inline_figure,
        html=(visit_html, depart_html),
        text=(visit_text, None),
        latex=(skip, None),
        man=(skip, None),
        texinfo=(skip, None),
    )
    app.add_transform(CollectInlineFigures)
    app.connect("doctree-read", check_doctree)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
