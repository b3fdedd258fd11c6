"""Tests of our own error messages: the hook that checks shapes would speak before them."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--jaxtyping-packages", default=None):
        skip = pytest.mark.skip(reason="run tests/errors without --jaxtyping-packages")
        for item in items:
            if "errors" in item.path.parts:
                item.add_marker(skip)
