"""Which library of the Hugging Face ecosystem needs which, by the package index.

    python examples/map_libraries.py

asks pip which versions are the newest and what they need, and installs nothing. The page on the Hub
and its libraries reads the record. This program needs a network.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arguments import RECORDS, parser_of

from jumok.records import write_record

RECORD = RECORDS / "libraries.json"

LIBRARIES = (
    "huggingface-hub",
    "tokenizers",
    "safetensors",
    "transformers",
    "datasets",
    "evaluate",
    "accelerate",
    "peft",
    "trl",
    "bitsandbytes",
    "diffusers",
    "optimum",
    "gradio",
)


def normalized(name: str) -> str:
    """The one spelling of a project's name: small letters, and hyphens (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needs(requirements: Sequence[str]) -> list[str]:
    """The names of requirements, those of extras left out."""
    always = [each for each in requirements if not re.search(r"\bextra\s*==", each)]
    return sorted({normalized(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in always})


def described(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each project of pip's report, its version and what it needs."""
    found = {}
    for each in report["install"]:
        metadata = each["metadata"]
        found[normalized(metadata["name"])] = {
            "version": metadata["version"],
            "needs": needs(metadata.get("requires_dist", [])),
        }
    return found


def pip_report(names: Sequence[str]) -> dict[str, Any]:
    """What pip would install, without what these need in turn; their files aren't fetched."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
    command += ["--no-deps", "--quiet", "--report", "-", *names]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(found.stdout)
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, and write the record."""
    parser = parser_of(__doc__)
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to write")
    options = parser.parse_args(arguments)
    libraries = described(pip_report(LIBRARIES))
    write_record(options.record, {"libraries": {name: libraries[name] for name in LIBRARIES}})
    for name in LIBRARIES:
        print(f"{name:16} {libraries[name]['version']}")


if __name__ == "__main__":
    main()
