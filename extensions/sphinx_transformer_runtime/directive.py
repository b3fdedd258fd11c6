"""The directive, and the place for a translator that it leaves in the page."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from .files import FOLDER, PROGRAM, model_file
from .words import words


class runtime(nodes.General, nodes.Element):  # noqa: N801
    """A translator: ``node["model"]`` names it, ``node["examples"]`` are texts to begin with."""


class TransformerRuntime(SphinxDirective):
    """Put a translator on the page."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        models = self.config.transformer_runtime_models
        name = self.arguments[0]
        if name not in models:
            known = ", ".join(models) or "none"
            raise self.error(f"transformer_runtime_models has no {name!r}; known: {known}")
        examples = [line.strip() for line in self.content if line.strip()]
        if not examples:
            raise self.error("expected at least one example, a line for each, got none")
        node = runtime("", model=name, examples=examples)
        self.set_source_info(node)
        return [node]


def place(program: str, model_address: str, **settings: Any) -> str:
    """The place of a translator in a page, with all that the loader must know.

    ``program`` and ``model_address`` are the addresses of two scripts, relative to the page.
    """
    settings = {"words": words("en"), "replaces": None, **settings}
    data = json.dumps(settings, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    return (
        f'<div class="transformer-runtime" data-src-program="{escape(program)}" '
        f'data-src-model="{escape(model_address)}">'
        f'<script type="application/json">{data}</script></div>\n'
    )


def visit_html(self: Any, node: runtime) -> None:
    """Write an empty place into the page."""
    builder = self.builder
    page = builder.get_target_uri(builder.current_docname)
    self.body.append(
        place(
            relative_uri(page, f"_static/{FOLDER}/{PROGRAM}"),
            relative_uri(page, f"_static/{FOLDER}/{model_file(node['model'])}"),
            model=node["model"],
            examples=node["examples"],
            replaces=builder.config.transformer_runtime_replaces,
            words=words(builder.config.language),
        )
    )
    raise nodes.SkipNode


def skip(self: Any, node: runtime) -> None:
    """Leave it out: what is recorded stands in the text."""
    raise nodes.SkipNode
