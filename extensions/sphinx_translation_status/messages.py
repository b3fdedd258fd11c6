"""The messages of the pages as they are now, and what the catalogs have for them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from gettext import NullTranslations, translation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import PoFileError, read_po
from docutils import nodes
from sphinx.util import logging
from sphinx.util.i18n import docname_to_domain

if TYPE_CHECKING:
    import datetime
    from collections.abc import Container, Iterable

    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

# -- words ---------------------------------------------------------------------------------------

_ROLE = re.compile(r"(?:\{([\w:.+-]+)\}|:([\w:.+-]+):)(`+)(.+?)\3", re.DOTALL)
_CODE = re.compile(r"(`+).+?\1", re.DOTALL)
_FORMULA = re.compile(
    r"(?<!\\)(\$\$?)(?:\\.|[^$\\])+\1|\\\[.+?\\\]|\\begin\{.+?\\end\{\w+\*?\}", re.S
)
_ADDRESS = re.compile(r"\]\([^)]*\)|<?\b[a-z]+://[^\s>)]+>?|\{[.#][\w .#-]+\}")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

#: Roles whose content is text that a reader sees; others show a name, a number or a formula.
_SPOKEN_ROLES = {"term", "abbr", "strong", "emphasis", "guilabel", "menuselection", "dfn"}


def _role(match: re.Match[str]) -> str:
    name, content = (match[1] or match[2]).rsplit(":", 1)[-1], match[4]
    if titled := re.fullmatch(r"(.+?)\s*<[^<>]*>", content, re.DOTALL):
        return f" {titled[1]} " if name not in {"math", "code"} else " "
    return f" {content} " if name in _SPOKEN_ROLES else " "


def count_words(message: str) -> int:
    """How many words of a message somebody has to translate.

    Code, formulas, addresses and the targets of references don't count.

    >>> count_words("A {term}`mask <mask>` hides `x[0]` and $d_k$ from [you](https://a.org).")
    6
    >>> count_words("$QK^T$"), count_words("`softmax`"), count_words("{doc}`/start`, 3.5 %")
    (0, 0, 0)
    """
    text = _CODE.sub(" ", _ROLE.sub(_role, message))
    return len(_WORD.findall(_ADDRESS.sub(" ", _FORMULA.sub(" ", text))))


# -- the messages of a page, collected while it is read --------------------------------------------


def page_messages(env: BuildEnvironment) -> dict[str, dict[str, int]]:
    """The messages of each page in their order, each with the words it has to translate."""
    if not hasattr(env, "translation_status_messages"):
        env.translation_status_messages = {}  # type: ignore[attr-defined]
    found: dict[str, dict[str, int]] = env.translation_status_messages  # type: ignore[attr-defined]
    return found


def forget_messages(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """A page is read anew, or is gone."""
    page_messages(env).pop(docname, None)


def merge_messages(
    app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    """Take what another process has read."""
    theirs = page_messages(other)
    page_messages(env).update({name: theirs[name] for name in docnames if name in theirs})


def write_messages(app: Sphinx, exception: Exception | None) -> None:
    """Write the messages of every page as JSON, for programs that count as the table does."""
    if exception is None and app.config.translation_status_messages_path:
        path = Path(app.confdir, app.config.translation_status_messages_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(page_messages(app.env), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def words_of_node(node: nodes.Element, message: str) -> int:
    """The words of a message; a displayed formula has none, whatever letters it is made of."""
    return 0 if isinstance(node, nodes.math_block) else count_words(message)


# -- catalogs --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Language:
    """A language that the project is translated into."""

    code: str
    name: str

    @classmethod
    def of(cls, entry: str | dict[str, Any]) -> Language:
        """The language of an entry of the settings; its name in itself, unless it has one."""
        if not isinstance(entry, str) and entry.get("name"):
            return cls(entry["code"], entry["name"])
        code = entry if isinstance(entry, str) else entry["code"]
        try:
            locale = Locale.parse(code, sep="-" if "-" in code else "_")
        except (ValueError, UnknownLocaleError):
            return cls(code, code)
        return cls(code, locale.get_display_name() or code)


def languages(env: BuildEnvironment) -> list[Language]:
    """The languages of the settings, or those that have a folder; never the source language."""
    config = env.config
    entries: Iterable[Any] = config.translation_status_languages or sorted(
        {
            path.parent.name
            for folder in config.locale_dirs
            for path in Path(env.srcdir, folder).glob("*/LC_MESSAGES")
        }
    )
    found = [Language.of(entry) for entry in entries]
    return [each for each in found if each.code != config.translation_status_source]


@dataclass(frozen=True)
class Catalog:
    """What a catalog has: its translations, those to review, and when it was last revised."""

    translated: frozenset[str] = frozenset()
    to_review: frozenset[str] = frozenset()
    revised: datetime.date | None = None


_parsed: dict[Path, tuple[tuple[int, int], Catalog]] = {}


def read_catalog(path: Path) -> Catalog:
    """Read a ``.po`` file; one that is as it was when last read isn't parsed again."""
    state = path.stat()
    stamp = state.st_mtime_ns, state.st_size
    known = _parsed.get(path)
    if known is None or known[0] != stamp:
        try:
            with path.open("rb") as file:
                entries = read_po(file)
        except (ValueError, PoFileError) as error:
            # Sphinx cannot use it either, and has warned; nothing of it is on the page.
            logger.debug("catalog %s: %s", path, error)
            return Catalog()
        messages = [entry for entry in entries if entry.id and entry.string]
        date = entries.revision_date
        catalog = Catalog(
            frozenset(str(each.id) for each in messages if not each.fuzzy),
            frozenset(str(each.id) for each in messages if each.fuzzy),
            date.date() if hasattr(date, "date") else None,
        )
        known = _parsed[path] = stamp, catalog
    return known[1]


