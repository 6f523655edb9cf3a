"""`uvicorn app.main:app` serves the service.

While it is imported, Python's search for garbage is off: it takes a tenth of the start and finds nothing. What is there
then stays as long as the process, so no later search goes through it again: those take milliseconds in which nobody is
served.
"""

import gc

gc.disable()

from app import shared_metrics  # noqa: E402 - after the search is off

shared_metrics.choose_directory()

from app.service import create_app  # noqa: E402 - after the directory is chosen

app = create_app()
gc.freeze()
gc.enable()
