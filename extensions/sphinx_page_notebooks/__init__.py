"""Every executable page as a notebook and as a program, in the language of the build.

MyST-NB offers the *source* of a page, which in a translated build is still in the source
language. This extension writes, beside each HTML page with code cells,

- ``page.ipynb``: the page's text as the reader sees it, translated, in Markdown that Jupyter,
  VS Code and Colab understand (links lead to the hosted site, solutions stay behind a toggle), and
  the code cells as the author wrote them, in the same order, without outputs;
- ``page.py``: the same as a program in the percent format (``# %%``).

``page-notebooks.html``, a component for the theme's header, shows a menu with both files and a link
that opens the notebook in Colab. The menu's words come from ``locale/`` in this package; a language
that has none there can be added by the project as ``LOCALE_DIR/xx/LC_MESSAGES/page_notebooks.po``.

An element with an attribute ``spoken`` shows that text in brackets. ``sphinx_translation_status``
makes such elements: a paragraph that isn't translated says so in a notebook too.

Settings in ``conf.py``::

    page_notebooks_site_url = "https://example.org/book/en/"  # default: html_baseurl
    page_notebooks_install = "git+https://github.com/me/book"  # what pip installs; "" for nothing
    page_notebooks_import = "book"  # the package whose absence makes it necessary
    page_notebooks_repository = "me/book"  # Colab opens files of GitHub; "" hides the link
    page_notebooks_branch = "notebooks"  # the branch that holds a copy of the files …
    page_notebooks_path = "{language}/{page}.ipynb"  # … at this path
    page_notebooks_skip_classes = ["volatile"]  # blocks that make no sense outside the site
    page_notebooks_skip_tags = ["quiz-values"]  # cells that only the site needs
    page_notebooks_notice = "…"  # a sentence at the end, such as the licence

With ``page_notebooks_install`` the first cell installs the package where it is missing, and does
nothing where it is there: a notebook that runs offline stays offline.

A page that imports more than the package brings says in its front matter which of the package's
extras (its optional dependencies) that is::

    ---
    notebook_extras: [compare]
    ---

Its first cell installs ``book[compare]`` where the package or a module of the extra is missing.
``conf.py`` says which modules an extra brings::

    page_notebooks_extras = {"compare": ["transformers"]}
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from .catalog import DOMAIN, load_catalog
from .inline import Inline
from .markdown import MarkdownWriter
from .notebook import PageCode, make_notebook, notebook_text, page_code, pieces, program_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

__version__ = "1.0"

HERE = Path(__file__).parent
logger = logging.getLogger(__name__)
_ = get_translation(DOMAIN)

#: Our mark in a notebook's metadata: which page it is, so that a page's end is its file's end.
MARK = "page_notebook"
BUILDERS = ("html", "dirhtml")


def codes(env: BuildEnvironment) -> dict[str, PageCode]:
    """The code of each executable page, kept in the environment from build to build."""
    if not hasattr(env, "page_notebooks"):
        env.page_notebooks = {}  # type: ignore[attr-defined]
    return env.page_notebooks  # type: ignore[attr-defined, no-any-return]


def read_code(app: Sphinx, docname: str, content: list[str]) -> None:
    """Note a page's code cells, also those that the page won't show."""
    from myst_nb.core.read import create_nb_reader

    env = app.env
    codes(env).pop(docname, None)
    path = str(env.doc2path(docname))
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, content[0])
    if reader is None:
        return
    try:
        code = page_code(reader.read(content[0]), app.config.page_notebooks_skip_tags)
    except Exception:
        return  # MyST-NB is about to say what is wrong with it
    known = app.config.page_notebooks_extras
    for extra in code.extras:
        if extra not in known:
            message = "notebook_extras names '%s', which page_notebooks_extras does not list"
            logger.warning(message, extra, location=docname, type="page_notebooks")
    if code.cells:
        codes(env)[docname] = code


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    codes(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    found = codes(other)
    codes(env).update({name: found[name] for name in docnames if name in found})


def setup_cell(config: Config, extras: tuple[str, ...] = ()) -> str:
    """The cell that installs what the page imports, where it isn't installed yet."""
    if not config.page_notebooks_install:
        return ""
    known = config.page_notebooks_extras
    modules = [config.page_notebooks_import, *(m for each in extras for m in known.get(each, ()))]
    imports = "".join(f"    import {module}\n" for module in dict.fromkeys(modules))
    return (
        f"try:\n{imports}"
        f"except ModuleNotFoundError:  # in Colab, for example\n"
        f'    %pip install -q "{requirement(config, extras)}"'
    )


def requirement(config: Config, extras: tuple[str, ...] = ()) -> str:
    """What pip shall install, as a requirement with a name and the page's extras."""
    install = config.page_notebooks_install
    is_address = "://" in install and " @ " not in install
    install = f"{config.page_notebooks_import} @ {install}" if is_address else install
    if not extras:
        return install
    return re.sub(
        r"\A([\w.-]+)(?:\[([^\]]*)\])?",
        lambda name: f"{name[1]}[{','.join(filter(None, [name[2], *extras]))}]",
        install,
    )


def page_url(app: Sphinx, docname: str) -> str:
    """A page's address on the hosted site, "" if that is unknown."""
    base = app.config.page_notebooks_site_url or app.config.html_baseurl
    return f"{base.rstrip('/')}/{app.builder.get_target_uri(docname)}" if base else ""


