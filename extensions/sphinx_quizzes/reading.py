"""YAML with lines: every value comes with the place where it stands, every fault too."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class YamlError(ValueError):
    """A file can't be read, or isn't YAML."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def compose(path: Path) -> yaml.Node | None:
    """The nodes of a file.

    Raises:
        YamlError: the file can't be read, or isn't YAML.
    """
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError as error:
        raise YamlError("there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise YamlError(str(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not YAML: {error.problem} (a text with `: ` or a `#` in it needs quotes or >-)"
        raise YamlError(message, mark.line + 1 if mark else 1) from error


def describe(node: object) -> str:
    """What a node is, in words of a person."""
    if isinstance(node, yaml.SequenceNode):
        return f"a list of {len(node.value)}" if node.value else "an empty list"
    if isinstance(node, yaml.MappingNode):
        return "fields" if node.value else "empty braces"
    if isinstance(node, yaml.ScalarNode) and node.value.strip():
        return repr(node.value)
    return "nothing"


class Reader:
    """Reads values from nodes, and collects what is wrong."""

    def __init__(self) -> None:
        self.faults: list[tuple[int, str]] = []
        self.place = ""  # stands before each message

    def fault(self, where: object, message: str) -> None:
        line = where if isinstance(where, int) else self.line_of(where)
        self.faults.append((line, f"{self.place}: {message}" if self.place else message))

    @staticmethod
    def line_of(node: object) -> int:
        return node.start_mark.line + 1 if isinstance(node, yaml.Node) else 1

    def mapping(self, node: object, wanted: str) -> dict[str, yaml.Node] | None:
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"expected {wanted}, got {describe(node)}")
            return None
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else describe(key)
            if name in found:
                self.fault(key, f"{name}: expected once, got twice")
            found[name] = value
        return found

    def fields(
        self,
        node: object,
        what: str,
        *,
        needed: Sequence[str] = (),
        known: Sequence[str] = (),
        prefix: str = "",
    ) -> Mapping[str, yaml.Node]:
        """The fields of a mapping that must have some and may have others."""
        found = self.mapping(node, f"{what}: {', '.join([*needed, *known])}")
        if found is None:
            return {}
        for name in needed:
            if name not in found:
                self.fault(node, f"{prefix}{name}: expected in {what}, but it is missing")
        for name in [name for name in found if name not in (*needed, *known)]:
            wanted = ", ".join([*needed, *known])
            self.fault(found.pop(name), f"{prefix}{name}: unknown in {what}, which has {wanted}")
        return found

    def items(self, node: object, name: str, least: int, most: int = 0) -> list[yaml.Node]:
        if node is None:
            return []
        wanted = f"{least} to {most}" if most else f"{least} or more"
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, f"{name}: expected a list of {wanted}, got {describe(node)}")
            return []
        count = len(node.value)
        if count < least or (most and count > most):
            self.fault(node, f"{name}: expected {wanted}, got {count}")
        return list(node.value)

    def string(self, node: object, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fault(node, f"{name}: expected a text, got {describe(node)}")
            return ""
        return unicodedata.normalize("NFC", node.value)

    def integer(self, node: object, name: str, least: int, most: int) -> int:
        if node is None:
            return 0
        value = self.string(node, name)
        if not value.isdecimal() or not least <= int(value) <= most:
            self.fault(node, f"{name}: expected a number from {least} to {most}, got {value!r}")
            return 0
        return int(value)

    def number(self, node: object, name: str) -> float:
        if node is None:
            return 0.0
        value = self.string(node, name)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            self.fault(node, f"{name}: expected a number, 0 or more, got {value!r}")
            return 0.0
        return number
