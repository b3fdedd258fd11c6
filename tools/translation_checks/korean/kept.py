"""The rules of hanlint (https://github.com/eddmpython/hanlint) that help translators here.

What each of its rules found in this project's catalogs, rightly and wrongly, is in the record
that ``tools/compare_linters.py`` writes. Kept are those that find mistakes of spelling and
spacing and clumsy passives. Left out are its rules about the composition of an article, and
what is a matter of taste.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hanlint import lintText

from translation_checks.catalogs import Pair
from translation_checks.findings import Finding
from translation_checks.markup import PLACEHOLDER

#: hanlint's rule and the name it has here.
KEPT = {
    "spacing": "spelling",
    "spelling": "spelling",
    "confusable": "spelling",
    "redundantPair": "spelling",
    "japaneseLoan": "spelling",
    "doublePassive": "translationese",
    "doubleNegative": "translationese",
    "translationese": "translationese",
}
# Its translationese is a dictionary; these entries are good Korean as often as not.
_TASTE = re.compile(
    r"^`[^`]*(?:에 대한|에 대(?:해|하여)|에 관한|에 관(?:해|하여)|통해"
    r"|위(?:해|하여)|로부터|하게 만들)"
)


def lint(pairs: list[Pair]) -> Iterator[Finding]:
    """One run over all translations, a paragraph each."""
    chosen = [pair for pair in pairs if not pair.is_maths and pair.syntax != "plain"]
    if not chosen:
        return
    paragraphs = [_paragraph(pair) for pair in chosen]
    # A paragraph is two lines of the text: its own and the blank one.
    for finding in lintText("\n\n".join(paragraphs) + "\n"):
        if finding.rule in KEPT and not _TASTE.search(finding.why):
            pair = chosen[(finding.line - 1) // 2]
            if KEPT[finding.rule] == "spelling" or not _own(pair, finding.why):
                yield pair.finding(KEPT[finding.rule], _message(finding))


def _own(pair: Pair, why: str) -> bool:
    """Whether our own rule has already told it."""
    from .style import translationese

    words = re.match(r"`([^`]*)`", why)
    return any(words and words[1].strip() in message for message in translationese(pair))


def _paragraph(pair: Pair) -> str:
    text = PLACEHOLDER.sub("`x`", " ".join(pair.translated.visible.split()))
    return re.sub(r"^(?=[#>|*+-]|\d+[.)])", "… ", text) or "…"


def _message(finding: object) -> str:
    why = getattr(finding, "why", "")
    fix = getattr(finding, "replacement", None)
    return f"{why}" + (f" → {fix}" if fix else "")


def rule_names() -> Iterable[str]:
    return sorted(set(KEPT.values()))
