"""What conf.py and the build share: where things are, the site's address, its languages."""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: The one setting for the site's address; canonical links, hreflang, Open Graph and the sitemap
#: are made from it. JUMOK_SITE_URL overrides it, for a copy hosted elsewhere.
SITE_URL = os.environ.get("JUMOK_SITE_URL", PROJECT["urls"]["Homepage"]).rstrip("/") + "/"
REPOSITORY_URL = PROJECT["urls"]["Repository"]

#: Languages of the site. The first is the source; each other has catalogs in docs/locales.
LANGUAGES = [
    {"code": "en", "name": "English", "hint": "Read this page in English"},
    {"code": "ko", "name": "한국어", "hint": "이 페이지를 한국어로 읽기"},
]
