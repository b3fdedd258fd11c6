"""The build: from the texts of all pages to the files that the browser loads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sphinx.search
from babel.messages.pofile import read_po
from sphinx.errors import ConfigError
from sphinx.search.en import SearchEnglish
from sphinx.util import logging

from . import glossary
from .collect import CODE, Section, resolve, resolve_code, sections, store
from .index import Aliases, Entry, Index, Page
from .korean import KoreanWords, Morphemes
from .language import SearchKorean, stemmer_script
from .messages import MESSAGES
from .words import Token, Words

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.search import SearchLanguage

HERE = Path(__file__).parent
FOLDER = "_search"
SCRIPTS = ("korean-search-words.js", "korean-search-engine.js")
SPHINX_SEARCH = re.compile(
    r'<script[^>]*\ssrc="[^"]*(?:_static/searchtools|_static/language_data|searchindex)\.js[^"]*"'
    r"[^>]*></script>\s*"
)
#: What Sphinx puts beside the pages for its own search, and no page asks for any more.
UNUSED = ("searchtools.js", "language_data.js")

logger = logging.getLogger(__name__)


def prepare(app: Sphinx, config: Config) -> None:
    languages = config.korean_search_languages
    if languages and config.language not in languages:
        raise ConfigError(
            f"korean_search_languages does not hold this build's language, {config.language!r}"
        )
    if (path := config.korean_search_glossary) and not (Path(app.srcdir) / path).is_file():
        raise ConfigError(f"korean_search_glossary: there is no file {path!r}")
    config.templates_path.append(str(HERE / "templates"))


def replaces(app: Sphinx) -> bool:
    return bool(app.config.korean_search_replace) and app.builder.name in {"html", "dirhtml"}


def replace_search(app: Sphinx) -> None:
    """Begin with what earlier builds know of the texts; put our search in Sphinx's place."""
    SearchKorean.morphemes = None
    if app.builder.format != "html":
        return
    if issubclass(language_class(app.config), SearchKorean):
        path = Path(app.doctreedir) / "korean_search.json"
        SearchKorean.morphemes = Morphemes(
            path, glossary.dictionary(names(app)), glossary.phrases(names(app))
        )
    if replaces(app):
        app.builder.search = False  # type: ignore[attr-defined]
        app.config.html_static_path.append(str(HERE / "static"))
        bridge = app.builder.templates  # type: ignore[attr-defined]
        bridge.render = without_sphinx_search(bridge.render)
        app.add_js_file("korean-search.js", loading_method="defer")
        app.add_css_file("korean-search.css")


def without_sphinx_search(render: Callable[..., str]) -> Callable[..., str]:
    """Leave out of every page the scripts of Sphinx's search, index included, that a theme loads.

    pydata-sphinx-theme writes them into its layout, whichever search there is.
    """

    def render_without(template: str, context: dict[str, Any]) -> str:
        return SPHINX_SEARCH.sub("", render(template, context))

    return render_without


def names(app: Sphinx) -> list[glossary.Name]:
    path = app.config.korean_search_glossary
    return glossary.load(Path(app.srcdir) / path) if path else []


def language_class(config: Config) -> type[SearchLanguage]:
    """What Sphinx would split and stem this build's language with."""
    code = config.html_search_language or config.language or "en"
    known = sphinx.search.languages
    found = known.get(code) or known.get(code.partition("_")[0]) or SearchEnglish
    if isinstance(found, str):
        module, name = found.rsplit(".", 1)
        found = getattr(import_module(module), name)
    return found


# -- the search page -----------------------------------------------------------------------------


def search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    if replaces(app):
        words = messages(app.config.language)
        yield "search", {"title": words["Search"], "korean_search": words}, "korean-search.html"


def messages(language: str) -> dict[str, str]:
    """What the search says, in the language of the build where there is a catalog."""
    found = {message: message for message in MESSAGES}
    for code in (language.partition("_")[0], language):
        path = HERE / "locales" / code / "LC_MESSAGES" / "korean_search.po"
        if path.exists():
            with path.open("rb") as file:
                catalog = read_po(file, locale=code)
            found.update({str(each.id): str(each.string) for each in catalog if each.string})
    return {message: found[message] for message in MESSAGES}


