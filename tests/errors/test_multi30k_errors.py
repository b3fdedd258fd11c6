"""Wrong arguments for the captions."""

import pytest

from jumok.data.multi30k import captions


def test_splits(tmp_path):
    with pytest.raises(ValueError, match=r"split must be one of .*, got 'test'"):
        captions("test", tmp_path)
