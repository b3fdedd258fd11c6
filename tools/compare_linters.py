"""Compare linters of translations on planted defects, correct pairs, damage and the real catalogs.

Usage: python tools/compare_linters.py [--damage 60] [--output docs/records/tools/….json]

Besides our own checks it runs, where they are installed, hanlint (all rules of its preset `docs`),
translate-toolkit's pofilter, dennis and msgcheck (without its spelling, which needs a C library).
Every tool reads the same .po files: one with the planted defects of tests/translation_cases.py,
one with its correct pairs, one with random damage to real entries (tests/translation_mutations.py),
and the catalogs as they are. What a tool says of an undamaged real entry doesn't count as found.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import types
from collections import Counter, defaultdict
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import polib

from settings import ROOT

sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "extensions"))
sys.path.insert(0, str(ROOT / "tests"))

from translation_cases import CORRECT, DEFECTS
from translation_checks import Pair, Settings, check_pairs, read_catalog
from translation_checks.markup import Markup
from translation_mutations import DAMAGES, damaged

RECORD = ROOT / "docs" / "records" / "tools" / "translation_linters.json"
SEED = 3

#: For each entry of a file, the rules that complain.
Complaints = dict[int, set[str]]
Case = tuple[str, str, str]  # kind of defect, message, translation

SETTINGS = Settings.read(ROOT)
MARKUP = Markup(SETTINGS.myst)


def write_cases(cases: list[Case], path: Path, *, contexts: bool = True) -> None:
    """A catalog with an entry for each case; its comment, and its context, is its number."""
    catalog = polib.POFile(wrapwidth=0)
    catalog.metadata = {"Language": "ko", "Content-Type": "text/plain; charset=UTF-8"}
    catalog.metadata["Plural-Forms"] = "nplurals=1; plural=0;"
    for number, (_, source, translation) in enumerate(cases):
        entry = polib.POEntry(msgid=source, msgstr=translation, tcomment=f"case {number}")
        if contexts:
            entry.msgctxt = str(number)
        catalog.append(entry)
    catalog.save(str(path))


def entry_at(path: Path) -> Callable[[int], int]:
    """A function from a line of a file to the number of its entry."""
    starts = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if found := re.match(r"# case (\d+)", line):
            starts.append((number, int(found[1])))
    return lambda line: max((start for start in starts if start[0] <= line), default=(0, -1))[1]


def run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def ours(cases: list[Case], path: Path) -> Complaints:
    pairs = [
        Pair(path, number + 1, "ko", source, translation, MARKUP)
        for number, (_, source, translation) in enumerate(cases)
    ]
    found: Complaints = defaultdict(set)
    for finding in check_pairs(pairs, SETTINGS, "ko"):
        found[finding.line - 1].add(finding.rule)
    return found


def hanlint(cases: list[Case], path: Path) -> Complaints:
    from hanlint import lintText

    texts = [" ".join(translation.split()) or "…" for _, _, translation in cases]
    found: Complaints = defaultdict(set)
    for finding in lintText("\n\n".join(texts) + "\n"):
        number = (finding.line - 1) // 2
        if number < len(cases):
            found[number].add(finding.rule)
    return found


def pofilter(cases: list[Case], path: Path) -> Complaints:
    output = path.with_suffix(".filtered.po")
    run(sys.executable, "-m", "translate.filters.pofilter", "--language=ko", str(path), str(output))
    found: Complaints = defaultdict(set)
    for entry in polib.pofile(str(output)) if output.exists() else ():
        for rule in re.findall(r"\(pofilter\) ([\w-]+):", entry.tcomment + entry.comment):
            found[int(entry.msgctxt)].add(rule)
    return found


def dennis(cases: list[Case], path: Path) -> Complaints:
    number_of = entry_at(path)
    found: Complaints = defaultdict(set)
    rule = ""
    told = run(sys.executable, "-c", "from dennis.cmdline import cli; cli()", "lint", str(path))
    for line in told.splitlines():
        if match := re.match(r"([EW]\d{3}):", line):
            rule = match[1]
        elif rule and (match := re.match(r"(\d+):", line)):
            found[number_of(int(match[1]))].add(rule)
            rule = ""
    return found


def msgcheck(cases: list[Case], path: Path) -> Complaints:
    for name in ("enchant", "enchant.checker", "enchant.tokenize"):
        module = types.ModuleType(name)
        module.Dict = module.DictWithPWL = module.SpellChecker = object  # type: ignore[attr-defined]
        module.DictNotFoundError = type("DictNotFoundError", (Exception,), {})  # type: ignore[attr-defined]
        sys.modules.setdefault(name, module)
    from msgcheck.po import PoCheck

    path = path.with_suffix(".plain.po")
    write_cases(cases, path, contexts=False)  # it reads only the last of entries with contexts
    number_of = entry_at(path)
    found: Complaints = defaultdict(set)
    checker = PoCheck()
    checker.set_check("compile", False)  # msgfmt refuses the file for one planted character
    for reports in checker.check_files([str(path)]):
        for report in reports:
            found[number_of(report.line)].add(report.idmsg)
    return found


TOOLS: dict[str, tuple[str, Callable[[list[Case], Path], Complaints]]] = {
    "translation_checks": ("", ours),
    "hanlint": ("hanlint", hanlint),
    "pofilter": ("translate-toolkit", pofilter),
    "dennis": ("dennis", dennis),
    "msgcheck": ("msgcheck", msgcheck),
}
MODULES = {"pofilter": "translate"}


def real_cases() -> list[Case]:
    """Every translated entry of the project's Korean pages."""
    return [
        ("real", item.source, item.translation)
        for path in SETTINGS.files("ko")
        if (page := SETTINGS.page_of(path, "ko")) and not SETTINGS.has_docstrings(page)
        for item in read_catalog(path, "ko", MARKUP)
        if isinstance(item, Pair) and not item.is_maths
    ]


