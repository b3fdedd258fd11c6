"""One Sphinx configuration for every language of the site.

The language comes from the command line (``-D language=ko``); everything else is shared, so that
a page is executed once and rendered in each language.  ``tools/build_site.py`` calls Sphinx with
the right folders; this file also works alone: ``sphinx-build -c . docs somewhere``.
"""

import inspect
import operator
import os
import sys
import textwrap
from html import escape
from pathlib import Path

from docutils import nodes

ROOT = Path(__file__).resolve().parent
for folder in ("src", "extensions", "tools"):
    sys.path.insert(0, str(ROOT / folder))

from execution import cache_folder, filled_caches, prepare_kernels  # noqa: E402
from settings import (  # noqa: E402
    AUTHOR,
    COPYRIGHT,
    DESCRIPTION,
    LANGUAGES,
    PROJECT,
    REPOSITORY_URL,
    SITE_URL,
    SOURCE,
    site_texts,
)

# -- the project ---------------------------------------------------------------------------------

project = "Jumok"
author = AUTHOR
copyright = COPYRIGHT
release = version = PROJECT["version"]

# -- sources and languages -----------------------------------------------------------------------

language = SOURCE
locale_dirs = ["locales"]  # relative to docs/
gettext_compact = False
gettext_uuid = False
gettext_location = False  # line numbers would change in every catalog with each edit
gettext_additional_targets = []
figure_language_filename = "{root}{ext}"
exclude_patterns = ["locales/**", "records/**", "**/.ipynb_checkpoints"]
nitpicky = True
nitpick_ignore_regex = [
    # other packages' types and axis names in signatures: their documentation isn't ours to link
    ("py:.*", r"(Tensor|Module|Optimizer|ndarray|torch|numpy|np|nn|F)(\..*)?"),
    ("py:.*", r"(collections|jaxtyping|pathlib|datetime|babel|random|re)(\..*)?"),
    ("py:.*", r"jumok\.transformer\.LayerCache"),  # an alias, written out where it is used
    ("py:.*", r"tokenizers\.Tokenizer"),
    # what a docstring names and the API pages leave out: details, and methods of another class
    ("py:.*", r"jumok\.data\.sentences\.(Word|Row|Action|Quality|BOUNDARY)|BOUNDARY|FORMS|forward"),
]
suppress_warnings = [
    "myst.xref_ambiguous",
    "git.too_shallow",  # a page of a shallow clone, or of no clone, says no date
    "git.subprocess_error",
]

# -- extensions ----------------------------------------------------------------------------------

extensions = [
    "sphinx_theme_korean",  # before the theme and the extensions whose strings it translates
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.linkcode",
    "sphinx.ext.doctest",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "sphinxext.opengraph",
    "sphinx_cjk_emphasis",
    "sphinx_attention_view",
    "sphinx_inline_figures",
    "sphinx_execution_report",
    "sphinx_data_glossary",
    "sphinx_local_katex",
    "sphinx_language_switch",
    "sphinx_parallel_text",
    "sphinx_translation_status",
    "sphinx_korean_search",
    "sphinx_ipc_kernels",
    "sphinx_theme_accessibility",
    "sphinx_page_notebooks",
    "sphinx_transformer_runtime",
    "sphinx_quizzes",
    "sphinx_valid_epub",
    "sphinx_last_updated_by_git",
    "sphinx_book_map",  # after sphinx_parallel_text, whose keys it reads
    "sphinx_cell_anchors",
    "sphinx_remembered_folds",
]

if os.environ.get("JUMOK_LIVE"):  # tools/live.py: these cost seconds of every rebuild
    extensions.remove("sphinxext.opengraph")  # imports Matplotlib
    extensions.remove("sphinx_korean_search")  # loads Kiwi for a new sentence
    extensions.remove("sphinx.ext.linkcode")
    extensions.remove("sphinx_last_updated_by_git")  # asks git for each page

