"""Files that come with the book: the records its pages read, and the programs of ``examples/``.

In a checkout of the repository they lie in ``docs/records`` and ``examples``; an installed package
carries a copy of both. A page, or a notebook made of it, asks here and works in either.
"""

from pathlib import Path
from typing import Literal

Kind = Literal["records", "examples"]

PACKAGE = Path(__file__).resolve().parent

#: Where each kind lies in a checkout; the build puts copies into `_records` and `_examples` of the
#: package (pyproject.toml).
IN_CHECKOUT: dict[Kind, str] = {"records": "docs/records", "examples": "examples"}


def shipped_file(kind: Kind, name: str) -> Path:
    """The file ``name`` of the records or the examples, in the checkout or beside the package.

    A name that isn't there raises `FileNotFoundError`, which lists the names that are.

    >>> shipped_file("examples", "translate_dates.py").name
    'translate_dates.py'
    """
    folder = PACKAGE / f"_{kind}"
    if not folder.is_dir():
        folder = PACKAGE.parents[1] / IN_CHECKOUT[kind]
    path = folder / name
    if not path.is_file():
        known = sorted(each.name for each in folder.glob(f"*{path.suffix}"))
        raise FileNotFoundError(f"no {name} among the {kind}: {', '.join(known) or 'none'}")
    return path
