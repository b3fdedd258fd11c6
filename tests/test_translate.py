"""The translator's commands: merging, wrapping, reporting, a new language, arguments."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[1]
for folder in ("tools", "extensions"):
    sys.path.insert(0, str(ROOT / folder))

import translate  # noqa: E402
from languages import LanguagesError, read_languages  # noqa: E402
from settings import TRANSLATIONS  # noqa: E402
from translation import new_language, update  # noqa: E402
from translation.catalogs import (  # noqa: E402
    Catalog,
    CatalogError,
    Message,
    catalog_text,
    new_header,
    read_catalog,
)
from translation.extraction import PageError, Texts, page_names  # noqa: E402
from translation.merging import Memory, merge  # noqa: E402
from translation.report import glossary_state  # noqa: E402

PARAGRAPH = (
    "A query asks, a key answers, and a value is what is handed over. The score of a pair is the "
    "dot product of query and key, divided by the square root of their length, so that the scores "
    "keep their size however long the vectors are. A softmax turns the scores of one query into "
    "weights that add up to one."
)
TRANSLATED = "쿼리는 묻고 키는 답하며 값은 건네줍니다. 점수는 내적을 제곱근으로 나눈 것입니다."
REAL = sorted([*ROOT.glob("docs/locales/*/LC_MESSAGES/**/*.po"), *ROOT.glob("site/locales/*.po")])


def catalog(*messages: Message) -> Catalog:
    return Catalog(list(messages), new_header("ko", "2026-01-01 00:00+0000"))


def entries(merged: Catalog) -> list[tuple[str, str, bool]]:
    return [(message.msgid, message.msgstr, message.fuzzy) for message in merged.active]


# -- merging ---------------------------------------------------------------------------------


def test_a_changed_word_keeps_the_translation_for_review() -> None:
    changed = PARAGRAPH.replace("A softmax turns", "The softmax function turns")
    old = catalog(Message("Masks", "마스크"), Message(PARAGRAPH, TRANSLATED))
    merged = merge(old, ["Masks", changed])
    assert entries(merged) == [("Masks", "마스크", False), (changed, TRANSLATED, True)]
    assert merged.messages[1].previous == PARAGRAPH
    assert f'#| "{PARAGRAPH[:40]}' in catalog_text(merged)
    # changed once more before anybody translated: the translation is still that of the first
    again = changed.replace("one query", "each query")
    assert merge(merged, ["Masks", again]).messages[1].previous == PARAGRAPH


def test_a_change_taken_back_leaves_nothing_behind() -> None:
    old = catalog(Message(PARAGRAPH, TRANSLATED))
    merged = merge(merge(old, [PARAGRAPH + " Really."]), [PARAGRAPH])
    assert catalog_text(merged) == catalog_text(old)


def test_a_moved_paragraph_is_not_touched() -> None:
    old = catalog(Message("One", "하나"), Message(PARAGRAPH, TRANSLATED), Message("Two", "둘"))
    merged = merge(old, [PARAGRAPH, "Two", "One"])
    assert entries(merged) == [
        (PARAGRAPH, TRANSLATED, False),
        ("Two", "둘", False),
        ("One", "하나", False),
    ]
    assert all(message.previous is None for message in merged.messages)


@pytest.mark.parametrize("cut", [". The score", ". A softmax"])
def test_both_parts_of_a_split_paragraph_keep_the_translation(cut: str) -> None:
    first, second = PARAGRAPH.split(cut)
    parts = [first + ".", cut[2:] + second]
    merged = merge(catalog(Message(PARAGRAPH, TRANSLATED)), parts)
    assert entries(merged) == [(part, TRANSLATED, True) for part in parts]
    assert {message.previous for message in merged.messages} == {PARAGRAPH}


def test_a_joined_paragraph_keeps_a_translation() -> None:
    more = " It is the only place where queries and keys meet, and it needs no parameters at all."
    merged = merge(catalog(Message(PARAGRAPH, TRANSLATED)), [PARAGRAPH + more * 4])
    assert entries(merged) == [(PARAGRAPH + more * 4, TRANSLATED, True)]


def test_a_deleted_paragraph_is_put_aside_and_comes_back() -> None:
    old = catalog(Message("One", "하나"), Message(PARAGRAPH, TRANSLATED))
    without = merge(old, ["One"])
    assert entries(without) == [("One", "하나", False)]
    assert "#~ msgid" in catalog_text(without)
    assert entries(merge(without, ["One", PARAGRAPH])) == entries(old)
    assert merge(old, ["One"], keep_obsolete=False).messages == [Message("One", "하나")]


def test_different_texts_are_not_taken_for_each_other() -> None:
    old = catalog(
        Message("Padding masks hide what was added.", "패딩 마스크"), Message("Go", "가기")
    )
    merged = merge(old, ["Positions are sums of waves.", "Stop"])
    assert entries(merged) == [("Positions are sums of waves.", "", False), ("Stop", "", False)]


def test_a_paragraph_that_moved_to_another_page_takes_its_translation_along() -> None:
    memory = Memory([catalog(Message(PARAGRAPH, TRANSLATED))])
    assert entries(merge(catalog(), [PARAGRAPH], memory)) == [(PARAGRAPH, TRANSLATED, False)]
    put_aside = Memory([catalog(Message(PARAGRAPH, TRANSLATED, obsolete=True))])
    assert entries(merge(catalog(), [PARAGRAPH], put_aside)) == [(PARAGRAPH, TRANSLATED, False)]
    # moved and changed
    memory.note_homeless(catalog(Message(PARAGRAPH, TRANSLATED)), [])
    changed = PARAGRAPH.replace("one query", "each query")
    moved = merge(catalog(), [changed], memory)
    assert entries(moved) == [(changed, TRANSLATED, True)]
    assert moved.messages[0].previous == PARAGRAPH


def test_where_pages_translate_a_text_differently_it_is_to_be_reviewed() -> None:
    memory = Memory(catalog(Message("Weights", text)) for text in ("가중치", "무게", "가중치"))
    assert entries(merge(catalog(), ["Weights"], memory)) == [("Weights", "가중치", True)]


def test_a_page_that_was_not_executed_loses_nothing() -> None:
    old = catalog(
        Message("One", "하나"), Message("Axis label", "축 이름"), Message(PARAGRAPH, TRANSLATED)
    )
    changed = PARAGRAPH + " Really."
    merged = merge(old, ["One", changed], keep_unknown=True)
    assert entries(merged) == [
        ("One", "하나", False),
        ("Axis label", "축 이름", False),
        (changed, TRANSLATED, True),
    ]


def test_a_word_of_the_text_and_of_an_unseen_output_keeps_its_place() -> None:
    """An executed page has the word in a figure first; without the figure only in its table."""
    words = [Message("decoder", "디코더"), Message("One", "하나"), Message("Two", "둘")]
    merged = merge(catalog(*words), ["One", "decoder", "Two"], keep_unknown=True)
    assert [message.msgid for message in merged.messages] == ["decoder", "One", "Two"]
    moved = merge(catalog(*words), ["One", "decoder", "Two"])
    assert [message.msgid for message in moved.messages] == ["One", "decoder", "Two"]


def test_a_translators_notes_and_flags_stay() -> None:
    old = catalog(Message(PARAGRAPH, TRANSLATED, notes="용어 확인", flags=("no-wrap",)))
    (message,) = merge(old, [PARAGRAPH + " Really."]).messages
    assert (message.notes, message.flags) == ("용어 확인", ("no-wrap",))


@pytest.mark.skipif(shutil.which("msgmerge") is None, reason="GNU gettext isn't installed")
def test_gettext_itself_finds_the_same_entries_fuzzy(tmp_path: Path) -> None:
    """Real pages with a word changed in every third paragraph, merged by msgmerge and by us."""
    path = max(REAL, key=lambda path: path.stat().st_size)
    old = read_catalog(path)
    wanted = [message.msgid for message in old.active]
    edited = [
        text.replace(" the ", " this ", 1) if index % 3 == 0 and len(text) > 80 else text
        for index, text in enumerate(wanted)
    ]
    assert edited != wanted
    template = Catalog([Message(text) for text in edited], new_header("ko", "2026"))
    (tmp_path / "new.pot").write_text(catalog_text(template), encoding="utf-8")
    command = ["msgmerge", "--previous", "--no-location", "-q", str(path), "new.pot"]
    theirs = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    (tmp_path / "theirs.po").write_bytes(theirs.stdout)
    expected = read_catalog(tmp_path / "theirs.po")
    ours = merge(old, edited)
    assert [(one.msgid, one.msgstr, one.fuzzy, one.previous) for one in ours.active] == [
        (one.msgid, one.msgstr, one.fuzzy, one.previous) for one in expected.active
    ]


# -- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_catalogs_are_written_as_they_are_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert catalog_text(read_catalog(path)) == text
    assert re.search(r"^#, .*-format", text, re.M) is None, "prose is no format string"


@pytest.mark.skipif(shutil.which("msgcat") is None, reason="GNU gettext isn't installed")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_gettext_writes_the_same_bytes_and_finds_no_fault(path: Path) -> None:
    again = subprocess.run(["msgcat", str(path)], capture_output=True, check=True).stdout
    assert again == path.read_bytes()
    subprocess.run(["msgfmt", "--check", "-o", "-", str(path)], capture_output=True, check=True)


ALPHABETS = (
    "abcdefghij klmnop XYZ 0123456789 .,;:!?()[]{}<>\"'`*_/\\|-+=@#$%&~^ ",
    "가나다라마바사 아자차카타파하 어텐션은 ‘미리’ “알아” … · — – × → ≤ √ ² é ü ",
    "漢字かなカナー、。「」（）Ωλαβ Привет мир שלום \t\n ",
)


def random_text(chance: random.Random) -> str:
    alphabet = "".join(chance.sample(ALPHABETS, chance.randint(1, 3)))
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 400))) + "x"


@pytest.mark.skipif(shutil.which("msgcat") is None, reason="GNU gettext isn't installed")
def test_gettext_wraps_any_text_as_we_do(tmp_path: Path) -> None:
    chance = random.Random(0)
    messages = [
        Message(
            f"{index} {random_text(chance)}",
            random_text(chance),
            fuzzy=index % 3 == 0,
            previous=random_text(chance) if index % 3 == 0 else None,
            obsolete=index % 5 == 0,
            notes="a note" if index % 7 == 0 else "",
        )
        for index in range(300)
    ]
    for message in messages:  # msgfmt's rule: both end in a line break, or neither
        message.msgstr = message.msgstr.strip("\n")
    path = tmp_path / "random.po"
    path.write_text(catalog_text(catalog(*messages)), encoding="utf-8")
    theirs = subprocess.run(["msgcat", str(path)], capture_output=True, check=True)
    assert theirs.stdout.decode("utf-8") == path.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("msgcat") is None, reason="GNU gettext isn't installed")
def test_gettext_wraps_text_with_decomposed_hangul_as_we_do(tmp_path: Path) -> None:
    words = ["the", "syllable", "각", "(ᄀ, ᅡ, ᆨ),", "값이", "어텐션은", "ends", "here."]
    spelled = [unicodedata.normalize("NFD", word) for word in words]
    chance = random.Random(0)
    messages = [
        Message(f"{index} {' '.join(chance.choices(words + spelled, k=index))}", "한국어")
        for index in range(1, 100)
    ]
    path = tmp_path / "decomposed.po"
    path.write_text(catalog_text(catalog(*messages)), encoding="utf-8")
    theirs = subprocess.run(["msgcat", str(path)], capture_output=True, check=True)
    assert theirs.stdout.decode("utf-8") == path.read_text(encoding="utf-8")


def test_a_line_breaks_where_gettext_breaks_it() -> None:
    """Written by msgcat 0.21: between syllables of Hangul, and not in the middle of an escape."""
    text = (ROOT / "tests" / "data" / "wrapped.po").read_text(encoding="utf-8")
    assert catalog_text(read_catalog(ROOT / "tests" / "data" / "wrapped.po")) == text


def test_polib_reads_what_we_write(tmp_path: Path) -> None:
    message = Message('Say "hi"\tand\\go\nnow', "안녕", fuzzy=True, previous="Say hi")
    path = tmp_path / "one.po"
    path.write_text(catalog_text(catalog(message)), encoding="utf-8")
    (entry,) = polib.pofile(str(path))
    assert (entry.msgid, entry.msgstr) == (message.msgid, "안녕")
    assert (entry.previous_msgid, entry.flags) == ("Say hi", ["fuzzy"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'msgid "a"\nmsgstr "b\n', r"bad\.po:2"),
        (b'msgid "a"\nmsgstr "\xff"\n', r"bad\.po:2: not in UTF-8"),
        (b'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', r"bad\.po:4: 'a' stands here twice"),
        (b'msgid "a"\n<<<<<<< HEAD\nmsgstr "b"\n', r"bad\.po:2: an unresolved merge"),
    ],
)
def test_an_unreadable_catalog_is_named_with_its_line(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "bad.po"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=complaint):
        read_catalog(path)


# -- updating a site -------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the catalogs of one page in it."""
    import translation.extraction as extraction

    monkeypatch.setattr(extraction, "LOCALES", tmp_path / "locales")
    monkeypatch.setattr(extraction, "SITE_LOCALES", tmp_path / "site")
    monkeypatch.setattr(update, "ROOT", tmp_path)
    update.uncommitted.cache_clear()
    pages = {"a": [PARAGRAPH, "One"], "b": ["Two"]}
    update.update("ko", Texts(pages), everything=True)
    path = tmp_path / "locales" / "ko" / "LC_MESSAGES" / "a.po"
    filled = read_catalog(path)
    for message in filled.messages:
        message.msgstr = "번역"
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        filled.header[name] = "2026-01-01 00:00+0000"
    path.write_text(catalog_text(filled), encoding="utf-8")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    return tmp_path


