"""How many letters there are, exactly, without writing them."""

from collections import Counter
from functools import cache
from math import perm, prod

from jumok.data.letters.grammar import Grammar, Split, load_grammar
from jumok.data.letters.vocabulary import LISTS, Setting

__all__ = ["count_letters", "count_frames"]


def count_letters(split: Split, grammar: Grammar | None = None) -> int:
    """How many different letters a split has, exactly.

    A letter is a choice of patterns, one for each role that isn't left out, and of words for all
    their slots. Most slots belong to one role: their words multiply the ways to fill it. A name
    that several sentences share is chosen once for all of them, so choices are grouped by the set
    of shared slots they have used; role after role, the groups are multiplied out. There are few
    groups, where the choices themselves are far too many to list. Different choices give different
    letters.

    >>> print(f"{count_letters('train'):.2e}")
    4.58e+40
    """
    grammar = grammar or load_grammar()
    settings = grammar.settings()
    if split != "new patterns":
        return sum(_count(grammar, setting, False, split != "train") for setting in settings)
    return sum(
        _count(grammar, setting, True, True) - _count(grammar, setting, False, True)
        for setting in settings
    )


@cache
def count_frames(with_held_out: bool = False) -> int:
    """How many letters differ in more than the words in their slots: in patterns, tone or topic.

    >>> f"{count_frames():,}"
    '25,493,032,800'
    """
    grammar = load_grammar()
    settings = {setting[:3]: setting for setting in grammar.settings()}.values()
    return sum(_count(grammar, each, with_held_out, False, words=False) for each in settings)


def _count(
    grammar: Grammar,
    setting: Setting,
    held_out_patterns: bool,
    held_out_words: bool,
    *,
    words: bool = True,
) -> int:
    """The letters of one setting; without ``words``, all words of a list count as one."""
    shared = _shared_slots(grammar, setting)

    def size(slot: str) -> int:
        return len(grammar.vocabulary.words(slot, setting, held_out_words)) if words else 1

    groups = Counter({(frozenset[str](), 0): 1})  # shared slots so far, details so far
    for role, may_miss in grammar.roles(setting):
        in_training, held_out = grammar.fitting(role, setting)
        ways = Counter[frozenset[str]]()  # to say this one sentence, or nothing
        for pattern in in_training + held_out if held_out_patterns else in_training:
            ways[pattern.slots & shared] += prod(size(slot) for slot in pattern.slots - shared)
        longer = Counter(groups if may_miss else {})
        for (slots, details), times in groups.items():
            for used, each in ways.items():
                longer[slots | used, details + (role in grammar.details)] += times * each
        groups = longer

    total = 0
    for (slots, details), times in groups.items():
        if details <= grammar.most_details:
            # words of one list are different: the sender is not the friend
            lists = Counter(LISTS.get(slot, slot) for slot in slots)
            total += times * prod(perm(size(name), n) for name, n in lists.items() if words)
    return total


def _shared_slots(grammar: Grammar, setting: Setting) -> frozenset[str]:
    """Slots that stand in several roles, or whose list fills another slot too."""

    roles = []
    for role, _ in grammar.roles(setting):
        in_training, held_out = grammar.fitting(role, setting)
        roles.append(frozenset[str]().union(*(each.slots for each in in_training + held_out)))
    times = Counter(slot for each in roles for slot in each)
    return frozenset(slot for slot, roles in times.items() if roles > 1 or slot in LISTS)
