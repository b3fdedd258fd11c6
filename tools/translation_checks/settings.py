"""What a project says about its catalogs, in pyproject.toml."""

from __future__ import annotations

import ast
import fnmatch
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def literal_assignments(path: Path, prefix: str) -> dict[str, Any]:
    """The assignments of literals to names with a prefix, in a file that is not executed."""
    found: dict[str, Any] = {}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            if isinstance(target, ast.Name) and target.id.startswith(prefix):
                try:
                    found[target.id.removeprefix(prefix)] = ast.literal_eval(statement.value)
                except ValueError:
                    continue  # computed: not markup configuration as this program needs it
    return found


@dataclass(frozen=True)
class WordChoice:
    """One word for one thing: ``use`` and not ``avoid``, where the source says ``english``."""

    use: str
    avoid: tuple[str, ...]
    english: str = ""


@dataclass(frozen=True)
class Settings:
    """Where a project's catalogs are, and how their messages are written."""

    root: Path
    source_language: str = "en"
    catalogs: str = "docs/locales/{language}/LC_MESSAGES/**/*.po"
    interface: tuple[str, ...] = ()
    docstrings: tuple[str, ...] = ()
    glossary: Path | None = None
    myst: dict[str, Any] = field(default_factory=dict, hash=False)
    word_lists: tuple[tuple[str, WordChoice], ...] = ()

    @classmethod
    def read(cls, root: Path) -> Settings:
        """Settings of the project in a folder."""
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        table = project.get("tool", {}).get("translation-checks", {})
        configuration = table.get("myst-configuration")
        return cls(
            root=root,
            source_language=table.get("source-language", cls.source_language),
            catalogs=table.get("catalogs", cls.catalogs),
            interface=_strings(table.get("interface", ())),
            docstrings=_strings(table.get("docstrings", ())),
            glossary=root / table["glossary"] if "glossary" in table else None,
            myst=literal_assignments(root / configuration, "myst_") if configuration else {},
            word_lists=tuple(
                (
                    language,
                    WordChoice(choice["use"], _strings(choice["avoid"]), choice.get("english", "")),
                )
                for language, choices in table.get("words", {}).items()
                for choice in choices
            ),
        )

    def words(self, language: str) -> tuple[WordChoice, ...]:
        """The word list of a language."""
        return tuple(choice for code, choice in self.word_lists if code == language)

    def languages(self) -> list[str]:
        """Every language that has a folder of catalogs."""
        before, _, after = self.catalogs.partition("{language}")
        rest = after.strip("/").split("/")[0]
        folders = (self.root / before).glob(f"*/{rest}" if rest else "*")
        return sorted({folder.relative_to(self.root / before).parts[0] for folder in folders})

    def files(self, language: str) -> list[Path]:
        """The catalogs of a language: pages first, then interface strings."""
        patterns = (self.catalogs, *self.interface)
        return [
            path
            for pattern in patterns
            for path in sorted(self.root.glob(pattern.format(language=language)))
        ]

    def language_of(self, path: Path) -> str | None:
        """The language whose catalog a file is, if it is one."""
        languages = self.languages()
        return next((code for code in languages if path.resolve() in self.files(code)), None)

    def page_of(self, path: Path, language: str) -> str | None:
        """The name of the page that a catalog belongs to; None for interface strings."""
        pattern = self.catalogs.format(language=language)
        folder = self.root / pattern.split("*")[0]
        if path.is_relative_to(folder):
            return path.relative_to(folder).with_suffix("").as_posix()
        return None

    def has_docstrings(self, page: str) -> bool:
        return any(fnmatch.fnmatch(page, pattern) for pattern in self.docstrings)


def _strings(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
