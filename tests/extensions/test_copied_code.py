"""The button beside code copies what can be run: no prompts, no outputs, all else as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from chromium import chromium
from sphinx_project import Build, Project

CONFIGURATION = Path(__file__).resolve().parents[2] / "conf.py"
PAGE = '''\
# A page

```{code-cell}
total = 0
for number in range(3):
    total += number
print(">>> not a prompt", total)
```

```pycon
>>> for number in range(2):
...     print(number)
0
1
>>> total = 1
```

```console
$ pip install jumok
Successfully installed
$ python -m jumok \\
    --help
usage
```

```ipythonconsole
In [12]: total = 5

In [13]: for each in range(total):
    ...:     print(each)
0
```

```python
def double(x):
    """Twice as much.

    >>> double(2)
    4
    """
    return 2 * x
```
'''
COPIED = [
    'total = 0\nfor number in range(3):\n    total += number\nprint(">>> not a prompt", total)',
    "for number in range(2):\n    print(number)\ntotal = 1",
    "pip install jumok\npython -m jumok \\\n    --help",
    "total = 5\n\nfor each in range(total):\n    print(each)",
    'def double(x):\n    """Twice as much.\n\n    >>> double(2)\n    4\n    """\n    return 2 * x',
]


def settings() -> dict[str, object]:
    """What the site's configuration says to the extension."""
    tree = ast.parse(CONFIGURATION.read_text(encoding="utf-8"))
    return {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id.startswith("copybutton_")
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("copied")
    project = Project(folder, ["sphinx_copybutton"], **settings())
    project.notebook("index.md", PAGE)
    build = project.build("en", "-W")
    assert build.returncode == 0, build.output
    return build


def test_code_is_copied_without_prompts_and_outputs(built: Build) -> None:
    with chromium() as browser:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto((built.folder / "index.html").as_uri())
        buttons = page.locator("button.copybtn")
        buttons.first.wait_for(state="attached")
        copied = []
        for button in buttons.all():
            button.focus()
            page.keyboard.press("Enter")
            copied.append(page.evaluate("navigator.clipboard.readText()").strip("\n"))
    assert copied == COPIED


def test_outputs_have_no_button(built: Build) -> None:
    assert ">&gt;&gt;&gt; not a prompt 3\n" in built.page("index").replace("<span></span>", "")
    with chromium() as browser:
        page = browser.new_page()
        page.goto((built.folder / "index.html").as_uri())
        page.locator("button.copybtn").first.wait_for(state="attached")
        assert page.locator(".cell_output button.copybtn").count() == 0
