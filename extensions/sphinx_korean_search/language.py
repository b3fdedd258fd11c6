"""Korean for Sphinx's own index, and the stemmers that Sphinx brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import sphinx
from sphinx.search import SearchLanguage
from sphinx.search.en import SearchEnglish

from .korean import HANGUL, KoreanWords, Morphemes
from .words import Words

STEMMERS = Path(sphinx.__file__).parent / "search" / "minified-js"


class SearchKorean(SearchLanguage):
    """Nouns, verbs and adjectives by Kiwi; other words as in English."""

    lang = "ko"
    language_name = "Korean"
    stopwords = SearchEnglish.stopwords
    #: Set when a build begins: where analyses are kept, with the words of the glossary.
    morphemes: ClassVar[Morphemes | None] = None

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.english = SearchEnglish(options)
        self.words = Words(self.english)
        code = "\n".join(read_stemmer("english-stemmer.js"))
        self.js_stemmer_code = f"{code}\nwindow.Stemmer = EnglishStemmer;"
        scripts = Path(__file__).parent / "static"
        self.js_splitter_code = "\n".join(
            (scripts / name).read_text(encoding="utf-8")
            for name in ("korean-search-words.js", "korean-search-sphinx.js")
        )

    def split(self, input: str) -> list[str]:
        if self.morphemes is None:
            return super().split(input)
        found = []
        for token in KoreanWords(self.morphemes, self.words).tokens(input):
            if token.term:  # Sphinx stems what isn't Korean itself
                korean = HANGUL.search(token.term)
                word = input[token.start : token.start + token.length]
                found.append(token.term if korean else word)
        return found

    def stem(self, word: str) -> str:
        return self.english.stem(word)


def read_stemmer(name: str) -> list[str]:
    return [(STEMMERS / each).read_text(encoding="utf-8") for each in ("base-stemmer.js", name)]


def stemmer_script(language: SearchLanguage) -> tuple[str, str]:
    """The name of a language's stemmer, and the script that hands it to the search."""
    name = "english-stemmer.js"
    if not isinstance(language, SearchKorean):
        name = language.js_stemmer_rawcode
    if not name:
        return "", "// This language has no stemmer.\n"
    word = name.removesuffix("-stemmer.js")
    code = "\n".join(read_stemmer(name))
    register = f'KoreanSearch.stemmer("{word}", new {word.title()}Stemmer());'
    return word, f"(() => {{\nlet BaseStemmer;\n{code}\n{register}\n}})();\n"
