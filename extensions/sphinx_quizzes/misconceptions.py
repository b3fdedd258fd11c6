"""``{misconceptions}``: what the questions of a part detect, for those who teach it.

The names, questions and reasons stand on the pages of the questions and are translated there, once:
this list takes their translations from those pages' catalogs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from gettext import translation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.i18n import docname_to_domain

from .cells import pages_with_quizzes, quiz_path
from .directive import folder
from .nodes import element
from .questions import COMPUTED, Question, Quiz, Text, load

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment


class question_link(nodes.Inline, nodes.Element):  # noqa: N801 - docutils' nodes are lower case
    """A link to a question; the title of its page is known when all pages are read."""


@dataclass(frozen=True)
class Found:
    """A question that detects a misconception, and what it says to it."""

    page: str
    quiz: Quiz
    question: Question
    why: Text


def collect(env: BuildEnvironment, prefix: str) -> dict[str, list[Found]]:
    """The misconceptions of the quizzes below a folder, each with its questions."""
    found: dict[str, list[Found]] = defaultdict(list)
    sources = {page: Path(env.doc2path(page)) for page in sorted(env.found_docs)}
    for name, page in sorted(pages_with_quizzes(sources).items()):
        path = quiz_path(folder(env), name)
        if not f"{name}/".startswith(prefix) or not path.exists():
            continue
        env.note_dependency(str(path))
        quiz = load(path, name)
        for question in quiz:
            for misconception, why in question.misconceptions():
                found[misconception.source].append(Found(page, quiz, question, why))
    return found


class Misconceptions(SphinxDirective):
    """The misconceptions that a part's questions detect; of all parts without an argument."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # any page may have got a quiz
        prefix = f"{self.arguments[0].strip('/')}/" if self.arguments else ""
        found = collect(self.env, prefix)
        items = []
        # The most common ones first.
        for name, uses in sorted(found.items(), key=lambda item: (-len(item[1]), item[0].lower())):
            # A question names a misconception once, though two of its answers may come from it.
            once = {(use.page, use.question.id): use for use in reversed(uses)}
            term = self.paragraph(name, uses[0], f"{prefix}{name}", "quiz-misconception")
            places = [
                self.place(use, number, f"{prefix}{name}")
                for number, use in enumerate(reversed(once.values()))
            ]
            items.append(element("li", term, element("ul", *places)))
        listed = element("ul", *items, classes=("quiz-misconceptions", "no-search"))
        return [listed]

    def place(self, use: Found, number: int, name: str) -> nodes.Element:
        """A question: its page, what it asks, and what it says to those who are wrong."""
        link = question_link(page=use.page, anchor=f"quiz-{use.question.id}")
        asked = self.paragraph(use.question.question.source, use, f"{name} {number} asks")
        asked.insert(0, nodes.Text(": "))
        asked.insert(0, link)
        why = self.paragraph(use.why.source, use, f"{name} {number} why", "quiz-why")
        return element("li", asked, why)

    def paragraph(self, source: str, use: Found, name: str, *classes: str) -> nodes.paragraph:
        """A text of another page, in the language of the build as far as it is translated."""
        text, language = self.translated(use.page, source), self.config.language
        missing = text == source and language != self.config.quizzes_source_language
        # What another page computes isn't known here.
        text = COMPUTED.sub("…", text)
        inline, messages = self.parse_inline(text, lineno=self.lineno)
        names = [*classes, *([f"language-{self.config.quizzes_source_language}"] * missing)]
        paragraph = nodes.paragraph("", "", *inline, *messages, classes=names, translatable=False)
        paragraph["parallel_name"] = name  # sphinx_parallel_text pairs by it
        if missing:
            paragraph["parallel_missing"] = True
        return paragraph

    def translated(self, page: str, source: str) -> str:
        domain = docname_to_domain(page, self.config.gettext_compact)
        folders = [Path(self.env.srcdir, each) for each in self.config.locale_dirs]
        for each in folders:
            catalog = translation(domain, str(each), [self.config.language], fallback=True)
            if (text := catalog.gettext(source)) != source:
                return str(text)
        return source


class ResolveQuestionLinks(SphinxPostTransform):
    """Give each link the title of its page, and its address."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(question_link)):
            title = self.env.titles.get(node["page"])
            text = title.astext() if title is not None else node["page"]
            here = self.env.docname
            address = f"{self.app.builder.get_relative_uri(here, node['page'])}#{node['anchor']}"
            node.replace_self(nodes.reference("", text, refuri=address, internal=True))
