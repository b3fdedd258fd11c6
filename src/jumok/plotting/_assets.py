"""Scripts and styles of the figures that answer, as they are sent."""

import re
from functools import cache
from importlib.resources import files


def asset_elements(name: str) -> str:
    """The style and the script of a figure, for a notebook: nothing else is loaded there.

    A site may take both out and serve them as files; ``data-asset`` says what they are.
    """
    return (
        f'<style data-asset="{name}.css">{read_asset(f"{name}.css")}</style>'
        f'<script data-asset="{name}.js">{read_asset(f"{name}.js")}</script>'
    )


@cache
def read_asset(name: str) -> str:
    """A script or style without its comments and indentation, otherwise as it was written.

    Comments stand on lines of their own, and no string goes over a line's end; the tests see to
    both.
    """
    source = files("jumok.plotting").joinpath("assets", name).read_text(encoding="utf-8")
    source = re.sub(r"^\s*/\*.*?\*/[ \t]*$", "", source, flags=re.MULTILINE | re.DOTALL)
    source = re.sub(r"^\s*//.*$", "", source, flags=re.MULTILINE)
    return "\n".join(line.strip() for line in source.splitlines() if line.strip()) + "\n"
