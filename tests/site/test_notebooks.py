"""The notebooks that the built site offers: they run with only the package, in every language."""

import ast
import json
import re
import uuid
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
import polib
import pytest
import yaml
from bare_environment import BareEnvironment, NotebookServer, build_wheel
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from lxml import html
from markdown_it import MarkdownIt
from nbclient import NotebookClient
from packaging.requirements import Requirement

from settings import SITE_URL, SOURCE, TRANSLATIONS
from sphinx_cjk_emphasis.check import leftover_marks_in_html
from sphinx_ipc_kernels import socket_folder

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"

PAGES = sorted(
    path.relative_to(SITE / SOURCE).with_suffix("").as_posix()
    for path in (SITE / SOURCE).rglob("*.ipynb")
)
IN_JUPYTER = "transformer/scaled-dot-product-attention"
EVERYWHERE = [(language, page) for language in (SOURCE, *TRANSLATIONS) for page in PAGES]
TRANSLATED = [(language, page) for language in TRANSLATIONS for page in PAGES]


@cache
def notebook(language: str, page: str) -> nbformat.NotebookNode:
    text = (SITE / language / f"{page}.ipynb").read_text("utf-8")
    return nbformat.reads(text, as_version=nbformat.NO_CONVERT)


def code_cells(language: str, page: str) -> list[tuple[str, str]]:
    cells = notebook(language, page).cells
    return [(cell.id, cell.source) for cell in cells if cell.cell_type == "code"]


def texts(language: str, page: str) -> list[str]:
    cells = notebook(language, page).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def source_cells(page: str) -> list[str]:
    """The code of a page, cut out of its source without MyST-NB."""
    source = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    found = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", source, re.M | re.S)
    return [re.sub(r"\A(:[\w-]+:[^\n]*\n)+\n?", "", code).rstrip("\n") for code in found]


def seconds() -> dict[str, float]:
    report = ROOT / "_build" / "report.json"
    rows = json.loads(report.read_text("utf-8")) if report.exists() else []
    return {row["page"]: row["seconds"] for row in rows}


# -- they execute ----------------------------------------------------------------------------------


def extras(page: str) -> tuple[str, ...]:
    """The extras of the package that the notebook's first cell installs."""
    _, setup = code_cells(SOURCE, page)[0]
    wanted = re.search('%pip install -q "(.*)"', setup)
    assert wanted, setup
    return tuple(sorted(Requirement(wanted[1]).extras))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def environment(wheel: Path, folder: Path, *extras: str) -> BareEnvironment:
    try:
        return BareEnvironment(wheel, folder / "environment", extras)
    except OSError as error:
        pytest.skip(f"this machine can't link packages: {error}")