# A translator's preview (nox -s translate -- ko --fast): neither torch nor the package is
# installed, no cell is executed, and what only a hosted site needs is left out.
PREVIEW = bool(os.environ.get("JUMOK_PREVIEW"))
if PREVIEW:
    needless = {"sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.linkcode"}
    needless |= {"sphinxext.opengraph", "sphinx_ipc_kernels", "sphinx_korean_search"}
    needless |= {"sphinx_last_updated_by_git"}
    extensions = [name for name in extensions if name not in needless]
    extensions.append("sphinx_preview_outputs")
    preview_caches = [str(folder) for folder in filled_caches(ROOT)]
    preview_stub_directives = ["automodule", "autoclass", "autofunction", "automethod", "autodata"]
    nitpick_ignore_regex.append(("py:.*", ".*"))  # nothing is there to link to

myst_enable_extensions = [
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
]
myst_heading_anchors = 3
myst_footnote_transition = False
myst_words_per_minute = 200

# -- execution -----------------------------------------------------------------------------------

nb_execution_mode = "off" if PREVIEW else "cache"
nb_execution_cache_path = str(cache_folder(ROOT))
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 600
nb_execution_in_temp = False
nb_merge_streams = True
nb_number_source_lines = False
prepare_kernels(ROOT)

# -- doctest of the pages ------------------------------------------------------------------------

doctest_test_doctest_blocks = ""  # docstrings in the API reference are pytest's to test
doctest_global_setup = "import torch\ntorch.manual_seed(0)\n"

# -- API reference -------------------------------------------------------------------------------

autodoc_typehints = "signature"
add_module_names = False
python_maximum_signature_line_length = 80
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "py:obj"  # `name` in a docstring is a link
napoleon_google_docstring = True
napoleon_numpy_docstring = False


def drop_foreign_docstrings(app, what, name, obj, options, lines):
    """Leave out what torch says of any ``forward``, and ``namedtuple`` of any field."""
    inherited = inspect.isfunction(obj) and not obj.__doc__
    if inherited or (lines and lines[0].startswith("Alias for field number")):
        lines.clear()


def linkcode_resolve(domain, info):
    """The lines of a documented object in the repository, where it can be read in context."""
    module = sys.modules.get(info["module"])
    try:
        thing = operator.attrgetter(info["fullname"])(module)
        thing = inspect.unwrap(thing.fget if isinstance(thing, property) else thing)
        path = Path(inspect.getsourcefile(thing)).resolve().relative_to(ROOT).as_posix()
        lines, first = inspect.getsourcelines(thing)
    except (AttributeError, TypeError, OSError, ValueError):
        return None  # data without source lines, or what another package defines
    return f"{REPOSITORY_URL}/blob/main/{path}#L{first}-L{first + len(lines) - 1}"


# -- references and glossary ---------------------------------------------------------------------

bibtex_bibfiles = ["docs/references.bib"]
bibtex_default_style = "unsrt"
bibtex_reference_style = "author_year"
glossary_data = "glossary.yml"
korean_search_glossary = "glossary.yml"
korean_search_languages = [language["code"] for language in LANGUAGES]
inline_figures_machine_paths = [str(ROOT)]

# -- HTML ----------------------------------------------------------------------------------------

html_theme = "sphinx_book_theme"
html_title = "Jumok 주목"
html_static_path = ["docs/_static"]
templates_path = ["docs/_templates"]
html_css_files = ["jumok.css"]
html_favicon = "docs/_static/favicon.svg"
html_copy_source = False
html_context = {"default_mode": "auto"}  # light or dark as the reader's system
html_show_sourcelink = False
# Code is copied as it can be run: without prompts, and outputs not at all.
copybutton_selector = "div:not(.output) > div.highlight > pre"
copybutton_prompt_text = r">>> |\.\.\. |\$ |In \[\d*\]: | {2,5}\.\.\.: "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"
# Numbers of figures are for who asks; questions look after their answers themselves.
remembered_folds_exclude = ["figure-numbers", "quiz-answer"]
html_theme_options = {
    "repository_url": REPOSITORY_URL,
    "repository_branch": "main",
    "path_to_docs": "docs",
    "use_edit_page_button": False,
    "use_repository_button": False,
    "use_issues_button": False,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "article_header_end": [
        "parallel-text.html",
        "page-notebooks.html",
        "language-switch.html",
        "article-header-buttons.html",
    ],
    "navbar_persistent": [],  # else a second search field in a bar of its own
    "primary_sidebar_end": [],  # else a slot for the advertisements of Read the Docs
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "show_navbar_depth": 2,
}

