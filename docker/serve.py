"""uvicorn, which ends with exit code 0 when it is asked to stop.

uvicorn drains the requests in flight on SIGTERM and then raises the signal again, so that it ends as killed (143),
which an orchestrator counts as a failure; only as process 1, which default signals cannot kill, does it end with 0.
And a process 1 ignores a SIGTERM that comes before uvicorn listens. Handlers that exit solve both.
"""

import signal
import sys

import uvicorn

if __name__ == "__main__":  # uvicorn's workers import this file again
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))
    uvicorn.main()
