"""Carry translations over to the changed text of a page.

What a page says unchanged keeps its translation, wherever it moved. What was changed keeps it for
review: the entry is fuzzy (pages then show the source text) and holds the text that the old
translation was made for, so that an editor can show the difference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from .catalogs import Catalog, Message

SIMILAR = 0.6  # as msgmerge
CONTAINED = 0.9  # of a paragraph that was split, or joined with another
SHORT = 160  # characters; shorter texts are compared by letters, longer ones by words


class Memory:
    """What all catalogs of a language know: a paragraph may move to another page."""

    def __init__(self, catalogs: Iterable[Catalog]) -> None:
        self.known: dict[str, Counter[str]] = {}
        self.abandoned: dict[str, Message] = {}
        self.homeless: list[Message] = []  # of texts that their page no longer holds
        for catalog in catalogs:
            for message in catalog.messages:
                if not message.msgstr or message.fuzzy:
                    continue
                if message.obsolete:
                    self.abandoned.setdefault(message.msgid, message)
                else:
                    self.known.setdefault(message.msgid, Counter())[message.msgstr] += 1

    def find(self, msgid: str) -> Message | None:
        """The translation of a text; to be reviewed where pages translate it differently."""
        if found := self.known.get(msgid):
            (best, _), *others = sorted(found.items(), key=lambda item: (-item[1], item[0]))
            return Message(msgid, best, fuzzy=bool(others))
        if abandoned := self.abandoned.get(msgid):
            return replace(abandoned, obsolete=False)
        return None

    def note_homeless(self, catalog: Catalog, wanted: Iterable[str]) -> None:
        """Remember what a page lost: another may have got it, in other words."""
        held = set(wanted)
        self.homeless += [message for message in catalog.active if message.msgid not in held]


def merge(
    old: Catalog,
    wanted: Sequence[str],
    memory: Memory | None = None,
    *,
    keep_unknown: bool = False,
    keep_obsolete: bool = True,
) -> Catalog:
    """The catalog of a page that now holds the texts ``wanted``, in this order.

    An entry that the page no longer holds becomes obsolete, or goes if not ``keep_obsolete``. With
    ``keep_unknown`` it stays as it is: the page couldn't be read to its end.
    """
    current = {message.msgid: message for message in old.active}
    abandoned = {message.msgid: message for message in old.messages if message.obsolete}
    wanted = list(dict.fromkeys(wanted))
    free = [message for message in old.active if message.msgid not in set(wanted)]
    used: set[str] = set()
    messages = []
    for msgid in wanted:
        message = current.get(msgid) or abandoned.get(msgid)
        if message is None or not message.msgstr:
            found = undone_change(msgid, free) or (memory and memory.find(msgid))
            found = found or similar(msgid, [*free, *abandoned.values()])
            found = found or similar(msgid, memory.homeless if memory else [])
            if found:
                used.add(found.previous or found.msgid)
                notes = message.notes if message else found.notes
                message = replace(found, msgid=msgid, notes=notes)
        message = message or Message(msgid)
        stale = message.previous is not None and not message.fuzzy
        messages.append(
            replace(message, obsolete=False, previous=None if stale else message.previous)
        )
    left = [message for message in free if not ({message.msgid, message.previous} & used)]
    if keep_unknown:
        messages = in_old_order(messages, left, old.active)
        if current.keys() >= set(wanted):
            # A word of the text may stand in an unseen output first: nothing is new, so all stays.
            place = {message.msgid: number for number, message in enumerate(old.active)}
            messages.sort(key=lambda message: place[message.msgid])
    elif keep_obsolete:
        messages += [put_aside(message) for message in left if message.msgstr]
    if keep_obsolete or keep_unknown:
        messages += [one for one in abandoned.values() if one.msgid not in used]
    unique = {message.msgid: message for message in reversed(messages)}
    messages = [message for message in messages if unique[message.msgid] is message]
    return Catalog(messages, dict(old.header), old.comment)


def put_aside(message: Message) -> Message:
    """An entry that the page no longer holds, with the text that it is a translation of."""
    msgid = message.previous if message.fuzzy and message.previous else message.msgid
    return replace(message, msgid=msgid, previous=None, obsolete=True)


def in_old_order(
    messages: list[Message], kept: Iterable[Message], before: Sequence[Message]
) -> list[Message]:
    """Put the entries that were kept back behind those they followed."""
    ordered = list(messages)
    for message in kept:
        place = next(i for i, old in enumerate(before) if old.msgid == message.msgid)
        earlier = {old.msgid for old in before[:place]}
        positions = [i for i, other in enumerate(ordered) if other.msgid in earlier]
        ordered.insert(positions[-1] + 1 if positions else 0, message)
    return ordered


def undone_change(msgid: str, candidates: Iterable[Message]) -> Message | None:
    """The translation of a text that was changed, and has been changed back."""
    for message in candidates:
        if message.fuzzy and message.previous == msgid and message.msgstr:
            return replace(message, fuzzy=False, previous=None)
    return None


def similar(msgid: str, candidates: Iterable[Message]) -> Message | None:
    """The translation of the most similar text, to be reviewed."""
    best, score = None, 0.0
    for message in candidates:
        if not message.msgstr:
            continue
        likeness = max(
            resemblance(msgid, text) for text in (message.msgid, message.previous) if text
        )
        if likeness > score:
            best, score = message, likeness
    if best is None:
        return None
    # The translation of a fuzzy entry was made for the text before the one it stands at now.
    previous = best.previous if best.fuzzy else best.msgid
    return replace(best, fuzzy=True, previous=previous, obsolete=False)


def resemblance(one: str, other: str) -> float:
    """How much two texts have in common, 0 if they are no versions of each other."""
    if max(len(one), len(other)) <= SHORT:
        return ratio(one, other)
    words, other_words = (re.findall(r"\w+|[^\w\s]", text) for text in (one, other))
    if likeness := ratio(words, other_words):
        return likeness
    shorter = min(len(words), len(other_words))
    if shorter < 8:
        return 0.0
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks() if block.size >= 3)
    return SIMILAR if common >= CONTAINED * shorter else 0.0


def ratio(one: Sequence[str], other: Sequence[str]) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR or matcher.quick_ratio() < SIMILAR:
        return 0.0
    found = matcher.ratio()
    return found if found >= SIMILAR else 0.0


def same_texts(one: Catalog, other: Catalog) -> bool:
    """Whether two states of a catalog hold the same entries in the same order."""
    return [replace(message, line=0) for message in one.messages] == [
        replace(message, line=0) for message in other.messages
    ]


def finished(catalog: Catalog) -> set[tuple[str, str]]:
    """What pages show of a catalog."""
    return {(message.msgid, message.msgstr) for message in catalog.messages if message.translated}
