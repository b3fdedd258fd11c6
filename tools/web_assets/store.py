"""Shared files under names that hold a digest of their content: they can be kept for ever."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

FOLDER = "assets"


class Store:
    """What will lie in the site's folder of assets: content by name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, name: str, content: bytes | str) -> str:
        """Keep a content; return its name in the folder, ``katex.3f9e03c4a1.css``."""
        data = content.encode() if isinstance(content, str) else content
        path = PurePosixPath(name)
        hashed = f"{path.stem}.{hashlib.sha256(data).hexdigest()[:10]}{path.suffix}"
        self.files[hashed] = data
        return hashed