def run(site: Path, pages: dict[str, list[str]], *, everything: bool = True) -> update.Update:
    update.uncommitted.cache_clear()
    return update.update("ko", Texts(pages), everything=everything)


def test_nothing_changed_changes_no_byte(site: Path) -> None:
    pages = {"a": [PARAGRAPH, "One"], "b": ["Two"]}
    done = run(site, pages)
    assert done.changed == []
    assert [state.translated for state in done.states] == [2, 0]
    assert run(site, pages).changed == []
    assert subprocess.check_output(["git", "status", "--short"], cwd=site) == b""


def test_the_revision_date_moves_with_the_translation_only(site: Path) -> None:
    path = site / "locales/ko/LC_MESSAGES/a.po"
    run(site, {"a": [PARAGRAPH, "One, two"]}, everything=False)
    header = read_catalog(path).header
    assert header["POT-Creation-Date"] != "2026-01-01 00:00+0000"
    assert header["PO-Revision-Date"] == "2026-01-01 00:00+0000"
    text = path.read_text("utf-8").replace("#, fuzzy\n", "", 1).replace("번역", "새 번역")
    path.write_text(re.sub(r"^#\| .*\n", "", text, flags=re.M), "utf-8")
    run(site, {"a": [PARAGRAPH, "One, two"]}, everything=False)
    header = read_catalog(path).header
    assert header["PO-Revision-Date"] != "2026-01-01 00:00+0000"
    before = path.read_bytes()
    run(site, {"a": [PARAGRAPH, "One, two"]}, everything=False)
    assert path.read_bytes() == before


