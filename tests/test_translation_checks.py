"""Each check of the translations finds what is planted, and leaves correct Korean alone."""

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from translation_cases import CORRECT, DEFECTS, Cases
from translation_checks import (
    Pair,
    Settings,
    check_files,
    check_pairs,
    read_catalog,
    rule_names,
)
from translation_checks.markup import Markup
from translation_mutations import DAMAGES, damaged

ROOT = Path(__file__).resolve().parents[1]

SETTINGS = Settings.read(ROOT)
MARKUP = Markup(SETTINGS.myst)


def found(source: str, translation: str, **options: object) -> list[str]:
    """The rules that a pair breaks."""
    language = str(options.pop("language", "ko"))
    pair = Pair(Path("x.po"), 1, language, source, translation, MARKUP, **options)  # type: ignore[arg-type]
    return sorted({finding.rule for finding in check_pairs([pair], SETTINGS, language)})


def cases(table: Cases) -> Iterator[object]:
    for rule, pairs in table.items():
        for number, (source, translation) in enumerate(pairs, 1):
            yield pytest.param(rule, source, translation, id=f"{rule}-{number}")


@pytest.mark.parametrize(("rule", "source", "translation"), list(cases(DEFECTS)))
def test_a_planted_defect_is_found(rule: str, source: str, translation: str) -> None:
    assert rule in found(source, translation)


@pytest.mark.parametrize(("rule", "source", "translation"), list(cases(CORRECT)))
def test_a_correct_translation_passes_every_rule(rule: str, source: str, translation: str) -> None:
    assert found(source, translation) == []


def test_every_rule_has_its_cases() -> None:
    assert DEFECTS.keys() == CORRECT.keys()
    for table in (DEFECTS, CORRECT):
        assert {rule: len(pairs) for rule, pairs in table.items() if len(pairs) < 5} == {}


def test_the_catalogs_of_this_project_pass() -> None:
    command = [sys.executable, "tools/check_translations.py"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]


# -- places, exceptions, other languages and projects ---------------------------------------------

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of another shape: two languages besides English, a glossary, a word list."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.translation-checks]\n"
        'catalogs = "po/{language}/**/*.po"\n'
        'interface = "ui/{language}.po"\n'
        'docstrings = ["api/*"]\n'
        'myst-configuration = "conf.py"\n'
        'glossary = "terms.yml"\n'
        "[[tool.translation-checks.words.xx]]\n"
        'english = "word"\nuse = "mot"\navoid = ["parole"]\n'
    )
    (tmp_path / "conf.py").write_text(
        'raise SystemExit("conf.py is read, not executed")\n'
        'myst_enable_extensions = ["dollarmath", "substitution"]\n'
    )
    (tmp_path / "terms.yml").write_text(
        "- term: attention\n  ko: 어텐션\n  xx: attensio\n"
        "  synonyms: {xx: [focus]}\n  definition: {en: A mean., ko: 평균입니다., xx: Medius.}\n"
    )
    return tmp_path


def catalog(project: Path, name: str, body: str, language: str = "xx") -> Path:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(language=language) + "\n" + body, encoding="utf-8")
    return path


def findings(project: Path, path: Path, language: str = "xx") -> list[tuple[int, str]]:
    settings = Settings.read(project)
    return [(found.line, found.rule) for found in check_files([path], settings, language)]


def test_a_finding_names_the_line_of_the_translation(project: Path) -> None:
    body = (
        '# a note\n#, fuzzy\nmsgid "Old `a`"\nmsgstr "Vetus"\n\n'
        'msgid ""\n"Call "\n"`f`."\nmsgstr ""\n"Voca "\n"`g`."\n\n'
        'msgctxt "menu"\nmsgid "Open `x`"\nmsgstr "Aperi"\n\nmsgid "Not `yet`"\nmsgstr ""\n'
    )
    path = catalog(project, "po/xx/page.po", body)
    assert findings(project, path) == [(14, "code"), (14, "code"), (20, "code")]
    lines = path.read_text().splitlines()
    assert lines[13] == 'msgstr ""'
    assert lines[19] == 'msgstr "Aperi"'


def test_a_third_language_has_the_general_rules_terms_and_words_only(project: Path) -> None:
    assert Settings.read(project).languages() == []
    body = 'msgid "A word on attention."\nmsgstr "Parole de focus."\n'
    path = catalog(project, "po/xx/deep/page.po", body)
    assert Settings.read(project).languages() == ["xx"]
    assert findings(project, path) == [(7, "terms"), (7, "words")]
    good = 'msgid "A word on attention."\nmsgstr "Mot de attensio."\n'
    assert findings(project, catalog(project, "po/xx/good.po", good)) == []
    names = rule_names(Settings.read(project), "xx")
    assert "roles" in names
    assert "particles" not in names
    assert "particles" in rule_names(Settings.read(project), "ko")


def test_an_exception_needs_a_reason_and_something_to_hide(project: Path) -> None:
    wrong = 'msgid "Take 30 of `x`."\nmsgstr "Cape `x`."\n\n'
    right = 'msgid "Take it."\nmsgstr "Cape id."\n'
    body = (
        f"# check: ignore numbers thirty is a joke here\n{wrong}"
        f"# check: ignore numbers\n{wrong.replace('30', '40')}"
        f"# check: ignore code nothing is wrong with it\n{right}"
    )
    path = catalog(project, "po/xx/page.po", body)
    found = findings(project, path)
    assert found == [(12, "numbers"), (12, "unused-exception"), (16, "unused-exception")]


