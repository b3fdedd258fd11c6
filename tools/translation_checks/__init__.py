"""Find what is wrong in the translations of a Sphinx project written in MyST.

``python tools/check_translations.py [FILE.po …] [--language ko] [--rules code,maths]`` reads the
gettext catalogs, compares each message with its translation, and prints file, line, rule, English,
translation and what is wrong. It ends with 1 where it found something. Missing and fuzzy entries
are passed over: they are incomplete, which is another command's business.

What is read stands in ``pyproject.toml``::

    [tool.translation-checks]
    source-language = "en"
    catalogs = "docs/locales/{language}/LC_MESSAGES/**/*.po"
    interface = ["extensions/*/locale/{language}/LC_MESSAGES/*.po"]  # strings without markup
    docstrings = ["reference/api/*"]  # pages whose messages may be reStructuredText
    myst-configuration = "conf.py"    # myst_enable_extensions is read from it, nothing executed
    glossary = "docs/glossary.yml"    # the file of sphinx_data_glossary

    [[tool.translation-checks.words.ko]]  # one word for one thing that is no term
    english = "word"
    use = "단어"
    avoid = ["낱말"]

The rules of ``rules``, ``wording`` and ``terms`` hold for every language. A language with rules of
its own has a package here (``korean``), which is named in ``LANGUAGE_RULES``.

A translator who knows better says so beside the entry, with a reason::

    # check: ignore numbers the English counts the title page, the Korean does not
    msgid "…"

An exception that no longer hides anything is itself reported (``unused-exception``).
"""

from .catalogs import Pair, read_catalog
from .findings import Finding
from .run import LANGUAGE_RULES, check_files, check_pairs, rule_names
from .settings import Settings

__all__ = [
    "LANGUAGE_RULES",
    "Finding",
    "Pair",
    "Settings",
    "check_files",
    "check_pairs",
    "read_catalog",
    "rule_names",
]
