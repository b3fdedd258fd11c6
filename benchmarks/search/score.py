"""How good answers are: recall, precision, rank, and whether results lead to the right place."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.search.engines import Answer
from benchmarks.search.golden import Query, Verdict, shows
from benchmarks.search.texts import Page


@dataclass(frozen=True)
class Score:
    """One engine's answer to one query, judged."""

    query: Query
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    recall: float
    precision: float | None
    first: bool | None
    sections: float | None

    def complaints(self) -> Iterable[str]:
        """One line for each thing that is wrong with the answer."""
        if self.missing:
            yield f"{self.query}: does not find {', '.join(self.missing)}"
        if self.wrong:
            yield f"{self.query}: should not find {', '.join(self.wrong)}"
        if self.first is False:
            yield f"{self.query}: none of {', '.join(self.query.best)} comes first"


def score(query: Query, verdict: Verdict, answer: Answer, pages: dict[str, Page]) -> Score:
    """Judge an answer. A page that isn't among the judged ones does not count."""
    found = [name for name in answer.pages if name in pages]
    hits = [name for name in found if name in verdict.must]
    wrong = [name for name in found if name not in verdict.must | verdict.may]
    judged = len(hits) + len(wrong)
    return Score(
        query=query,
        missing=tuple(sorted(verdict.must.difference(found))),
        wrong=tuple(sorted(wrong)),
        recall=len(hits) / len(verdict.must) if verdict.must else 1.0,
        # Who finds nothing is imprecise only by what it misses; that is the recall.
        precision=len(hits) / judged if judged else None if verdict.must else 1.0,
        first=found[:1] != [] and found[0] in query.best if query.best else None,
        sections=sections_shown(query, answer, pages),
    )


def sections_shown(query: Query, answer: Answer, pages: dict[str, Page]) -> float | None:
    """The share of results that lead to a section which speaks of what was asked.

    A result without an anchor leads to the top of its page.
    """
    places = [(pages[name], anchor) for name, anchor in answer.results if name in pages]
    if not places:
        return None
    sections = [(page, page.section(anchor)) for page, anchor in places]
    return statistics.mean(
        section is not None and shows(query, page, section) for page, section in sections
    )


def summary(scores: Sequence[Score]) -> dict[str, float | int | None]:
    """The means over some queries."""

    def mean(values: Iterable[float | bool | None]) -> float | None:
        kept = [value for value in values if value is not None]
        return round(statistics.mean(kept), 4) if kept else None

    return {
        "queries": len(scores),
        "recall": mean(score.recall for score in scores),
        "precision": mean(score.precision for score in scores),
        "everything_found": mean(not score.missing for score in scores),
        "best_first": mean(score.first for score in scores),
        "leads_to_section": mean(score.sections for score in scores),
    }


def by_kind(scores: Sequence[Score]) -> dict[str, dict[str, Any]]:
    """The means of each language, and of each kind of query in it."""
    tables: dict[str, dict[str, Any]] = {}
    for language in dict.fromkeys(score.query.language for score in scores):
        own = [score for score in scores if score.query.language == language]
        kinds = dict.fromkeys(score.query.kind for score in own)
        tables[language] = {
            "all": summary(own),
            **{
                kind: summary([score for score in own if score.query.kind == kind])
                for kind in kinds
            },
        }
    return tables