def test_docstrings_are_compared_with_myst(project: Path) -> None:
    same = (
        'msgid "See :func:`f`, ``x``, `Y`, :math:`a`, `that <https://a.org>`_ and *it*."\n'
        'msgstr "Vide {py:func}`f`, `x`, {py:obj}`Y`, $a$, [id](https://a.org), *hoc*."\n'
    )
    assert findings(project, catalog(project, "po/xx/api/a.po", same)) == []
    lost = 'msgid "See :func:`f` and `Y`."\nmsgstr "Vide {py:func}`f`, `Y`."\n'
    assert {rule for _, rule in findings(project, catalog(project, "po/xx/api/b.po", lost))} == {
        "code",
        "roles",
    }
    raw = 'msgid "See :func:`f`."\nmsgstr "Vide :func:`f`."\n'
    rules = {rule for _, rule in findings(project, catalog(project, "po/xx/api/c.po", raw))}
    assert {"markup", "roles"} <= rules


def test_the_projects_own_myst_extensions_count(project: Path) -> None:
    body = 'msgid "Say {{ name }} to ~~me~~."\nmsgstr "Dic {{ name }} ~~mihi~~."\n'
    assert findings(project, catalog(project, "po/xx/page.po", body)) == []
    lost = 'msgid "Say {{ name }}."\nmsgstr "Dic {{ nomen }}."\n'
    found = findings(project, catalog(project, "po/xx/lost.po", lost))
    assert found == [(7, "substitutions"), (7, "substitutions")]


def test_interface_strings_are_words_with_placeholders(project: Path) -> None:
    body = (
        '#, python-format\nmsgid "%s of %(all)d"\nmsgstr "%(all)d"\n\n'
        'msgid "Show *all*"\nmsgstr "Omnia *"\n\n'
        '#, python-format\nmsgid "%d page"\nmsgid_plural "%d pages"\n'
        'msgstr[0] "%d pagina"\nmsgstr[1] "paginae"\n'
    )
    path = catalog(project, "ui/xx.po", body)
    assert findings(project, path) == [(8, "placeholders"), (17, "placeholders")]


def test_a_broken_file_is_a_finding_with_its_line(project: Path) -> None:
    path = catalog(project, "po/xx/page.po", 'msgid "a\nmsgstr "b"\n')
    assert [rule for _, rule in findings(project, path)] == ["catalog"]
    twice = catalog(project, "po/xx/twice.po", 'msgid "a"\nmsgstr "b"\n\n' * 2)
    assert findings(project, twice) == [(9, "catalog")]
    unopened = catalog(project, "po/xx/unopened.po", 'msgid "a"\nmsgstr b"\n')
    assert findings(project, unopened) == [(7, "catalog")]
    other = catalog(project, "po/xx/other.po", 'msgid "A cat"\nmsgstr "Feles"\n', language="fr")
    assert findings(project, other) == [(1, "catalog")]


def test_definitions_of_the_glossary_are_translations_too(project: Path) -> None:
    settings = Settings.read(project)
    assert check_files([], settings, "xx", glossary=True) == []
    path = project / "terms.yml"
    path.write_text(path.read_text().replace("A mean.", "A mean of 3 values."))
    (found,) = check_files([], Settings.read(project), "ko", ["numbers"], glossary=True)
    assert (found.path.name, found.line, found.rule) == ("terms.yml", 1, "numbers")


def test_the_command_prints_place_texts_and_fault(project: Path) -> None:
    path = catalog(project, "po/xx/page.po", 'msgid "Call `f`."\nmsgstr "Voca."\n')
    command = [sys.executable, str(ROOT / "tools/check_translations.py"), "--root", str(project)]
    result = subprocess.run(
        [*command, str(path)], capture_output=True, text=True, check=False, cwd=project
    )
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "po/xx/page.po:7: code span `f` is missing; the English has it once [code]",
        "    English:     Call `f`.",
        "    Translation: Voca.",
        "1 catalogs, 1 findings",
    ]
    path.write_text(path.read_text().replace("Voca.", "Voca `f`."))
    assert subprocess.run(command, capture_output=True, check=False, cwd=project).returncode == 0
    stray = [*command, str(project / "nowhere.po")]
    assert subprocess.run(stray, capture_output=True, check=False).returncode == 2


def test_random_damage_to_real_entries_is_caught() -> None:
    rng = random.Random(11)
    real = [
        item
        for path in SETTINGS.files("ko")
        if not SETTINGS.has_docstrings(SETTINGS.page_of(path, "ko") or "")
        for item in read_catalog(path, "ko", MARKUP)
        if isinstance(item, Pair) and not item.is_maths
    ]
    made: list[tuple[str, Pair]] = []
    for name in DAMAGES:
        rng.shuffle(real)
        texts = ((pair, damaged(name, rng, pair.source, pair.translation)) for pair in real)
        changed = [(pair, text) for pair, text in texts if text][:8]
        assert changed, name
        for pair, text in changed:
            made.append((name, replace(pair, translation=text, line=len(made), ignored=())))
    pairs = [pair for _, pair in made]
    caught = {finding.line for finding in check_pairs(pairs, SETTINGS, "ko")}
    missed = [(name, pair.translation) for name, pair in made if pair.line not in caught]
    assert len(missed) < 0.07 * len(made), missed