def test_a_paragraph_that_moves_in_two_steps_is_not_lost(site: Path) -> None:
    run(site, {"a": ["One"]}, everything=False)
    done = run(site, {"b": ["Two", PARAGRAPH]}, everything=False)
    assert [state.translated for state in done.states] == [1]


def test_a_catalog_without_a_page_goes_and_leaves_its_texts(site: Path) -> None:
    compiled = site / "locales/ko/LC_MESSAGES/a.mo"
    compiled.write_bytes(b"")
    done = run(site, {"b": ["Two"], "renamed/a": [PARAGRAPH, "One"]})
    assert [path.name for path in done.removed] == ["a.po"]
    assert not compiled.exists()
    assert {state.page: state.missing for state in done.states} == {"b": 1, "renamed/a": 0}


def test_pages_that_could_not_be_read_keep_their_catalogs(site: Path) -> None:
    update.uncommitted.cache_clear()
    texts = Texts({"b": ["Two"]}, left_out=["a"])
    assert update.update("ko", texts, everything=True).removed == []
    assert (site / "locales/ko/LC_MESSAGES/a.po").exists()


def test_hand_made_lines_are_wrapped_again(site: Path) -> None:
    path = site / "locales/ko/LC_MESSAGES/a.po"
    before = path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b'"\n"', b"").replace(b"\n", b"\r\n"))
    run(site, {"a": [PARAGRAPH, "One"]}, everything=False)
    assert path.read_bytes() == before


