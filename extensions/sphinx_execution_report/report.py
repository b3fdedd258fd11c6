"""The list of pages with their times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from myst_nb.sphinx_ import NbMetadataCollector

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# MyST-NB keeps what it knows of a page's execution in the environment, merges it after parallel
# reading and saves it between builds. One more key in that record says whether it happened now.
EXECUTED = "executed_in_this_build"


def execution_data(env: BuildEnvironment, page: str) -> dict[str, Any]:
    """Return MyST-NB's record of a page's execution, empty for a page without one."""
    return NbMetadataCollector.get_doc_data(env).get(page, {}).get("exec_data") or {}


def seconds(env: BuildEnvironment, page: str) -> float:
    """Return how long the cells of a page took when they were last executed."""
    return round(execution_data(env, page).get("runtime") or 0.0, 3)


def forget_executions(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Forget, before a build reads anything, what the build before it executed."""
    for page in env.all_docs:
        execution_data(env, page).pop(EXECUTED, None)


def report_rows(env: BuildEnvironment, language: str) -> list[dict[str, Any]]:
    """Return one row for each page: page, language, seconds, executed."""
    return [
        {
            "page": page,
            "language": language,
            "seconds": seconds(env, page),
            "executed": execution_data(env, page).get(EXECUTED, False),
        }
        for page in sorted(env.all_docs)
    ]


def write_report(app: Sphinx, exception: Exception | None) -> None:
    """Write the report of a build that succeeded."""
    if exception is not None or not app.config.execution_report_path:
        return
    path = app.confdir / app.config.execution_report_path
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = report_rows(app.env, app.config.language)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
