"""Questions on a page, from data, with answers that the page computes.

A quiz is a YAML file, ``quizzes/<page>.yml`` below the sources; ``{quiz}`` on the page shows its
questions, ``{quiz} part/before`` those of ``quizzes/part/before.yml``. There are five kinds:
``choice``, ``number``, ``order``, ``shape`` and ``bug``. Each wrong answer that a file names stands
for a misconception and says why it is wrong. The texts are paragraphs of the page: they are
translated in the page's own gettext catalog.

Nobody types a number that a question asks for. ``answer``, ``value`` and ``{computed}`` hold Python
expressions; they run in a hidden cell before the piece of text with the directive, after the page's
own earlier cells, and after the quiz's ``cell``. The names that they make are gone afterwards, and
random numbers go on as if the cell hadn't been there. MyST-NB executes and caches it with the
page. The cell has the tags ``remove-cell`` and ``quiz-values``. What raises, what isn't a number or
a shape, and a wrong answer that is right end the build, with file, line, question and field.

A page with computed answers is a notebook (``file_format: mystnb`` and a kernelspec in its front
matter), and the directive stands for itself, inside nothing else. Where nothing is executed
(``nb_execution_mode`` is ``off``) values show as ``…``.

``{misconceptions} part`` lists what the questions below a folder detect, with links to them, for
those who teach: each name with the questions that name it. It takes the translations from the
catalogs of the questions' pages.

Settings in ``conf.py``::

    quizzes_folder = "quizzes"  # below the folder of the sources
    quizzes_source_language = "en"  # of the texts in the files
    quizzes_storage_key = "quizzes"  # where the browser keeps a reader's progress

Words of the interface are in ``locale``; another language is another ``.po`` there. The container
of a quiz has the class ``no-search``: wrong statements should not be found.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cells import TAG, install_in_myst_nb
from .directive import Computed, QuizDirective, check_settings, folder, forget, merge, quizzes
from .misconceptions import Misconceptions, ResolveQuestionLinks, question_link
from .nodes import add_node
from .questions import Quiz, QuizError, load

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["TAG", "Quiz", "QuizError", "load", "quizzes", "setup"]

__version__ = "1.0"

HERE = Path(__file__).parent


def read_cells(app: Sphinx) -> None:
    """Let MyST-NB read the hidden cells with the pages."""
    install_in_myst_nb(Path(app.srcdir), folder(app.env))


def add_static_files(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))
        app.add_css_file("quizzes.css")
    if app.builder.name in ("html", "dirhtml"):
        app.add_js_file("quizzes.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.setup_extension("myst_nb")
    app.add_config_value("quizzes_folder", "quizzes", "env", str)
    app.add_config_value("quizzes_source_language", "en", "env", str)
    app.add_config_value("quizzes_storage_key", "quizzes", "env", str)
    add_node(app)
    app.add_node(question_link)
    app.add_directive("quiz", QuizDirective)
    app.add_directive("misconceptions", Misconceptions)
    app.add_post_transform(ResolveQuestionLinks)
    app.add_role("computed", Computed())
    app.connect("config-inited", check_settings)
    app.connect("builder-inited", read_cells)
    app.connect("builder-inited", add_static_files)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
