"""Data that the package generates itself: no download, the same on every machine.

Every tokenizer here gives its first four ids to the same special tokens, so that one training loop
and one decoder serve them all.
"""

PAD_ID = 0
"""Fills a short sentence up to the longest of its batch."""

START_ID = 1
"""The decoder's first input."""

END_ID = 2
"""The decoder's last output."""

UNKNOWN_ID = 3
"""Stands for what the vocabulary does not hold."""

SPECIAL_TOKENS = ("<pad>", "<START>", "<END>", "<unknown>")
"""The special tokens, in the order of their ids."""
