"""One thing that is wrong, and how it is told."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

_WIDTH = 100


@dataclass(frozen=True, order=True)
class Finding:
    """A rule that a translation breaks, with the place and both texts."""

    path: Path
    line: int
    rule: str
    message: str
    source: str = ""
    translation: str = ""

    def text(self, root: Path | None = None) -> str:
        """``file:line: what is wrong [rule]``, then the English and the translation."""
        path = self.path
        if root is not None and path.is_relative_to(root):
            path = path.relative_to(root)
        lines = [f"{path.as_posix()}:{self.line}: {self.message} [{self.rule}]"]
        for label, text in (("English", self.source), ("Translation", self.translation)):
            if text:
                start = f"    {label + ':':<13}"
                lines += textwrap.wrap(
                    " ".join(text.split()),
                    _WIDTH,
                    initial_indent=start,
                    subsequent_indent=" " * len(start),
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        return "\n".join(lines)

    def annotation(self, root: Path) -> str:
        """The same as a command of GitHub Actions, which shows it beside the changed line."""
        path = os.path.relpath(self.path, root)
        message = self.message.replace("%", "%25").replace("\n", "%0A")
        return f"::error file={path},line={self.line},title={self.rule}::{message}"
