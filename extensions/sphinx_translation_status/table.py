"""``{translation-status}``: a table of all pages for each language."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from .messages import Language, PageStatus, language_status, languages
from .words import _, html_language, plural

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

_HAS_TABLE = "has_translation_status"


class translation_table(nodes.General, nodes.Element):  # noqa: N801
    """Stands for what is said of one language until all pages are read."""


class translation_progress(nodes.General, nodes.Element):  # noqa: N801
    """A bar: how much of a language is translated."""


def status_page(env: BuildEnvironment) -> str | None:
    """The page that has the table, if any."""
    pages = (page for page in sorted(env.metadata) if env.metadata[page].get(_HAS_TABLE))
    return next(pages, None)


class TranslationStatus(SphinxDirective):
    """``{translation-status}``: a section for each language with its state, page by page."""

    def run(self) -> list[nodes.Node]:
        """Make the sections now, so that contents list them; what is in them comes later."""
        self.env.metadata[self.env.current_document.docname][_HAS_TABLE] = True
        sections: list[nodes.Node] = []
        for language in languages(self.env):
            name = nodes.inline("", language.name, classes=[f"language-{_tag(language)}"])
            section = nodes.section("", nodes.title("", "", name, translatable=False))
            section["ids"].append(nodes.make_id(f"translation-{language.code}"))
            section["names"].append(f"translation-{language.code}")
            self.state.document.note_explicit_target(section)
            section += translation_table(code=language.code, name=language.name)
            sections.append(section)
        return sections


def _tag(language: Language) -> str:
    return html_language(language.code)


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages with the table if what they say has changed since the last build."""
    state = (
        [(language, *language_status(env, language.code)) for language in languages(env)],
        sorted((page, title.astext()) for page, title in env.titles.items()),
    )
    if getattr(env, "translation_status_state", None) == state:
        return []
    env.translation_status_state = state  # type: ignore[attr-defined]
    return [page for page, data in env.metadata.items() if data.get(_HAS_TABLE)]


class FillTables(SphinxPostTransform):
    """Replace the placeholders once every page has been read."""

    default_priority = 8  # before references are resolved: the table holds some

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        for placeholder in list(self.document.findall(translation_table)):
            language = Language(placeholder["code"], placeholder["name"])
            rows = language_status(self.env, language.code)
            content: list[nodes.Node] = [self._bar(rows, language), self._summary(rows)]
            content += self._beginnings(rows)
            content.append(self._table(rows, language))
            placeholder.replace_self(content)

    def _summary(self, rows: list[PageStatus]) -> nodes.paragraph:
        text = str(
            _(
                "Of {total} paragraphs, headings and captions {translated} are translated,"
                " {to_review} are to be reviewed and {missing} are missing."
            )
        ).format(
            total=sum(row.total for row in rows),
            translated=sum(row.translated for row in rows),
            to_review=sum(row.to_review for row in rows),
            missing=sum(row.missing for row in rows),
        )
        words = sum(row.words_left for row in rows)
        if words:
            rest = plural("One word is left.", "{words} words are left.", words)
        else:
            rest = str(_("Nothing is left to do."))
        return nodes.paragraph("", f"{text} {rest.format(words=words)}")

    def _bar(self, rows: list[PageStatus], language: Language) -> translation_progress:
        total = sum(row.total for row in rows)
        translated = sum(row.translated for row in rows)
        return translation_progress(value=translated, max=total, label=language.name)

    def _beginnings(self, rows: list[PageStatus]) -> list[nodes.Node]:
        """The shortest gaps first: something to finish in half an hour."""
        limit = self.config.translation_status_words_per_half_hour
        gaps = sorted((row for row in rows if row.words_left), key=lambda row: row.words_left)
        short = [row for row in gaps if row.words_left <= limit][:5]
        if not gaps:
            return []
        if short:
            text = _("With half an hour to spare, begin with one of these:")
        else:
            short, text = gaps[:1], _("The shortest piece of work is this page:")
        items = nodes.bullet_list("", classes=["translation-beginnings"])
        for row in short:
            words = plural("one word", "{words} words", row.words_left)
            line = nodes.paragraph("", "", self._page(row.page), nodes.Text(" ("))
            line += nodes.Text(f"{words.format(words=row.words_left)})")
            items += nodes.list_item("", line)
        return [nodes.paragraph("", str(text)), items]

    def _table(self, rows: list[PageStatus], language: Language) -> nodes.table:
        template = self.config.translation_status_catalog_url
        heads = [_("Page"), _("Translated"), _("To review"), _("Missing"), _("Words left")]
        heads += [_("Last revised"), *([_("Catalog")] if template else [])]
        group = nodes.tgroup("", cols=len(heads))
        group += [nodes.colspec(colwidth=30), *(nodes.colspec(colwidth=10) for _n in heads[1:])]
        head, body = nodes.thead(), nodes.tbody()
        head += _row([nodes.Text(str(text)) for text in heads])
        for row in rows:
            numbers = (row.translated, row.to_review, row.missing, row.words_left)
            cells: list[nodes.Node] = [self._page(row.page)]
            cells += [nodes.Text(str(number)) for number in numbers]
            # The form that every reader knows, and that sorts as it stands.
            cells.append(nodes.Text(row.revised.isoformat() if row.revised else "–"))
            if template:
                address = catalog_address(template, language.code, row.page)
                cells.append(nodes.reference("", str(_("Edit")), refuri=address, internal=False))
            body += _row(cells, classes=[] if row.open else ["translation-complete"])
        group += [head, body]
        return nodes.table("", group, classes=["translation-status", "colwidths-auto"])

    def _page(self, page: str) -> addnodes.pending_xref:
        # Without a text of its own the link shows the page's title.
        return addnodes.pending_xref(
            "",
            nodes.inline("", page),
            refdoc=self.env.current_document.docname,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{page}",
            refexplicit=False,
            refwarn=True,
        )


def catalog_address(template: str, language: str, page: str) -> str:
    """Where the catalog of a page can be edited, or "" if nobody said.

    >>> catalog_address("https://a.org/{language}/{page}.po", "ko", "guide/start")
    'https://a.org/ko/guide/start.po'
    """
    return template.replace("{language}", language).replace("{page}", page)


def _row(cells: list[nodes.Node], **attributes: Any) -> nodes.row:
    row = nodes.row("", **attributes)
    row += [nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells]
    return row


# -- HTML and text -----------------------------------------------------------------------------


def visit_progress(self: HTML5Translator, node: translation_progress) -> None:
    """Write the bar; its numbers stand in the paragraph below it."""
    share = node["value"] / node["max"] if node["max"] else 1
    label = f"{node['label']}: {share:.0%}"
    self.body.append(
        f'<p class="translation-progress"><progress value="{node["value"]}"'
        f' max="{node["max"] or 1}" aria-label="{escape(label)}"></progress></p>\n'
    )
    raise nodes.SkipNode


def skip(self: Any, node: nodes.Element) -> None:
    """Leave it out."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the directive, its nodes and what keeps its page up to date."""
    others = dict.fromkeys(["latex", "text", "man", "texinfo"], (skip, None))
    app.add_node(translation_progress, html=(visit_progress, None), **others)
    app.add_node(translation_table)
    app.add_directive("translation-status", TranslationStatus)
    app.connect("env-updated", pages_to_write)
    app.add_post_transform(FillTables)