@pytest.fixture(scope="session")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    return environment(wheel, tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def comparing(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    return environment(wheel, tmp_path_factory.mktemp("comparing"), "compare")


@pytest.fixture(scope="session")
def analysing(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    return environment(wheel, tmp_path_factory.mktemp("analysing"), "compare", "korean")


@pytest.fixture(scope="session")
def accelerating(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    return environment(wheel, tmp_path_factory.mktemp("accelerating"), "compare", "examples")


def test_the_environment_holds_only_the_package(bare: BareEnvironment, tmp_path: Path) -> None:
    """What the site and its tests need beyond the package is not there."""
    assert {"torch", "ipykernel"} <= bare.distributions.keys()
    for name in ("sphinx", "myst_nb", "pytest", "transformers", "beartype", "lxml"):
        run = bare.run(f"import {name}", tmp_path)
        assert "ModuleNotFoundError" in run.stderr, name
    run = bare.run("import jumok; print(jumok.__file__)", tmp_path)
    assert Path(run.stdout.strip()).is_relative_to(bare.folder)


def test_an_extra_brings_only_what_it_names(comparing: BareEnvironment, tmp_path: Path) -> None:
    """Beside it lie the weights that a reader's machine fetches from the Hub."""
    assert {"torch", "ipykernel", "transformers"} <= comparing.distributions.keys()
    for name in ("sphinx", "myst_nb", "pytest", "beartype", "lxml", "sentence_transformers"):
        run = comparing.run(f"import {name}", tmp_path)
        assert "ModuleNotFoundError" in run.stderr, name
    code = "import transformers; from jumok.sentence_embeddings import minilm_folder as folder"
    run = comparing.run(f"{code}; print(transformers.__file__, folder(), sep='\\n')", tmp_path)
    found = [Path(line) for line in run.stdout.splitlines()]
    assert len(found) == 2, run.stderr
    assert all(path.is_relative_to(comparing.folder) for path in found), run.stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_installs_what_its_page_asks_for(page: str) -> None:
    """In the source of the page: no more and no less than in its front matter."""
    front_matter = yaml.safe_load((ROOT / "docs" / f"{page}.md").read_text("utf-8").split("---")[1])
    assert list(extras(page)) == sorted(front_matter.get("notebook_extras", []))


@pytest.fixture(scope="session")
def server(bare: BareEnvironment) -> Iterator[NotebookServer]:
    with NotebookServer(bare) as running:
        yield running


@pytest.fixture(scope="session")
def comparing_server(comparing: BareEnvironment) -> Iterator[NotebookServer]:
    with NotebookServer(comparing) as running:
        yield running


@pytest.fixture(scope="session")
def analysing_server(analysing: BareEnvironment) -> Iterator[NotebookServer]:
    with NotebookServer(analysing) as running:
        yield running


@pytest.fixture(scope="session")
def accelerating_server(accelerating: BareEnvironment) -> Iterator[NotebookServer]:
    with NotebookServer(accelerating) as running:
        yield running


SERVERS = {
    (): "server",
    ("compare",): "comparing_server",
    ("compare", "examples"): "accelerating_server",
    ("compare", "korean"): "analysing_server",
}


@pytest.mark.parametrize("page", sorted(PAGES, key=lambda page: -seconds().get(page, 0)))
def test_notebook_runs(request: pytest.FixtureRequest, page: str, tmp_path: Path) -> None:
    """From its first cell to its last, in an empty folder, with what its first cell installs."""
    wanted = extras(page)
    assert wanted in SERVERS, "no environment of these tests has these extras"
    server = request.getfixturevalue(SERVERS[wanted])
    answer = server.run(SITE / SOURCE / f"{page}.ipynb", tmp_path)
    assert not answer["error"], answer["error"]
    assert answer["cells"] == len(code_cells(SOURCE, page))
    assert answer["outputs"]


def test_a_notebook_that_fails_is_noticed(server: NotebookServer, tmp_path: Path) -> None:
    """What the package doesn't bring, what an earlier notebook made, what is no Python."""

    def error(*cells: str) -> str:
        code = [{"cell_type": "code", "source": cell} for cell in cells]
        path = tmp_path / "planted.ipynb"
        path.write_text(json.dumps({"cells": code}))
        return str(server.run(path, tmp_path)["error"])

    assert error("import jumok, torch\nleft_over = 1", "jumok.left_over = left_over") == ""
    assert "NameError" in error("left_over")
    assert "AttributeError" in error("import jumok\njumok.left_over")
    assert "NameError" in error("torch")
    assert "ModuleNotFoundError" in error("1 + 1", "import sphinx")
    assert "SyntaxError" in error("1 +")
    assert "ended with status" in error("import os; os.kill(os.getpid(), 9)")
    assert (
        error("%pwd", f"assert _ == {str(tmp_path)!r}", "await __import__('asyncio').sleep(0)")
        == ""
    )


def test_a_notebook_runs_in_jupyter(bare: BareEnvironment, tmp_path: Path) -> None:
    """One of them, with figures, the whole way through a kernel's sockets."""
    specifications = KernelSpecManager(kernel_dirs=[str(bare.kernels)], ensure_native_kernel=False)
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specifications)
    manager.transport = "ipc"  # no port of the machine; the sockets are named after this file
    manager.connection_file = str(socket_folder() / f"{uuid.uuid4().hex}.json")
    executed = nbformat.from_dict(notebook(SOURCE, IN_JUPYTER))
    client = NotebookClient(
        executed, km=manager, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=bare.variables)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert any("image/svg+xml" in str(cell.outputs) or "<svg" in str(cell.outputs) for cell in code)


# -- they are what they should be ------------------------------------------------------------------


def test_every_executable_page_has_its_files_in_every_language() -> None:
    executable = {page for page in seconds() if source_cells(page)}
    assert set(PAGES) == executable
    for language, page in EVERYWHERE:
        assert (SITE / language / f"{page}.py").exists()
    for language in TRANSLATIONS:
        assert len(list((SITE / language).rglob("*.ipynb"))) == len(PAGES)


@pytest.mark.parametrize(("language", "page"), EVERYWHERE)
def test_a_valid_notebook_with_the_code_of_the_page(language: str, page: str) -> None:
    built = notebook(language, page)
    nbformat.validate(built, relax_add_props=False)
    assert (built.nbformat, built.nbformat_minor) == (4, 5)
    assert built.metadata.kernelspec.name == "python3"
    assert built.metadata.lang == language
    first, *code = code_cells(language, page)
    assert first[0] == "setup"
    assert re.search(r'%pip install -q "jumok(\[[\w,]+\])? @ git\+https://', first[1])
    assert [source for _, source in code] == source_cells(page)
    assert all(not cell.outputs for cell in built.cells if cell.cell_type == "code")


@pytest.mark.parametrize(("language", "page"), EVERYWHERE)
def test_the_program_is_valid_python_without_magics(language: str, page: str) -> None:
    program = (SITE / language / f"{page}.py").read_text("utf-8")
    statements = ast.dump(ast.parse(program))
    cells = "\n".join(source for _, source in code_cells(language, page)[1:])
    assert statements == ast.dump(ast.parse(cells))


@pytest.mark.parametrize(("language", "page"), TRANSLATED)
def test_translations_have_the_same_cells(language: str, page: str) -> None:
    assert code_cells(language, page) == code_cells(SOURCE, page)
    ids = [
        [(cell.id, cell.cell_type) for cell in notebook(name, page).cells]
        for name in (language, SOURCE)
    ]
    assert ids[0] == ids[1]


# -- their text ------------------------------------------------------------------------------------


def prose(markdown: str) -> str:
    """What is left without code, formulas and addresses."""
    markdown = re.sub(r"^(> )?```.*?^(> )?```$|\$\$.*?\$\$", "", markdown, flags=re.M | re.S)
    markdown = re.sub(r"`+[^`]*`+|\$[^$]*\$|\]\([^)]*\)|<[^>]*>", "", markdown)
    return re.sub(r"[ \t]+", " ", markdown)


def untranslated(language: str, page: str) -> int:
    """How many messages of a page still show the source, as its catalog says."""
    catalog = polib.pofile(str(ROOT / f"docs/locales/{language}/LC_MESSAGES/{page}.po"))
    return sum(not entry.translated() for entry in catalog if not entry.obsolete)


@pytest.mark.parametrize(("language", "page"), TRANSLATED)
def test_no_paragraph_stays_in_the_source_language(language: str, page: str) -> None:
    """A paragraph with words of the source must be one that the catalog lacks."""
    source, target = (
        {block for text in texts(name, page) for block in re.split(r"\n\s*\n|\n", prose(text))}
        for name in (SOURCE, language)
    )
    same = {block for block in source & target if len(re.findall(r"[a-z]{3,}", block)) > 3}
    assert len(same) <= untranslated(language, page), same


@pytest.mark.skipif("ko" not in TRANSLATIONS, reason="no Korean in this site")
@pytest.mark.parametrize("page", PAGES)
def test_korean_notebooks_are_korean(page: str) -> None:
    foreign = [
        text
        for text in texts("ko", page)
        if len(re.findall(r"[A-Za-z]{2,}", prose(text))) > 3
        and not re.search("[가-힣]{2}", prose(text))
    ]
    assert len(foreign) <= untranslated("ko", page), foreign


PARSER = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize(("language", "page"), EVERYWHERE)
def test_no_markup_of_the_site_is_left(language: str, page: str) -> None:
    for text in texts(language, page):
        plain = re.sub(r"^(> )?```.*?^(> )?```$", "", text, flags=re.M | re.S)
        assert not re.search(r"\{[\w:-]+\}`|^:::|^```\{|^\([\w-]+\)=|^\+\+\+", text, re.M), text
        assert not re.search("[\ue000-\uf8ff]", text), text
        without_code = re.sub(r"`+[^`]*`+", "", plain)
        assert without_code.replace("<span>$</span>", "").count("$") % 2 == 0, text
        assert without_code.count("<details>") == without_code.count("</details>")
        formula = r"\$\$.*?\$\$|\$[^$]*\$"
        rendered = PARSER.render(re.sub(formula, "@@1@@", plain, flags=re.S))  # as Jupyter does
        assert not leftover_marks_in_html(rendered), text


@cache
def ids_of(address: str) -> set[str] | None:
    path = SITE / address
    return set(html.parse(str(path)).xpath("//@id")) if path.is_file() else None


@pytest.mark.parametrize(("language", "page"), EVERYWHERE)
def test_links_are_absolute_and_lead_somewhere(language: str, page: str) -> None:
    addresses = [
        str(address)
        for text in texts(language, page)
        for address in html.fromstring(f"<div>{PARSER.render(text)}</div>").xpath("//@href|//@src")
    ]
    assert addresses
    assert not [address for address in addresses if not address.startswith("https://")]
    for address in addresses:
        if address.startswith(SITE_URL):
            name, _, anchor = unescape(unquote(address.removeprefix(SITE_URL))).partition("#")
            assert name.startswith(f"{language}/"), address
            ids = ids_of(name)
            assert ids is not None, address
            assert not anchor or anchor in ids, address
