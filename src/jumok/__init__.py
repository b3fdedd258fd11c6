"""Attention and the Transformer, one tested part at a time."""

__version__ = "0.1.0"