def test_the_report_names_file_and_line(site: Path) -> None:
    run(site, {"a": [PARAGRAPH + " Really.", "One", "New"]}, everything=False)
    (state,) = update.states("ko", Texts({"a": [PARAGRAPH + " Really.", "One", "New"]}))
    assert (state.translated, state.to_review, state.missing) == (1, 1, 1)
    assert state.words_left == len(PARAGRAPH.split()) + 2
    path = site / "locales/ko/LC_MESSAGES/a.po"
    lines = path.read_text("utf-8").splitlines()
    for one in state.open:
        assert one.path == path
        assert any(line.startswith("msgid") for line in lines[one.line - 1 : one.line + 7])


def test_a_text_without_words_is_never_missing(site: Path) -> None:
    """A formula, a piece of code: shown as they are, and counted so on the status page too."""
    (state,) = update.states("ko", Texts({"a": [PARAGRAPH, "$d_k$", "`softmax`", "E = mc^2"]}))
    assert [one.msgid for one in state.open] == ["E = mc^2"]
    counted = {PARAGRAPH: 9, "$d_k$": 0, "`softmax`": 0, "E = mc^2": 0}
    (state,) = update.states("ko", Texts({"a": [*counted]}, counts={"a": counted}))
    assert (state.total, state.translated, state.words_left) == (4, 4, 0)


