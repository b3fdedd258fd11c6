"""A link on every page to the same page, and the same section, in the other languages.

The languages of a site are built into sibling folders (``site/en``, ``site/ko``, …) from the same
sources. Sphinx keeps the ids of the source in its translations, so the page and the anchor have
the same name in each language, and the switch is a plain relative link: it works without
JavaScript, from a file, and at any base path. A small script adds the section in view and
remembers the choice for the landing page.

Settings in ``conf.py``::

    language_switch_languages = [
        {"code": "en", "name": "English", "hint": "Read this page in English"},
        {"code": "ko", "name": "한국어", "hint": "이 페이지를 한국어로 읽기"},
    ]
    language_switch_site_url = "https://example.org/book/"  # "" when unknown

and ``language-switch.html`` among the theme's header components. With an address of the site,
every page also names its canonical address and its counterparts (``hreflang``) in its head.

`write_root` writes what the languages share: landing page, 404 page, sitemap.
`template_texts` lists the texts of those pages, for a catalog.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ConfigError

from .root import Language, template_texts, write_root

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["Language", "alternates", "template_texts", "write_root"]
__version__ = "1.0"

HERE = Path(__file__).parent


def check_settings(app: Sphinx, config: Config) -> None:
    """Complete the settings, and refuse those that would lead to broken links."""
    languages = [Language.of(entry) for entry in config.language_switch_languages]
    if languages and config.language not in [language.code for language in languages]:
        raise ConfigError(
            f"language_switch_languages does not hold this build's language, {config.language!r}"
        )
    site_url = config.language_switch_site_url
    if site_url and not site_url.endswith("/"):
        raise ConfigError(f"language_switch_site_url must end with a slash: {site_url!r}")
    if site_url and not config.html_baseurl:
        config.html_baseurl = f"{site_url}{config.language}/"
    config.templates_path.append(str(HERE / "templates"))


def add_static_path(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(HERE / "static"))


def alternates(site_url: str, languages: list[Language], target: str) -> str:
    """The ``<link>`` elements of a page's counterparts; ``target`` is its path in a language.

    The address without a language is that of the landing page for the first page of the book,
    and of the first language for all others.

    >>> print(alternates("https://a.org/", [Language("en", "English")], "masks.html"))
    <link rel="alternate" hreflang="en" href="https://a.org/en/masks.html" />
    <link rel="alternate" hreflang="x-default" href="https://a.org/en/masks.html" />
    """
    addresses = [(language.tag, f"{site_url}{language.code}/{target}") for language in languages]
    default = site_url if target == "index.html" else addresses[0][1]
    return "\n".join(
        f'<link rel="alternate" hreflang="{escape(tag)}" href="{escape(address)}" />'
        for tag, address in [*addresses, ("x-default", default)]
    )


def add_languages(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the templates the links from this page to its counterparts."""
    languages = [Language.of(entry) for entry in app.config.language_switch_languages]
    target = app.builder.get_target_uri(pagename)
    to_site = "../" * (target.count("/") + 1)
    context["language_switch"] = [
        {
            "code": language.code,
            "tag": language.tag,
            "name": language.name,
            "hint": language.hint,
            "href": f"{to_site}{language.code}/{target}",
        }
        for language in languages
        if language.code != app.config.language
    ]
    if app.config.language_switch_site_url and languages:
        links = alternates(app.config.language_switch_site_url, languages, target)
        context["metatags"] = context.get("metatags", "") + "\n" + links + "\n"


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("language_switch_languages", [], "html", list)
    app.add_config_value("language_switch_site_url", "", "html", str)
    app.connect("config-inited", check_settings)
    app.connect("builder-inited", add_static_path)
    app.connect("html-page-context", add_languages)
    app.add_js_file("language-switch.js", loading_method="defer")
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
