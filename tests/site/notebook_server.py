"""Run notebooks in a bare environment, each in a process of its own that need not import torch.

This program is run by the environment's Python; it imports nothing that isn't there. It imports
torch and IPython once. For each notebook that it is sent it forks: the child has an empty
namespace, changes into an empty folder and runs the code cells in their order in IPython's shell,
which is what a Jupyter kernel does between its sockets. It ends with the notebook. The package
itself is not imported before the fork, so that each notebook finds it, or doesn't.

Lines of JSON come in, ``{"path": …, "folder": …}``, and lines of JSON go out:
``{"cells": …, "outputs": …, "error": …, "cpu": …}``.
"""

import json
import os
import sys
import traceback

import torch  # noqa: F401  the seconds of each notebook that this saves
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


def run(path: str, folder: str) -> dict[str, object]:
    """Run the code cells of a notebook up to the first that fails."""
    os.chdir(folder)
    sys.path[0] = ""  # as in a kernel: the folder of the notebook, not that of this file
    with open(path, encoding="utf-8") as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    shell = InteractiveShell.instance()
    done = outputs = 0
    for cell in cells:
        with capture_output() as captured:
            result = shell.run_cell("".join(cell["source"]), store_history=True)
        outputs += bool(captured.stdout or captured.outputs)
        if error := result.error_before_exec or result.error_in_exec:
            lines = "".join(traceback.format_exception(error))
            return {"cells": done, "outputs": outputs, "error": f"{lines}\nin\n{cell['source']}"}
        done += 1
    return {"cells": done, "outputs": outputs, "error": ""}


def in_child(path: str, folder: str) -> dict[str, object]:
    """Run a notebook in a forked process, and say what became of it."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # what escapes the capture must not be taken for an answer
        try:
            answer = run(path, folder)
        except BaseException:
            answer = {"cells": 0, "outputs": 0, "error": traceback.format_exc()}
        with os.fdopen(writable, "w", encoding="utf-8") as file:
            json.dump(answer, file)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, encoding="utf-8") as file:
        text = file.read()
    _, status, usage = os.wait4(child, 0)
    died = {"cells": 0, "outputs": 0, "error": f"the process ended with status {status}"}
    answer = json.loads(text) if text else died
    return {**answer, "cpu": round(usage.ru_utime + usage.ru_stime, 1)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(in_child(**json.loads(line))), flush=True)
