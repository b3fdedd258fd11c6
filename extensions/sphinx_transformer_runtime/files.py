"""The program and the models as scripts: a page from a file can load nothing else."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
FOLDER = "transformer-runtime"
PROGRAM = "runtime.js"

# Model, search and file: what computes. The rest shows it.
COMPUTING = (
    "vectors.js",
    "attention.js",
    "transformer.js",
    "beam-search.js",
    "tokenizer.js",
    "safetensors.js",
)
# In this order; together they are one function, so that a page loads one file.
PARTS = (
    "pauses.js",
    *COMPUTING,
    "translation.js",
    "elements.js",
    "beam-view.js",
    "attention-view.js",
    "widget.js",
    "door.js",
)


def program() -> str:
    """The whole program."""
    code = [(HERE / "static" / "runtime" / part).read_text(encoding="utf-8") for part in PARTS]
    return "\n".join(['"use strict";\n(() => {', *code, "})();\n"])


def model_file(name: str) -> str:
    return f"model-{name}.js"


def model_script(name: str, path: str | Path) -> str:
    """A safetensors file as a script that hands it to the program."""
    weights = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    return f'TransformerRuntime.models[{json.dumps(name)}] = "{weights}";\n'


def write_files(app: Sphinx) -> None:
    """Write them beside the other static files."""
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    scripts = {PROGRAM: program()}
    for name, path in app.config.transformer_runtime_models.items():
        scripts[model_file(name)] = model_script(name, Path(app.confdir) / path)
    for name, script in scripts.items():
        (folder / name).write_text(script, encoding="utf-8")
