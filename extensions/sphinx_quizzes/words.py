"""The extension's own words, in the language of the build."""

from __future__ import annotations

from pathlib import Path

from extension_catalogs import Words

WORDS = Words(Path(__file__).parent / "locale", "sphinx_quizzes")
translate = WORDS.translate

#: What the script says; numbers and names stand in braces.
SCRIPT = {
    "check": "Check",
    "again": "Try again",
    "right": "Right.",
    "wrong": "Not yet.",
    "unknown": "This isn't the answer, and no common mistake either.",
    "several": "Not all of them, or one too many.",
    "nothing": "Choose or type an answer first.",
    "number": "Your answer, a number",
    "shape": "Your answer, a shape such as 2, 5, 8",
    "badNumber": "Type a number, such as 12 or 0.5.",
    "badShape": "Type whole numbers with commas between them, such as 2, 5, 8.",
    "up": "Move up: {item}",
    "down": "Move down: {item}",
    "moved": "{item}: now at place {place} of {count}",
    "count": "{right} of {count} right",
    "done": "All {count} right.",
    "before": "You have answered this one right before.",
    "erase": "Erase my answers",
    "sure": "Erase your answers to all questions of this book?",
    "yes": "Erase",
    "no": "Keep them",
    "erased": "Your answers are erased.",
    "denied": "Your browser doesn't keep them: they last as long as this page.",
}


def script_words(language: str | None) -> dict[str, str]:
    """The words of the script in a language."""
    return {key: translate(text, language) for key, text in SCRIPT.items()}