# -- notebooks -----------------------------------------------------------------------------------

page_notebooks_install = f"git+{REPOSITORY_URL}"
page_notebooks_import = "jumok"
page_notebooks_extras = {  # what a page's front matter may ask for
    "compare": ["transformers"],
    "examples": ["accelerate", "sacrebleu"],
    "korean": ["kiwipiepy"],
}
page_notebooks_repository = REPOSITORY_URL.removeprefix("https://github.com/")
page_notebooks_skip_classes = ["volatile"]  # how long the build machine took
page_notebooks_skip_tags = ["quiz-values"]  # what the questions of the site compute

# -- quizzes -------------------------------------------------------------------------------------

quizzes_storage_key = "jumok-quizzes"

# -- the translator that runs in the page --------------------------------------------------------

transformer_runtime_models = {"dates": "src/jumok/models/date-translator/model.safetensors"}
transformer_runtime_replaces = ".tag_recorded .cell_output"  # cells with the tag `recorded`

# -- languages and addresses ---------------------------------------------------------------------

language_switch_languages = LANGUAGES
parallel_text_only_built = "JUMOK_LIVE" in os.environ  # which builds one language
language_switch_site_url = SITE_URL
translation_status_source = SOURCE
translation_status_languages = LANGUAGES
translation_status_catalog_url = (
    f"{REPOSITORY_URL}/edit/main/docs/locales/{{language}}/LC_MESSAGES/{{page}}.po"
)

# -- where the reader is -------------------------------------------------------------------------

book_map_parts = ["start", "recurrence", "transformer", "language-models", "pipelines"]
book_map_languages = LANGUAGES
book_map_edit_url = f"{REPOSITORY_URL}/edit/main/docs/{{path}}"
book_map_catalog_url = (
    f"{REPOSITORY_URL}/blob/main/docs/locales/{{language}}/LC_MESSAGES/{{page}}.po#L{{line}}"
)
book_map_licences = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
}
git_untracked_check_dependencies = False
html_last_updated_fmt = "%Y-%m-%d"

# -- the book as EPUB (nox -s epub) --------------------------------------------------------------

epub_author = epub_publisher = AUTHOR
epub_tocscope = "includehidden"
epub_tocdepth = 2
epub_show_urls = "no"
epub_use_index = False
valid_epub_leave_out = [
    f"*{name}.css"
    for name in ("katex*", "layout", "copybutton", "togglebutton", "glossary-cards", "jumok")
]

# -- what others need to know ---------------------------------------------------------------------

ogp_site_name = "Jumok 주목"
ogp_enable_meta_description = True
ogp_social_cards = {"enable": False}


def adapt_to_language(app, config):
    """What is configured once, but differs between the languages of the site."""
    config.ogp_site_url = f"{SITE_URL}{config.language}/"
    texts = site_texts(config.language)
    config.author = texts.get(AUTHOR, AUTHOR)
    config.copyright = texts.get(COPYRIGHT, COPYRIGHT)
    # Sphinx writes one of them into the package and the other into the NCX: they must be the same.
    config.epub_uid = config.epub_identifier = f"jumok-{config.language}"
    config.epub_basename = f"jumok-{config.language}"
    config.epub_title = config.html_title
    config.epub_description = texts.get(DESCRIPTION, DESCRIPTION)
    config.page_notebooks_notice = f"© {config.copyright}"


def describe_page(app, pagename, templatename, context, doctree):
    """Describe a page by its first paragraph, in its language, cut at the end of a word.

    sphinxext-opengraph would do it too, but puts a space after each link or term, and Korean
    particles belong to the word before them.
    """
    metatags = context.get("metatags", "")
    if doctree is None or 'name="description"' in metatags:
        return
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    if paragraph is not None:
        text = textwrap.shorten(paragraph.astext(), width=200, placeholder=" …")
        context["meta"] = {**(context.get("meta") or {}), "og:description": text}
        context["metatags"] = f'{metatags}\n<meta name="description" content="{escape(text)}" />'


def setup(app):
    app.connect("config-inited", adapt_to_language)
    if not PREVIEW:
        app.connect("autodoc-process-docstring", drop_foreign_docstrings, priority=400)
    app.connect("html-page-context", describe_page, priority=400)
