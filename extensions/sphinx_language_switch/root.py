"""What the languages of a site share: landing page, 404 page, robots.txt and sitemap."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

import jinja2
import jinja2.nodes

# Pages that are about the book's text, not part of it: no search result should lead there.
NOT_IN_SITEMAP = re.compile(r"^(search|genindex.*|py-modindex|404)\.html$|^_(modules|static)/")


@dataclass(frozen=True)
class Language:
    """A language of the site: its folder and code, its name, an invitation to read in it."""

    code: str
    name: str
    hint: str = ""

    @property
    def tag(self) -> str:
        """The code as HTML writes it: ``pt-BR`` for ``pt_BR``."""
        return self.code.replace("_", "-")

    @classmethod
    def of(cls, entry: Language | Mapping[str, str]) -> Language:
        """The language of a setting's entry, ``{"code": "ko", "name": "한국어"}``."""
        return entry if isinstance(entry, cls) else cls(**entry)


def write_root(
    site_dir: str | Path,
    languages: Iterable[Language | Mapping[str, str]],
    site_url: str,
    *,
    templates: str | Path,
    translations: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Path]:
    """Write what lies in ``site_dir`` beside the folders of the languages; return the files.

    Every file of ``templates`` is copied; those ending in ``.html`` and ``.txt`` are Jinja
    templates that see ``languages``, ``site_url`` (the site's address, ending in a slash, or ""),
    ``base_path`` (the path of that address, for links from pages without a place of their own,
    such as ``404.html``), ``translate("text", language)``, which looks a text up in
    ``translations`` (for each code, texts by source text) and falls back to the source text, and
    ``translated("text", …)``, the languages that have all of these texts.
    ``sitemap.xml`` lists the pages of all languages with their counterparts; without an address
    there is none, since a sitemap must hold whole addresses.
    """
    site_dir, templates = Path(site_dir), Path(templates)
    known = [Language.of(entry) for entry in languages]
    texts = translations or {}
    environment = template_environment(templates)
    context = {
        "languages": known,
        "site_url": site_url,
        "base_path": urlsplit(site_url).path or "/",
        "translate": lambda text, language: texts.get(language.code, {}).get(text, text),
        "translated": lambda *wanted: [
            language
            for language in known
            if language is known[0] or set(wanted) <= texts.get(language.code, {}).keys()
        ],
    }
    site_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(templates.iterdir()):
        if not source.is_file():
            continue
        target = site_dir / source.name
        if source.suffix in {".html", ".txt"}:
            text = environment.get_template(source.name).render(context)
            target.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(source, target)
        written.append(target)
    if site_url:
        target = site_dir / "sitemap.xml"
        target.write_text(sitemap(site_dir, known, site_url), encoding="utf-8")
        written.append(target)
    return written


def template_environment(templates: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template_texts(templates: str | Path) -> dict[str, tuple[str, int]]:
    """The texts that the templates hand to ``translate``, each with its file and line."""
    environment = template_environment(Path(templates))
    found: dict[str, tuple[str, int]] = {}
    for path in sorted(Path(templates).glob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(jinja2.nodes.Call):
            if not isinstance(call.node, jinja2.nodes.Name) or call.node.name != "translate":
                continue
            text = call.args[0]
            if not (isinstance(text, jinja2.nodes.Const) and isinstance(text.value, str)):
                raise ValueError(f"{path.name}:{call.lineno}: translate() needs a literal text")
            found.setdefault(text.value, (path.name, call.lineno))
    return found


def pages(folder: Path) -> set[str]:
    """The paths of the pages of one language that a search engine should list."""
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    return {path for path in paths if not NOT_IN_SITEMAP.search(path)}


def sitemap(site_dir: Path, languages: list[Language], site_url: str) -> str:
    """The sitemap: each page of each language with those counterparts that exist."""
    found = {language.code: pages(site_dir / language.code) for language in languages}
    tags = {language.code: language.tag for language in languages}
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for path in sorted(set().union(*found.values())):
        addresses = {
            code: f"{site_url}{code}/{quote(path)}" for code in found if path in found[code]
        }
        links = "".join(
            f"<xhtml:link rel='alternate' hreflang={quoteattr(tags[code])}"
            f" href={quoteattr(address)}/>"
            for code, address in addresses.items()
        )
        lines += [f"<url><loc>{escape(url)}</loc>{links}</url>" for url in addresses.values()]
    return "\n".join([*lines, "</urlset>", ""])