def file_urls(app: Sphinx) -> dict[str, str]:
    """Where the site keeps pictures and downloads, seen from its root."""
    env = app.env
    root = page_url(app, env.config.root_doc).rsplit("/", 1)[0]
    if not root:
        return {}
    pictures = {uri: f"{root}/_images/{quote(entry[1])}" for uri, entry in env.images.items()}
    files = {uri: f"{root}/_downloads/{quote(entry[1])}" for uri, entry in env.dlfiles.items()}
    return {**files, **pictures}


def write_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the files of a page that is being written; its references are resolved by now."""
    code = codes(app.env).get(docname)
    if code is None or app.builder.name not in BUILDERS:
        return
    config, url = app.config, page_url(app, docname)
    inline = Inline(url, file_urls(app), config.page_notebooks_skip_classes)
    writer = MarkdownWriter(inline, config.highlight_language)
    title = app.env.titles[docname].astext()
    source = f"[{title}]({url})" if url else title
    notice = config.page_notebooks_notice
    closing = "\n\n".join(
        filter(None, ["---", _("This notebook was made from the page %s.") % source, notice])
    )
    notebook = make_notebook(
        code,
        pieces(writer, doctree),
        setup=setup_cell(config, code.extras) if code.is_python else "",
        closing=closing,
        metadata={"title": title, "lang": language_tag(config), MARK: docname},
    )
    target = Path(app.outdir, f"{docname}.ipynb")
    write_if_changed(target, notebook_text(notebook))
    if code.is_python:
        head = [title, url]
        if config.page_notebooks_install:
            head.append(f'python -m pip install "{requirement(config, code.extras)}"')
        write_if_changed(target.with_suffix(".py"), program_text(notebook, "\n".join(head)))


def language_tag(config: Config) -> str:
    """The language as HTML and notebooks write it: ``pt-BR``."""
    return (config.language or "en").replace("_", "-")


def write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


def remove_old_files(app: Sphinx, exception: Exception | None) -> None:
    """Delete the files of pages that are gone, or have no code any more."""
    if exception or app.builder.name not in BUILDERS:
        return
    for path in Path(app.outdir).rglob("*.ipynb"):
        name = path.relative_to(app.outdir).with_suffix("").as_posix()
        if name not in codes(app.env) and is_ours(path, name):
            path.unlink()
            path.with_suffix(".py").unlink(missing_ok=True)


def is_ours(path: Path, name: str) -> bool:
    import json

    try:
        return bool(json.loads(path.read_text("utf-8"))["metadata"][MARK] == name)
    except (ValueError, KeyError, TypeError):
        return False


def colab_url(config: Config, docname: str) -> str:
    """Where Colab opens the copy of a notebook that lies on GitHub."""
    if not config.page_notebooks_repository:
        return ""
    path = config.page_notebooks_path.format(language=config.language, page=docname)
    where = f"{config.page_notebooks_repository}/blob/{config.page_notebooks_branch}/{path}"
    return f"https://colab.research.google.com/github/{quote(where)}"


def add_links(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the template the menu's entries: address, name, and what kind of link it is."""
    code = codes(app.env).get(pagename)
    if code is None or doctree is None:
        return
    here = app.builder.get_target_uri(pagename)
    links = [("notebook", f"{pagename}.ipynb", _("Jupyter notebook (.ipynb)"))]
    if code.is_python:
        links.append(("program", f"{pagename}.py", _("Python program (.py)")))
    context["page_notebooks"] = {
        "label": _("Download or run this page"),
        "links": [
            {"kind": kind, "href": relative_uri(here, quote(path)), "text": text}
            for kind, path, text in links
        ],
    }
    if url := colab_url(app.config, pagename):
        entry = {"kind": "colab", "href": url, "text": _("Open in Colab")}
        context["page_notebooks"]["links"].append(entry)


def prepare(app: Sphinx, config: Config) -> None:
    load_catalog(HERE / "locale", config.language, project_folders(app, config))
    config.templates_path.append(str(HERE / "templates"))


def project_folders(app: Sphinx, config: Config) -> Iterable[Path]:
    return [Path(app.srcdir, folder) for folder in config.locale_dirs]


def add_static_path(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))
        app.add_css_file("page-notebooks.css")


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("myst_nb")
    for name in ("site_url", "install", "import", "repository", "notice"):
        app.add_config_value(f"page_notebooks_{name}", "", "html", str)
    app.add_config_value("page_notebooks_extras", {}, "html", dict)
    app.add_config_value("page_notebooks_branch", "notebooks", "html", str)
    app.add_config_value("page_notebooks_path", "{language}/{page}.ipynb", "html", str)
    app.add_config_value("page_notebooks_skip_classes", [], "html", (list, tuple))
    app.add_config_value("page_notebooks_skip_tags", [], "env", (list, tuple))
    app.connect("config-inited", prepare)
    app.connect("builder-inited", add_static_path)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    # After other extensions changed the source, before others decorate the page for the web.
    app.connect("source-read", read_code, priority=900)
    app.connect("doctree-resolved", write_page, priority=100)
    app.connect("html-page-context", add_links)
    app.connect("build-finished", remove_old_files)
    return {
        "version": __version__,
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
