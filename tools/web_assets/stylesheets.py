"""Stylesheets without what no page can use, in as few characters as they need.

A rule stays if each element, class and id that one of its selectors asks for occurs on some page,
or is a word of some script.  States, attributes and pseudo-classes are never a reason to drop one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tinycss2
from tinycss2 import ast

from .errors import PublishError
from .usage import VARIABLE, Usage

#: At-rules that hold rules.
CONDITIONS = {"media", "supports", "layer", "container", "scope", "starting-style"}
#: Pseudo-classes that match what one of their arguments matches.
EITHER = {"is", "where", "matches", "-webkit-any", "-moz-any"}
STRING = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)

#: The new address of what a stylesheet fetches, from the old one and the file it stands in.
Resolve = Callable[[str, Path], str]


@dataclass(frozen=True)
class Declaration:
    """``name: value``."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True)
class Block:
    """A rule: what stands before the brace, and what stands inside."""

    head: str
    items: tuple[Declaration | Block, ...]
    #: A statement such as ``@namespace`` has no braces.
    statement: bool = False

    def __str__(self) -> str:
        if self.statement:
            return f"{self.head};"
        parts: list[str] = []
        for item in self.items:
            if parts and not parts[-1].endswith("}"):
                parts.append(";")
            parts.append(str(item))
        return f"{self.head}{{{''.join(parts)}}}"

    def declarations(self) -> Iterator[Declaration]:
        for item in self.items:
            if isinstance(item, Declaration):
                yield item
            else:
                yield from item.declarations()

    def fonts(self) -> Iterator[Block]:
        """The ``@font-face`` rules in it."""
        if self.head == "@font-face":
            yield self
        for item in self.items:
            if isinstance(item, Block):
                yield from item.fonts()


def filtered(blocks: Iterable[Block], keep: Callable[[Declaration | Block], bool]) -> list[Block]:
    """Blocks with only those declarations and rules that a function keeps; empty ones go."""
    result = []
    for block in blocks:
        if not keep(block):
            continue
        if block.statement:
            result.append(block)
            continue
        items: list[Declaration | Block] = []
        for item in block.items:
            if isinstance(item, Block):
                items += filtered([item], keep)
            elif keep(item):
                items.append(item)
        if items:
            result.append(Block(block.head, tuple(items)))
    return result


def check(nodes: Iterable[ast.Node], path: Path) -> None:
    for node in nodes:
        if node.type == "error":
            place = f"{path.name}:{node.source_line}:{node.source_column}"
            raise PublishError(f"{place}: expected CSS, found {node.message}")


def split(tokens: Iterable[ast.Node]) -> Iterator[list[ast.Node]]:
    """The parts of a list of tokens between commas."""
    part: list[ast.Node] = []
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def possible(selector: list[ast.Node], usage: Usage) -> bool:
    """Whether everything that one selector asks for occurs."""
    before = ""
    for token in selector:
        if token.type == "literal":
            before = token.value
            continue
        if token.type == "hash" and not usage.has("ids", token.value):
            return False
        if token.type == "ident":
            if before == ".":
                if not usage.has("classes", token.value):
                    return False
            elif before != ":" and not usage.has("elements", token.value.lower()):
                return False
        if (
            token.type == "function"
            and token.lower_name in EITHER
            and not any(possible(each, usage) for each in split(token.arguments))
        ):
            return False
        before = ""
    return True


def drop_comments(tokens: Iterable[ast.Node]) -> list[ast.Node]:
    kept = []
    for token in tokens:
        if token.type == "comment":
            continue
        for name in ("content", "arguments"):
            inside = getattr(token, name, None)
            if isinstance(inside, list):
                setattr(token, name, drop_comments(inside))
        kept.append(token)
    return kept


def compact(tokens: Iterable[ast.Node]) -> str:
    """Tokens as text without comments, and without spaces that mean nothing."""
    text = tinycss2.serialize(drop_comments(tokens)).strip()
    parts = STRING.split(text)
    for number in range(0, len(parts), 2):  # strings stay as they are
        parts[number] = re.sub(r"\s+", " ", parts[number]).replace(", ", ",")
    return "".join(parts)


def compact_selector(tokens: Iterable[ast.Node]) -> str:
    parts = STRING.split(compact(tokens))
    for number in range(0, len(parts), 2):
        parts[number] = re.sub(r" ?([>~]) ?", r"\1", parts[number])
    return "".join(parts)


