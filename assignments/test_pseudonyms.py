"""Tests of assignment 4."""

from types import ModuleType
from typing import Any

import pytest


def entity(text: str, name: str, kind: str, score: float = 0.9, nth: int = 0) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = text.index(name, start + 1)
    return {
        "entity_group": kind,
        "score": score,
        "word": name.lower(),
        "start": start,
        "end": start + len(name),
    }


def test_surest_of_overlapping_entities_stays(work: ModuleType) -> None:
    text = "New York City Hall"
    long, short = entity(text, "New York City Hall", "ORG", 0.6), entity(text, "York", "PER", 0.8)
    weak = entity(text, "Hall", "LOC", 0.3)
    assert work.choose_entities([long, short, weak], threshold=0.2) == [short, weak]
    assert work.choose_entities([long, short, weak], threshold=0.5) == [short]
    same = entity(text, "New York", "LOC", 0.8)
    assert work.choose_entities([short, same], threshold=0.5) == [same]


def test_neighbours_do_not_overlap_and_order_is_the_texts(work: ModuleType) -> None:
    text = "서울부산"
    second, first = entity(text, "부산", "LOC", 0.9), entity(text, "서울", "LOC", 0.6)
    assert work.choose_entities([second, first], threshold=0.5) == [first, second]


def test_hiding(work: ModuleType) -> None:
    text = "Optimus Prime에서 메가트론을 받았습니다. 메가트론은 Optimus Prime의 적입니다."
    found = [
        entity(text, "메가트론", "PER", nth=1),
        entity(text, "Optimus Prime", "PER"),
        entity(text, "메가트론", "PER"),
        entity(text, "Optimus Prime", "ORG", nth=1),
    ]
    hidden, names = work.hide_names(text, found)
    assert hidden == "[PER1]에서 [PER2]을 받았습니다. [PER2]은 [ORG1]의 적입니다."
    assert names == {"[PER1]": "Optimus Prime", "[PER2]": "메가트론", "[ORG1]": "Optimus Prime"}
    assert work.restore_names(hidden, names) == text


def test_text_without_names(work: ModuleType) -> None:
    assert work.hide_names("아무도 없습니다.", []) == ("아무도 없습니다.", {})


def test_text_that_looks_hidden_already_is_refused(work: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"\[PER1\]"):
        work.hide_names("Dear [PER1], hello", [])
    assert work.hide_names("see [1] and [A]", [])[0] == "see [1] and [A]"


def test_restoring_takes_whole_placeholders(work: ModuleType) -> None:
    names = {"[PER1]": "Ann", "[PER12]": "[PER1]"}
    assert work.restore_names("[PER12] [PER1] [PER1]s [LOC1]", names) == "[PER1] Ann Anns [LOC1]"


def test_worker_sees_no_name_and_everything_is_one_batch(work: ModuleType) -> None:
    texts = ["Ann lives in Rome.", "Nobody.", "Bob met Ann."]
    names = {"Ann": "PER", "Bob": "PER", "Rome": "LOC"}
    calls: list[tuple[str, list[str]]] = []

    def recognize(given: list[str]) -> list[list[dict[str, Any]]]:
        calls.append(("recognize", list(given)))
        return [
            [entity(text, name, kind) for name, kind in names.items() if name in text]
            for text in given
        ]

    def answer(given: list[str]) -> list[str]:
        calls.append(("answer", list(given)))
        return [f"You wrote: {text}" for text in given]

    pseudonymize = work.Pseudonymizer(recognize)
    assert pseudonymize(texts, answer) == [f"You wrote: {text}" for text in texts]
    assert [name for name, _ in calls] == ["recognize", "answer"]
    assert not any(name in text for text in calls[1][1] for name in names)
    assert calls[1][1][2] == "[PER1] met [PER2]."
    assert pseudonymize([], answer) == []


def test_unsure_entities_stay(work: ModuleType) -> None:
    text = "Ann and Bob"

    def recognize(given: list[str]) -> list[list[dict[str, Any]]]:
        return [
            [entity(each, "Ann", "PER", 0.4), entity(each, "Bob", "PER", 0.7)] for each in given
        ]

    seen: list[str] = []

    def keep(given: list[str]) -> list[str]:
        seen.extend(given)
        return given

    assert work.Pseudonymizer(recognize, threshold=0.5)([text], keep) == [text]
    assert seen == ["Ann and [PER1]"]


def test_with_the_package_of_the_book(work: ModuleType) -> None:
    from jumok.data.letters import letters
    from jumok.pipelines import pipeline

    texts = [each.text("en") for each in letters("train", 2, seed=5)]
    recognize = pipeline("ner", aggregation_strategy="simple")
    assert work.Pseudonymizer(recognize)(texts, list) == texts
