"""Where the workers of one server share what they count.

prometheus-client reads PROMETHEUS_MULTIPROC_DIR when it is imported, so the directory is chosen before. uvicorn's
workers are processes that one parent spawned. It passes its random `authkey` on to each of them: that names a directory
that is theirs alone. Under another process manager, set the variable yourself, as prometheus-client's documentation
says.
"""

import hashlib
import multiprocessing
import os
import tempfile
from pathlib import Path

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


def choose_directory() -> None:
    """In a worker, set the variable, unless it is set."""
    if multiprocessing.parent_process() is not None:
        family = hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()[:16]
        os.environ.setdefault(DIRECTORY, str(Path(tempfile.gettempdir()) / f"promotion-metrics-{family}"))
