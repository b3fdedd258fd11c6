"""Pages shown without executing a cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import html
from sphinx_project import Build, Project

FIRST = "```{code-cell}\nprint('from ' + 'the first')\n```\n"
SECOND = "```{code-cell}\nprint('from ' + 'the second')\n```\n"
PAGE = f"# Page\n\nBefore.\n\n{FIRST}\nBetween.\n\n{SECOND}"
ENGLISH = "Not executed in this preview."
KOREAN = "이 미리 보기에서는 실행하지 않았습니다."
PREVIEW = ["-W", "-D", "nb_execution_mode=off"]


def preview_project(folder: Path, **settings: object) -> Project:
    project = Project(
        folder,
        ["sphinx_execution_report", "sphinx_preview_outputs"],
        preview_caches=[str(folder / "missing"), str(folder / "cache")],
        preview_report_path="../preview.json",
        nb_execution_mode="off",
        **settings,
    )
    project.write("index.md", "# Index\n\n```{toctree}\npart/page\n```\n")
    project.notebook("part/page.md", PAGE)
    return project


def execute(folder: Path) -> None:
    """Fill the cache, as a build with a kernel does."""
    other = folder / "executed"
    other.mkdir()
    project = Project(other, [], nb_execution_cache_path=str(folder / "cache"))
    project.write("index.md", "# Index\n\n```{toctree}\npart/page\n```\n")
    project.notebook("part/page.md", PAGE)
    build = project.build("en", "-W")
    assert build.returncode == 0, build.output


def shown(build: Build) -> list[str]:
    """What stands below each cell."""
    assert build.returncode == 0, build.output
    cells = html.fromstring(build.page("part/page")).find_class("cell_output")
    return [" ".join(cell.text_content().split()) for cell in cells]


def test_outputs_come_from_a_cache_of_another_build(tmp_path: Path) -> None:
    execute(tmp_path)
    project = preview_project(tmp_path)
    assert shown(project.build("en", *PREVIEW, "-j2")) == ["from the first", "from the second"]
    assert json.loads((tmp_path / "preview.json").read_text()) == []
    assert not (tmp_path / "missing").exists()


def test_what_comes_before_a_changed_cell_still_holds(tmp_path: Path) -> None:
    execute(tmp_path)
    project = preview_project(tmp_path)
    project.notebook("part/page.md", PAGE.replace("the second", "the changed"))
    assert shown(project.build("en", *PREVIEW)) == ["from the first", ENGLISH]
    assert json.loads((tmp_path / "preview.json").read_text()) == ["part/page"]
    # an incremental build that reads nothing knows it still
    project.build("en", *PREVIEW)
    assert json.loads((tmp_path / "preview.json").read_text()) == ["part/page"]
    # and forgets it when the change is taken back
    project.notebook("part/page.md", PAGE)
    assert shown(project.build("en", *PREVIEW)) == ["from the first", "from the second"]
    assert json.loads((tmp_path / "preview.json").read_text()) == []
    project.notebook("part/page.md", PAGE.replace("the first", "the changed"))
    assert shown(project.build("en", *PREVIEW)) == [ENGLISH, ENGLISH]


def test_a_caption_or_a_tag_is_no_change_of_code(tmp_path: Path) -> None:
    execute(tmp_path)
    project = preview_project(tmp_path)
    tagged = PAGE.replace("{code-cell}\n", "{code-cell}\n:tags: [hide-input]\n", 1)
    project.notebook("part/page.md", tagged)
    assert shown(project.build("en", *PREVIEW)) == ["from the first", "from the second"]


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("ko", KOREAN), ("ja", ENGLISH)])
def test_without_a_cache_each_cell_says_so(tmp_path: Path, language: str, text: str) -> None:
    project = preview_project(tmp_path)
    build = project.build(language, *PREVIEW, "-D", f"language={language}", "-j2")
    assert shown(build) == [text, text]
    assert not (tmp_path / "cache").exists()
    assert "preview-note" in build.page("part/page")


def test_directives_that_import_become_a_note(tmp_path: Path) -> None:
    project = preview_project(tmp_path, preview_stub_directives=["automodule"])
    reference = (
        "# Reference\n\n```{eval-rst}\n.. automodule:: not.installed\n   :members:\n   :x:\n```\n"
    )
    project.write("index.md", reference + "\n```{toctree}\npart/page\n```\n")
    build = project.build("ko", *PREVIEW, "-D", "language=ko")
    assert build.returncode == 0, build.output
    assert "설치되어 있지 않아" in build.page("index")
    template = project.build("pot", *PREVIEW, builder="gettext").page("index", ".pot")
    assert "Left out" not in template
    assert "Reference" in template
