"""The words of the interface, in the language of the build."""

from __future__ import annotations

from pathlib import Path

from extension_catalogs import Words

CATALOGS = Words(Path(__file__).parent / "locale", "sphinx_transformer_runtime")

# What stands in braces is filled in by the program.
WORDS = {
    "start": "Start the translator",
    "loading": "Loading the model …",
    "failed": "The translator could not be loaded.",
    "text": "Text to translate",
    "translate": "Translate",
    "examples": "Examples",
    "size": "Beam",
    "empty": "Type a text first.",
    "unknown": "The model doesn't know “{piece}”.",
    "alike": "It knows, for example: {words}.",
    "numbers": "Of such numbers it knows {from} to {to}.",
    "long": "These are {count} tokens. The model reads at most {most}.",
    "read": "Tokens read",
    "written": "Tokens written",
    "steps": "Steps of the translation",
    "slider": "Step",
    "step": "Step {step} of {steps}",
    "back": "Step back",
    "forward": "Step forward",
    "play": "Play all steps",
    "pause": "Pause",
    "stepped": "Step {step} of {steps}: “{token}”, log-probability {probability}",
    "waited": "Step {step} of {steps}: this translation is finished",
    "beam": "The beam: the best beginnings after this step",
    "tree": "The beam as a tree, step by step; the table below says the same",
    "place": "Place",
    "translation": "Translation so far",
    "probability": "Log-probability",
    "attention": "What the model looks at",
    "which": "Attention",
    "cross": "of the decoder to what was read",
    "own": "of the decoder to what it wrote",
    "encoder": "of the encoder",
}


def words(language: str) -> dict[str, str]:
    """All words; those without a translation stay English."""
    return {name: CATALOGS.translate(text, language) for name, text in WORDS.items()}