def complete_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Themes ask whether there is a search page before they link to it."""
    if replaces(app) and (hasdoc := context.get("hasdoc")):
        context["hasdoc"] = lambda name: name == "search" or hasdoc(name)


# -- the files -----------------------------------------------------------------------------------


def pages(app: Sphinx) -> Iterator[Page]:
    for docname in sorted(store(app.env)):
        found = entries(app, docname, sections(app, docname))
        yield Page(docname, app.builder.get_target_uri(docname), found)


def entries(app: Sphinx, docname: str, collected: list[Section]) -> list[Entry]:
    found = []
    for section in collected:
        title = resolve(app, docname, section.title)
        blocks = [
            (kind, resolve_code(pieces) if kind == CODE else resolve(app, docname, pieces))
            for kind, pieces in section.blocks
        ]
        written = [(kind, text) for kind, text in blocks if text]
        found.append(Entry(section.anchor, title, section.parent, written, section.kind))
    return found


def tokenizer(
    language: SearchLanguage, words: Words, found: list[Page]
) -> Callable[[str], Iterable[Token]]:
    if not isinstance(language, SearchKorean) or SearchKorean.morphemes is None:
        return words.tokens
    korean = KoreanWords(SearchKorean.morphemes, words)
    for page in found:
        for entry in page.sections:
            korean.learn([entry.title, *(text for _, text in entry.blocks)])
    return korean.tokens


def write_index(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    if replaces(app):
        write_files(app)
    if SearchKorean.morphemes is not None:
        SearchKorean.morphemes.save(prune=replaces(app))


def write_files(app: Sphinx) -> None:
    folder = Path(app.outdir) / FOLDER
    found = list(pages(app))
    settings = {
        "language": app.config.language,
        "address": app.builder.get_target_uri("search"),
        "languages": app.config.korean_search_languages,
        "messages": messages(app.config.language),
    }
    stamp = Path(app.doctreedir) / "korean_search.stamp"
    state = digest(app, found, settings)
    if stamp.exists() and stamp.read_text() == state and (folder / "index.js").exists():
        keep_analyses(found)
        return
    language = language_class(app.config)(app.config.html_search_options)
    korean = isinstance(language, SearchKorean)
    words = language.words if korean else Words(language, hangul=True)
    index = Index(tokenizer(language, words, found), Aliases.of(names(app), words))
    written = {folder / "text" / f"{page.docname}.js": index.add(page) for page in found}
    stemmer, script = stemmer_script(language)
    written[folder / "index.js"] = index.script(
        **settings,
        stemmer=stemmer,
        stopwords=sorted(words.language.stopwords),
        verbs=verb_stems(index.counts),
    )
    written[folder / "stemmer.js"] = script
    replace_files(folder, written)
    for name in UNUSED:
        (Path(app.outdir) / "_static" / name).unlink(missing_ok=True)
    (Path(app.outdir) / "searchindex.js").unlink(missing_ok=True)
    stamp.write_text(state)


def keep_analyses(found: list[Page]) -> None:
    """Nothing is new: what is known of these texts is still needed."""
    if SearchKorean.morphemes is not None:
        SearchKorean.morphemes.keep_all()


def digest(app: Sphinx, found: list[Page], settings: dict[str, Any]) -> str:
    """Of everything that the files are made from."""
    parts = [repr(found), repr(settings), sphinx.__version__, str(app.outdir)]
    parts += [repr(names(app)), language_class(app.config).__qualname__]
    parts += [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.py"))]
    if SearchKorean.morphemes is not None:
        parts.append(SearchKorean.morphemes.stamp)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def verb_stems(terms: Iterable[str]) -> dict[str, list[str]]:
    morphemes = SearchKorean.morphemes
    if morphemes is None:
        return {}
    return {term: morphemes.stems(term) for term in sorted(terms) if term in morphemes.verbs()}


def replace_files(folder: Path, written: dict[Path, str]) -> None:
    """Write what differs, and delete what no page has any more."""
    for path in folder.rglob("*.js") if folder.exists() else ():
        if path not in written:
            path.unlink()
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