def catalogs(env: BuildEnvironment, language: str, page: str) -> list[Catalog]:
    """The catalogs that Sphinx would use for a page, the first of them first."""
    domain = docname_to_domain(page, env.config.gettext_compact)
    paths = [
        Path(env.srcdir, folder, language, "LC_MESSAGES", f"{domain}.po")
        for folder in env.config.locale_dirs
    ]
    return [read_catalog(path) for path in paths if path.exists()]


def compiled_translations(config: Config, srcdir: Path, page: str) -> dict[str, str]:
    """What Sphinx will put in the place of each message of a page."""
    domain = docname_to_domain(page, config.gettext_compact)
    merged: dict[str, str] = {}
    for folder in reversed(config.locale_dirs):
        found: NullTranslations | None = translation(
            domain, str(Path(srcdir, folder)), [config.language], fallback=True
        )
        while found is not None:
            merged = {**getattr(found, "_catalog", {}), **merged}
            found = getattr(found, "_fallback", None)
    return merged


# -- the state of a page -----------------------------------------------------------------------


@dataclass(frozen=True)
class PageStatus:
    """How far the translation of a page is."""

    page: str
    translated: int
    to_review: int
    missing: int
    words_left: int
    revised: datetime.date | None

    @property
    def open(self) -> int:
        """The messages that the page shows in the source language."""
        return self.to_review + self.missing

    @property
    def total(self) -> int:
        """All messages of the page."""
        return self.translated + self.open


def state_of(
    message: str, words: int, translated: Container[str], to_review: Container[str]
) -> Literal["translated", "to review", "missing"]:
    """How far one message is; one without a word to translate has nothing left to do.

    >>> state_of("$d_k$", 0, set(), set()), state_of("A mask", 2, set(), {"A mask"})
    ('translated', 'to review')
    """
    if words == 0 or message in translated:
        return "translated"
    return "to review" if message in to_review else "missing"


def page_status(env: BuildEnvironment, language: str, page: str) -> PageStatus:
    """Compare the messages that a page has now with its catalogs."""
    found = catalogs(env, language, page)
    translated = frozenset[str]().union(*(catalog.translated for catalog in found))
    to_review = frozenset[str]().union(*(catalog.to_review for catalog in found))
    count = Counter[str]()
    words_left = 0
    for message, words in page_messages(env).get(page, {}).items():
        state = state_of(message, words, translated, to_review)
        count[state] += 1
        words_left += 0 if state == "translated" else words
    dates = [catalog.revised for catalog in found if catalog.revised]
    revised = max(dates, default=None)
    numbers = count["translated"], count["to review"], count["missing"]
    return PageStatus(page, *numbers, words_left, revised)


def language_status(env: BuildEnvironment, language: str) -> list[PageStatus]:
    """The state of every page that has something to translate; most left first."""
    rows = [page_status(env, language, page) for page in sorted(page_messages(env))]
    return sorted((row for row in rows if row.total), key=lambda row: -row.words_left)
