"""`pytest assignments` tests your work; `pytest assignments --solution` tests ours."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--solution", action="store_true", help="test the solutions of the book")


@pytest.fixture(scope="module")
def work(request: pytest.FixtureRequest) -> ModuleType:
    """The file that a test belongs to: test_NAME.py tests NAME.py."""
    name = request.path.stem.removeprefix("test_")
    folder = HERE / "solutions" if request.config.getoption("--solution") else HERE
    spec = importlib.util.spec_from_file_location(f"work_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