def test_a_term_without_a_translation_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(
        "- term: mask\n  ko: 마스크\n  definition:\n    en: It hides.\n    ko: 가립니다.\n"
        "- term: key\n  definition:\n    en: It is asked.\n    ko: 물어봅니다.\n"
        "- term: query\n  ko: 쿼리\n  definition:\n    en: It asks two.\n",
        encoding="utf-8",
    )
    state = glossary_state("ko", path)
    assert (state.translated, state.missing, state.words_left) == (4, 2, 4)
    assert [(one.line, one.msgid) for one in state.open] == [(6, "key"), (10, "It asks two.")]


# -- words on the command line ---------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "transformer/masks",
        "masks",
        "docs/transformer/masks.md",
        "./docs/transformer/masks.md",
        "docs/locales/ko/LC_MESSAGES/transformer/masks.po",
        "transformer\\masks",
    ],
)
def test_a_page_can_be_named_in_many_ways(word: str) -> None:
    assert page_names([word, "transformer/masks"]) == ["transformer/masks"]


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("transformer/mask", "did you mean transformer/masks"),
        ("maks", "did you mean transformer/masks"),
        ("tranformer/trainig", "did you mean transformer/training"),
        ("decoding", "could be reference/api/decoding or transformer/decoding"),
        ("zzz", "there is no page 'zzz'$"),
    ],
)
def test_an_unknown_page_is_answered_with_near_names(word: str, complaint: str) -> None:
    with pytest.raises(PageError, match=complaint):
        page_names([word])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "name a language"),
        (["en"], "is the source language"),
        (["masks"], "'masks' is no language of this site"),
        (["ko", "mask"], "did you mean"),
        (["ko", "--check", "--live"], "exclude each other"),
        (["ko", "--new", "ja"], "--new takes a code"),
    ],
)
def test_a_wrong_command_is_explained(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        translate.main(words)
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


# -- a new language --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "code", "name"),
    [
        ("ja", "ja", "日本語"),
        ("pt-br", "pt_BR", "Português (Brasil)"),
        ("zh_Hant", "zh_Hant", "繁體中文"),
        ("fr", "fr", "Français"),
        ("no", "no", "Norsk"),
    ],
)
def test_a_language_is_added_with_its_own_name(
    tmp_path: Path, word: str, code: str, name: str
) -> None:
    path = tmp_path / "languages.yml"
    path.write_text("# A comment.\n- code: en\n  name: English\n", encoding="utf-8")
    assert new_language.known_code(word) == code
    assert new_language.add_entry(path, code)
    added = path.read_bytes()
    assert added.startswith(b"# A comment.\n- code: en\n")
    assert not new_language.add_entry(path, code)
    assert path.read_bytes() == added
    *_, last = read_languages(path)
    assert (last.code, last.name, last.complete) == (code, name, False)


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("jp", r"do you mean ja \(Japanese\)"),
        ("japanese", r"do you mean ja \(Japanese\)"),
        ("Japanes", r"do you mean ja \(Japanese\)"),
        ("xx", "no language code that CLDR knows"),
        ("", "no language code"),
        ("../ko", "no language code"),
        ("ko; rm", "no language code"),
    ],
)
def test_an_unknown_code_is_refused(word: str, complaint: str) -> None:
    with pytest.raises(LanguagesError, match=complaint):
        new_language.known_code(word)


def test_plural_forms_come_from_cldr() -> None:
    assert new_header("ko", "")["Plural-Forms"] == "nplurals=1; plural=0;"
    assert new_header("fr", "")["Plural-Forms"].startswith("nplurals=2;")
    assert new_header("pt_BR", "")["Language"] == "pt_BR"


def test_the_site_has_a_translation() -> None:
    assert "ko" in TRANSLATIONS