def damage_cases(real: list[Case], number: int) -> list[tuple[int, Case]]:
    """Damaged entries with the number of the entry they are made from."""
    rng = random.Random(SEED)
    found: list[tuple[int, Case]] = []
    for name in DAMAGES:
        order = list(range(len(real)))
        rng.shuffle(order)
        kept = 0
        for index in order:
            _, source, translation = real[index]
            if kept < number and (text := damaged(name, rng, source, translation)):
                found.append((index, (name, source, text)))
                kept += 1
    return found


def measure(name: str, number: int, folder: Path) -> dict[str, object]:
    """What one tool finds, and what it finds wrongly."""
    package, tool = TOOLS[name]

    def complaints(label: str, cases: list[Case]) -> Complaints:
        path = folder / f"{name}-{label}.po"
        write_cases(cases, path)
        return tool(cases, path)

    planted = [(rule, *pair) for rule, pairs in DEFECTS.items() for pair in pairs]
    correct = [(rule, *pair) for rule, pairs in CORRECT.items() for pair in pairs]
    real = real_cases()
    damage = damage_cases(real, number)
    in_planted, in_correct = complaints("planted", planted), complaints("correct", correct)
    in_real = complaints("real", real)
    in_damage = complaints("damage", [case for _, case in damage])
    rules: dict[str, Counter[str]] = defaultdict(Counter)
    for label, found in (("planted", in_planted), ("correct", in_correct), ("real", in_real)):
        for names in found.values():
            for rule in names:
                rules[rule][label] += 1
    caught: Counter[str] = Counter()
    for position, (index, (kind, _, _)) in enumerate(damage):
        new = in_damage.get(position, set()) - in_real.get(index, set())
        caught[kind] += bool(new)
        for rule in new:
            rules[rule]["damage"] += 1
    made = Counter(case[0] for _, case in damage)
    return {
        "version": version(package) if package else "",
        "planted": {"found": len(in_planted), "of": len(planted)},
        "correct": {"reported": len(in_correct), "of": len(correct)},
        "real": {"reported": len(in_real), "of": len(real)},
        "damage": {"found": sum(caught.values()), "of": len(damage)},
        "damage by kind": {kind: {"found": caught[kind], "of": made[kind]} for kind in made},
        "rules": {rule: dict(counts) for rule, counts in sorted(rules.items())},
    }


def main() -> None:
    from jumok.records import write_record

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--damage", type=int, default=60, help="entries for each kind of damage")
    parser.add_argument("--output", type=Path, default=RECORD)
    arguments = parser.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (package, _) in TOOLS.items():
            if package and importlib.util.find_spec(MODULES.get(name, name)) is None:
                print(f"{name}: not installed (pip install {package})")
                continue
            results[name] = found = measure(name, arguments.damage, Path(folder))
            counts = {key: found[key] for key in ("planted", "correct", "real", "damage")}
            print(f"{name}: {counts}", flush=True)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_record(arguments.output, results, seeds=[SEED])
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    main()
