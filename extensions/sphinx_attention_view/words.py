"""Words of the views in the language of a build."""

from __future__ import annotations

import functools
import html
import json
import re
from pathlib import Path

from babel.messages.pofile import read_po

HERE = Path(__file__).parent
_MESSAGE = re.compile(
    r"<(?P<tag>\w+)(?P<attributes>[^<>]*\sdata-message=\"(?P<message>[^\"]*)\"[^<>]*)>"
    r"(?P<content>[^<]*)</(?P=tag)>"
)
_VALUES = re.compile(r"data-values=\"([^\"]*)\"")


@functools.cache
def catalog(language: str) -> dict[str, str]:
    """The translations of a language, by their English; none for a language without a catalog."""
    for name in (language, language.split("_")[0]):
        path = HERE / "locale" / name / "LC_MESSAGES" / "sphinx_attention_view.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=name, ignore_obsolete=True)
            return {
                str(message.id): str(message.string)
                for message in messages
                if message.id and message.string and not message.fuzzy
            }
    return {}


def translate(markup: str, language: str) -> str:
    """Put translations in place of the words that every view has.

    >>> translate('<p data-message="Head">Head</p>', "ko")
    '<p data-message="Head">헤드</p>'
    """
    translations = catalog(language)

    def replace(found: re.Match[str]) -> str:
        text = translations.get(html.unescape(found["message"]))
        if text is None:
            return found[0]
        values = _VALUES.search(found["attributes"])
        given = json.loads(html.unescape(values[1])) if values else {}
        content = html.escape(text.format(**given), quote=False)
        return f"<{found['tag']}{found['attributes']}>{content}</{found['tag']}>"

    return _MESSAGE.sub(replace, markup)


def words_element(language: str) -> str:
    """What hands the words to the script; empty for English."""
    translations = catalog(language)
    if not translations:
        return ""
    text = json.dumps(translations, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("&", "\\u0026")
    return f'<script type="application/json" id="attention-view-words">{text}</script>\n'
