"""Scripts and styles, taken out of the outputs and written once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from .words import translate, words_element

if TYPE_CHECKING:
    from collections.abc import Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_ASSET = re.compile(
    r"<(?P<tag>script|style)\b[^>]*\sdata-asset=\"(?P<name>[\w.-]+)\.(?P<kind>js|css)\"[^>]*>"
    r"(?P<content>.*?)</(?P=tag)>",
    re.DOTALL,
)
_DATA = re.compile(r"<script type=\"application/json\"[^>]*>.*?</script>", re.DOTALL)
_MARK = "data-message="


def assets_of(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """For each page, the files that it needs: name and content."""
    if not hasattr(env, "attention_view_assets"):
        env.attention_view_assets = {}  # type: ignore[attr-defined]
    return env.attention_view_assets  # type: ignore[attr-defined, no-any-return]


class TakeAssetsOut(SphinxTransform):
    """Take scripts and styles out of a page's outputs, and translate the words of every view."""

    default_priority = 3  # before sphinx_inline_figures makes nodes of figures (5)

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        for raw in list(self.document.findall(nodes.raw)):
            text = raw.astext()
            if "html" not in raw.get("format", "").split() or "data-asset=" not in text:
                continue
            markup = translate(_ASSET.sub(self._take, text), self.config.language)
            new = nodes.raw("", markup, **raw.attributes)
            new.source, new.line = raw.source, raw.line
            raw.replace_self(new)

    def _take(self, found: re.Match[str]) -> str:
        content = found["content"]
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        name = f"{found['name']}.{digest}.{found['kind']}"
        assets_of(self.env).setdefault(self.env.docname, {})[name] = content
        return ""


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """A page is read again: what it needed is no longer known."""
    assets_of(env).pop(docname, None)


def merge_pages(
    app: Sphinx, env: BuildEnvironment, docnames: Set[str], other: BuildEnvironment
) -> None:
    """Take over what another process read."""
    assets_of(env).update(
        {name: assets_of(other)[name] for name in docnames & assets_of(other).keys()}
    )


def write_assets(app: Sphinx, builder: Any) -> None:
    """Write all files before the pages, which name them, are written."""
    if builder.format != "html" or builder.name == "epub":
        return
    folder = Path(app.outdir) / "_static"
    for files in assets_of(app.env).values():
        for name, content in files.items():
            path = folder / name
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")


def add_to_page(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Load the files on a page that needs them, and give it the words."""
    if doctree is None:
        return
    pages = assets_of(app.env)
    files = dict(pages.get(pagename, {}))
    if "attention-view" in (app.env.metadata.get(pagename) or {}):
        for others in pages.values():
            files |= {
                name: text for name, text in others.items() if name.startswith("attention-view.")
            }
    if not files:
        return
    if app.builder.name == "epub":
        context["body"] = _DATA.sub("", context["body"])
        return
    for name in sorted(files):
        if name.endswith(".js"):
            app.add_js_file(name, loading_method="defer")
        else:
            app.add_css_file(name)
    context["body"] += words_element(app.config.language)
