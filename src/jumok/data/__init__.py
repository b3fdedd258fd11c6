"""Data that the package generates itself: no download, the same on every machine."""

from jumok.data.tokenizer import END_ID, PAD_ID, SPECIAL_TOKENS, START_ID, UNKNOWN_ID, Tokenizer

__all__ = ["PAD_ID", "START_ID", "END_ID", "UNKNOWN_ID", "SPECIAL_TOKENS", "Tokenizer"]
