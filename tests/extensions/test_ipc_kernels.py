"""Kernels that listen on no TCP port."""

from __future__ import annotations

import os
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from sphinx_ipc_kernels import socket_folder, use_unix_sockets

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ZeroMQ has no Unix sockets on Windows")

TRANSPORT = """
from ipykernel.kernelapp import IPKernelApp
print(IPKernelApp.instance().transport)
"""
LISTENING = """
import os
sockets = set()
for number in os.listdir("/proc/self/fd"):
    try:
        sockets.add(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
for table in ("tcp", "tcp6"):
    for line in open(f"/proc/net/{table}").read().splitlines()[1:]:
        fields = line.split()
        if f"socket:[{fields[9]}]" in sockets:
            print("port", fields[1])
"""
WORKS = "import sys; print(sum(range(4)), file=sys.stderr); 6 * 7"


class Client(NotebookClient):
    """A client of our own, so that the tests change no other."""


@pytest.fixture(scope="module")
def outputs() -> list[list[nbformat.NotebookNode]]:
    """The outputs of the three cells above, and the sockets while they ran."""
    use_unix_sockets(Client)
    use_unix_sockets(Client)  # a second build in the process changes nothing
    sources = [TRANSPORT, LISTENING if sys.platform == "linux" else "", WORKS]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    Client(notebook, timeout=60).execute()
    return [cell["outputs"] for cell in notebook.cells]


def test_transport(outputs: list[list[nbformat.NotebookNode]]) -> None:
    assert outputs[0][0]["text"] == "ipc\n"


def test_no_port_is_open(outputs: list[list[nbformat.NotebookNode]]) -> None:
    assert outputs[1] == []


def test_cells_run_as_before(outputs: list[list[nbformat.NotebookNode]]) -> None:
    stream, result = outputs[2]
    assert (stream["name"], stream["text"]) == ("stderr", "6\n")
    assert result["data"]["text/plain"] == "42"


def test_sockets_are_private_and_removed(outputs: list[list[nbformat.NotebookNode]]) -> None:
    assert socket_folder().stat().st_mode & 0o077 == 0
    assert len(str(socket_folder())) < 60
    assert list(socket_folder().iterdir()) == []
