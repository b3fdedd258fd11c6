"""Let the kernels that execute the pages talk over Unix sockets instead of TCP ports.

Jupyter kernels listen on five TCP ports of the loopback interface by default, which every user of
the machine can reach. nbclient, which MyST-NB and jupyter-cache execute notebooks with, offers no
setting for the transport, so this extension sets it on each kernel manager as it is made. The
sockets lie in a private folder that disappears with the build. A sixth port, over which ipykernel
collects what forked processes print, is not opened. Windows has no such sockets in ZeroMQ and
keeps TCP.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbclient import NotebookClient

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager
    from sphinx.application import Sphinx

__version__ = "1.0"

# What `python -m ipykernel_launcher` does, but for the port of forked processes. "-c" puts the
# current folder on the path, as "-m" does; the launcher, too, imports without it.
LAUNCH = """
import sys
sys.path = [folder for folder in sys.path if folder]
from ipykernel import kernelapp
thread = kernelapp.IOPubThread
kernelapp.IOPubThread = lambda socket, pipe=False, **kwargs: thread(socket, **kwargs)
kernelapp.launch_new_instance()
"""


@functools.cache
def socket_folder() -> Path:
    """The folder of this process's sockets, readable by nobody else."""
    # Socket paths may hold about 100 characters: a deep TMPDIR would be too long.
    parent = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="ipc-", dir=parent if len(parent) < 40 else "/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def use_unix_sockets(client: type[NotebookClient] = NotebookClient) -> None:
    """Make ``client`` create kernel managers whose transport is IPC."""
    if os.name == "nt" or getattr(client.create_kernel_manager, "unix_sockets", False):
        return
    create = client.create_kernel_manager

    @functools.wraps(create)
    def create_kernel_manager(self: NotebookClient) -> KernelManager:
        manager = create(self)
        manager.transport = "ipc"
        # The sockets are named after the connection file, so each kernel needs its own.
        manager.connection_file = str(socket_folder() / f"{uuid.uuid4().hex}.json")
        spec = manager.kernel_spec
        if spec is not None and "ipykernel_launcher" in spec.argv:
            position = spec.argv.index("ipykernel_launcher")
            spec.argv[position - 1 : position + 1] = ["-c", LAUNCH]
        return manager

    create_kernel_manager.unix_sockets = True  # type: ignore[attr-defined]
    client.create_kernel_manager = create_kernel_manager  # type: ignore[method-assign]


def setup(app: Sphinx) -> dict[str, Any]:
    use_unix_sockets()
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
