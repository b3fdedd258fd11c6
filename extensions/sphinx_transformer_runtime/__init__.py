"""A Transformer that runs in the reader's browser, in plain JavaScript.

The directive puts a translator on a page::

    ```{transformer-runtime} dates
    2031년 7월 9일 수요일
    Friday, February 15, 2019
    ```

Its argument names a model of ``transformer_runtime_models``; each line of its content is an example
to click, the first is what the translator begins with. The reader types a text and sees its tokens,
the translation, the beam as it grows and the attention of encoder and decoder, step by step.

What a page loads at once is a loader of some hundred bytes. The program and the model come when the
reader asks for them or scrolls near, with ``<script src>``, so that all of it works from a file. A
figure of the class ``recorded-translation`` on the page says the same without JavaScript and on
paper; it makes room on the screen when the translator has its first result. The attention is drawn
by the page's ``JumokAttentionView``, the component of ``sphinx_attention_view``; a page without it
shows the rest.

The addresses of both stand in attributes whose names begin with ``data-src``, as relative URLs: a
tool that gives static files other names can rewrite them as it rewrites ``src``.

A model is a safetensors file with a Transformer's weights in 16 bits and the metadata ``config``,
``source_vocabulary``, ``target_vocabulary``, ``source_tokenizer`` and ``target_tokenizer`` (JSON);
the parts of ``static/runtime`` say what each holds.

Settings in ``conf.py``::

    transformer_runtime_models = {"dates": "models/dates.safetensors"}

``transformer_runtime_models``
    Names and files, relative to the folder of ``conf.py``.
``transformer_runtime_replaces`` (``"figure.recorded-translation"``)
    A CSS selector: what makes room for the page's translator.

Words of the interface come from catalogs in ``locale``; another language needs one more ``.po``
there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ConfigError

from .directive import TransformerRuntime, runtime, skip, visit_html
from .files import model_script, write_files

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["model_script", "setup"]

__version__ = "1.0"

HERE = Path(__file__).parent


def check_settings(app: Sphinx, config: Config) -> None:
    """Refuse a model that isn't there, before any page is read."""
    for name, path in config.transformer_runtime_models.items():
        if not (Path(app.confdir) / path).is_file():
            raise ConfigError(f"transformer_runtime_models: {name!r} names no file: {path}")


def add_static_files(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static" / "page"))


def write(app: Sphinx, builder: Any) -> None:
    if app.builder.format == "html" and app.config.transformer_runtime_models:
        write_files(app)


def add_to_page(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Only a page with a translator loads its loader and its style."""
    if doctree is not None and next(doctree.findall(runtime), None):
        app.add_css_file("transformer-runtime.css")
        app.add_js_file("transformer-runtime-loader.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("transformer_runtime_models", {}, "env", dict)
    app.add_config_value("transformer_runtime_replaces", "figure.recorded-translation", "html", str)
    app.add_node(
        runtime,
        html=(visit_html, None),
        latex=(skip, None),
        text=(skip, None),
        man=(skip, None),
        texinfo=(skip, None),
    )
    app.add_directive("transformer-runtime", TransformerRuntime)
    app.connect("config-inited", check_settings)
    app.connect("builder-inited", add_static_files)
    app.connect("write-started", write)
    app.connect("html-page-context", add_to_page)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
