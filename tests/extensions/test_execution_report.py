"""What a build executed, how long it took, and which cell failed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sphinx_project import Build, Project

INDEX = """\
# Index

```{execution-time}
```

```{execution-table}
```

```{toctree}
slow
deep/quick
prose
```
"""
SLOW = """\
# Slow page

```{code-cell}
import time
time.sleep(0.3)
print("done")
```

```{execution-time}
```
"""
QUICK = "# Quick page\n\n```{code-cell}\n1 + 1\n```\n"
PAGES = ["deep/quick", "index", "prose", "slow"]


def make_project(folder: Path) -> Project:
    project = Project(
        folder, ["sphinx_execution_report"], execution_report_path="../reports/report.json"
    )
    project.write("index.md", INDEX)
    project.notebook("slow.md", SLOW)
    project.notebook("deep/quick.md", QUICK)
    project.write("prose.md", "# Prose\n\nNo cells.\n")
    return project


def report(project: Project) -> dict[str, dict[str, object]]:
    path = project.source.parent / "reports" / "report.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert [row["page"] for row in rows] == PAGES
    assert all(row.keys() == {"page", "language", "seconds", "executed"} for row in rows)
    return {row["page"]: row for row in rows}


def executed(project: Project) -> list[str]:
    return [page for page, row in report(project).items() if row["executed"]]


def time_shown(build: Build, page: str) -> str:
    found = re.search(r'<p class="execution-time volatile">(.*?)</p>', build.page(page))
    return found[1] if found else ""


def test_two_languages_execute_once(tmp_path: Path) -> None:
    """Parallel and serial, incremental, in another language: each page is executed once."""
    project = make_project(tmp_path)
    first = project.build("en", "-W", "-j2")
    assert first.returncode == 0, first.output
    rows = report(project)
    assert executed(project) == ["deep/quick", "slow"]
    assert rows["slow"]["language"] == "en"
    assert 0.3 < rows["slow"]["seconds"] < 60
    assert rows["prose"]["seconds"] == rows["index"]["seconds"] == 0
    assert re.search(r"^slow … \d+\.\d s executed$", first.output, re.MULTILINE)
    assert "prose …" not in first.output
    seconds = f"{rows['slow']['seconds']:.1f}"
    assert time_shown(first, "slow") == f"Executing this page took {seconds} s."
    assert time_shown(first, "index") == ""
    assert f"<td><p>{seconds}</p></td>" in first.page("index")
    assert '<span class="doc">Slow page</span>' in first.page("index")

    # nothing is read, so nothing is executed; the times are still known
    project.build("en", "-W", "-j2")
    assert executed(project) == []
    assert report(project)["slow"]["seconds"] == rows["slow"]["seconds"]

    # prose around the cell changes: the page is read again, from the cache
    project.notebook("slow.md", SLOW.replace("Slow page", "Slower page"))
    edited = project.build("en", "-W")
    assert executed(project) == []
    assert f"slow … {seconds} s from cache" in edited.output
    assert '<span class="doc">Slower page</span>' in edited.page("index")

    # another language reads all pages and executes none; it shows the same number
    korean = project.build("ko", "-W", "-D", "language=ko")
    assert executed(project) == []
    assert report(project)["slow"]["language"] == "ko"
    assert time_shown(korean, "slow") == f"이 페이지를 실행하는 데 {seconds}초 걸렸습니다."
    assert "<p>페이지</p>" in korean.page("index")

    # a cell changes: its page alone is executed
    project.notebook("slow.md", SLOW.replace("0.3", "0.2"))
    project.build("en", "-W")
    assert executed(project) == ["slow"]


def test_force_mode(tmp_path: Path) -> None:
    """Without a cache, what is read is executed."""
    project = make_project(tmp_path)
    build = project.build("en", "-W", "-D", "nb_execution_mode=force")
    assert build.returncode == 0, build.output
    assert executed(project) == ["deep/quick", "slow"]


FAILING = """\
# Failing

```{code-cell}
:tags: [raises-exception]
1 / 0
```

```{code-cell}
def check(shape):
    raise ValueError(f"expected (3, 4), got {shape}")

check((2, 2))
print("not reached")
```
"""


def test_failing_cell_is_named(tmp_path: Path) -> None:
    """Page, line, cell, code and exception, whether pages are read one by one or in parallel."""
    project = make_project(tmp_path)
    project.notebook("slow.md", FAILING)
    (project.source / "deep" / "quick.md").unlink()
    line = next(
        number
        for number, text in enumerate((project.source / "slow.md").read_text().splitlines(), 1)
        if text.startswith("def check")
    )
    for options in ([], ["-j2"]):
        build = project.build("en", *options)
        assert build.returncode == 2
        message = (
            f"slow, cell 3 ({project.source / 'slow.md'}:{line})\n"
            "  ValueError: expected (3, 4), got (2, 2)\n"
            "  in: check((2, 2))"
        )
        assert f"ERROR: {message}" in build.output
    assert not (tmp_path / "reports").exists()


def test_a_line_printed_in_pieces_stays_one_line(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    cell = """import time

for piece in ("one", " and", " two"):
    print(piece, end="", flush=True)
    time.sleep(0.3)
"""
    project.notebook("index.md", f"# Start\n\n```{{code-cell}} python\n{cell}```\n")
    build = project.build("en")
    assert build.returncode == 0, build.output
    assert "one and two" in build.page("index")
