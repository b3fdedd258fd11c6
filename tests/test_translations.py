"""A translation keeps what a reader clicks, copies or computes: links, terms, code, formulas."""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

LOCALES = Path(__file__).resolve().parents[1] / "docs" / "locales"
CATALOGS = sorted(LOCALES.rglob("*.po"))

# {role}`…` in a page, :role:`…` in a docstring, `…` alone; any number of backticks
BACKTICKS = re.compile(r"(?:\{([\w:.-]+)\}|:([\w:.-]+):)?(`+)(.+?)\3")
LINK = re.compile(r"\]\(([^)]*)\)")
FORMULA = re.compile(r"\$\$?([^$]+)\$\$?")
DEFAULT_ROLES = ("code", "obj")


def anatomy(text: str) -> Counter[tuple[str, str]]:
    """Each role with its target, each piece of code, link and formula of a message."""
    found: Counter[tuple[str, str]] = Counter()

    def backticks(match: re.Match[str]) -> str:
        role = (match[1] or match[2] or "code").removeprefix("py:")
        title_and_target = re.fullmatch(r".*<([^<>]+)>", match[4])
        target = title_and_target[1] if title_and_target and match[3] == "`" else match[4]
        found["code" if role in DEFAULT_ROLES else role, target] += 1
        return " "

    def formula(match: re.Match[str]) -> str:
        found["math", match[1]] += 1
        return " "

    def link(match: re.Match[str]) -> str:
        found["code", match[1]] += 1  # a docstring writes `title <address>`_
        return " "

    text = LINK.sub(link, BACKTICKS.sub(backticks, " ".join(text.split())))
    FORMULA.sub(formula, text)
    return found


@pytest.mark.parametrize("message", ["{term}`keys <key>` of $K$", "[x](url) and `f(x)`"])
def test_anatomy_sees_a_difference(message: str) -> None:
    assert sum(anatomy(message).values()) == 2
    assert anatomy(message) != anatomy(message.replace("K", "Q").replace("f(x)", "f(y)"))


def test_docstrings_and_pages_write_the_same_thing_in_two_ways() -> None:
    docstring = ":func:`f`, ``x``, `Y`, :math:`a`, `title <https://jumok.org>`_"
    page = "{py:func}`f`, `x`, {py:obj}`Y`, $a$, [제목](https://jumok.org)"
    assert anatomy(docstring) == anatomy(page)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.relative_to(LOCALES).as_posix())
def test_translations_keep_roles_code_links_and_formulas(path: Path) -> None:
    catalog = polib.pofile(str(path))
    differences = [
        f"{path.name}:{entry.linenum}: {entry.msgid[:60]!r}: "
        f"lost {dict(original - translated)}, added {dict(translated - original)}"
        for entry in catalog.translated_entries()
        if (original := anatomy(entry.msgid)) != (translated := anatomy(entry.msgstr))
    ]
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.relative_to(LOCALES).as_posix())
def test_catalogs_are_clean(path: Path) -> None:
    catalog = polib.pofile(str(path))
    assert not catalog.obsolete_entries()
    assert not [entry.msgid for entry in catalog if entry.occurrences], "whose folders are these?"
    broken = [entry.msgstr for entry in catalog if re.search(r"[\x00-\x09\x0b-\x1f]", entry.msgstr)]
    assert not broken, "control characters, such as \\t of an unescaped \\top"