class Sheet:
    """One stylesheet with its imports."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rules = list(self.read(path))

    def read(self, path: Path) -> Iterator[tuple[ast.Node, Path]]:
        """The rules, each with the file that its addresses are relative to.

        Raises:
            PublishError: something in it is no CSS.
        """
        text = path.read_text(encoding="utf-8")
        rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        check(rules, path)
        for rule in rules:
            keyword = rule.lower_at_keyword if rule.type == "at-rule" else ""
            if keyword == "import":
                address, *condition = (t for t in rule.prelude if t.type != "whitespace")
                if condition:
                    raise PublishError(f"{path.name}: an @import with a condition is not read")
                if address.type == "function":
                    address = address.arguments[0]
                yield from self.read(path.parent / address.value)
            elif keyword != "charset":
                yield rule, path

    def blocks(self, usage: Usage, resolve: Resolve) -> list[Block]:
        """The rules that stay."""
        found = (self.block(rule, path, usage, resolve) for rule, path in self.rules)
        return [block for block in found if block]

    def block(self, rule: ast.Node, path: Path, usage: Usage, resolve: Resolve) -> Block | None:
        if rule.type == "qualified-rule":
            kept = [each for each in split(rule.prelude) if possible(each, usage)]
            items = self.items(rule.content, path, usage, resolve) if kept else ()
            return Block(",".join(map(compact_selector, kept)), items) if items else None
        head = f"@{rule.lower_at_keyword} {compact(rule.prelude)}".strip()
        if rule.content is None:
            return Block(head, (), statement=True)
        if rule.lower_at_keyword in CONDITIONS or rule.lower_at_keyword.endswith("keyframes"):
            inside = tinycss2.parse_rule_list(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            check(inside, path)
            if rule.lower_at_keyword in CONDITIONS:
                blocks = (self.block(each, path, usage, resolve) for each in inside)
                items = tuple(block for block in blocks if block)
            else:
                items = tuple(
                    Block(compact(each.prelude), self.items(each.content, path, usage, resolve))
                    for each in inside
                )
            return Block(head, items) if items else None
        return Block(head, self.items(rule.content, path, usage, resolve))

    def items(
        self, content: list[Any], path: Path, usage: Usage, resolve: Resolve
    ) -> tuple[Declaration | Block, ...]:
        """What stands between braces: declarations, and rules in the rule."""
        items: list[Declaration | Block] = []
        nodes = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
        for node in nodes:
            if node.type == "declaration":
                self.readdress(node.value, path, resolve)
                important = "!important" if node.important else ""
                items.append(Declaration(node.name, compact(node.value) + important))
            elif node.type in {"qualified-rule", "at-rule"}:
                block = self.block(node, path, usage, resolve)
                items += [block] if block else []
            # What is no declaration (hacks for browsers of long ago) no browser reads either.
        return tuple(items)

    def readdress(self, tokens: list[Any], path: Path, resolve: Resolve) -> None:
        """Let what a rule fetches come from its new place."""
        for number, token in enumerate(tokens):
            if token.type == "url":
                address = token.value
            elif token.type == "function" and token.lower_name == "url" and token.arguments:
                address = token.arguments[0].value
            else:
                if token.type == "function":
                    self.readdress(token.arguments, path, resolve)
                continue
            new = resolve(address, path)
            if new != address:
                [tokens[number]] = tinycss2.parse_component_value_list(f'url("{new}")')


def words_of(blocks: Iterable[Block]) -> set[str]:
    """Every word in the values of declarations: names of animations and the like."""
    values = (each.value for block in blocks for each in block.declarations())
    return {word for value in values for word in re.findall(r"-{0,2}[A-Za-z_][\w-]*", value)}


def drop_unread(blocks: list[Block], usage: Usage) -> list[Block]:
    """Leave out custom properties and animations that nobody reads, and what only they read."""
    while True:
        values = [each.value for block in blocks for each in block.declarations()]
        read = usage.variables | {name for value in values for name in VARIABLE.findall(value)}
        words = words_of(blocks) | usage.words

        def keep(item: Declaration | Block, read=read, words=words) -> bool:
            if isinstance(item, Declaration):
                return not item.name.startswith("--") or item.name in read
            kind, _, name = item.head.partition(" ")
            return not kind.endswith("keyframes") or name in words

        fewer = filtered(blocks, keep)
        if fewer == blocks:
            return blocks
        blocks = fewer
