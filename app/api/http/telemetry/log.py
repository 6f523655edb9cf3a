"""One JSON object a line on standard output, uvicorn's own lines included."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger


def _line(_: Any, method: str, event: EventDict) -> bytes:
    """One line of the service's own or of uvicorn's; those of requests are request_log.py's."""
    event["timestamp"], event["level"] = datetime.now(UTC), method
    return orjson.dumps(event, default=str)


def configure() -> FilteringBoundLogger:
    """Send everything to standard output, and return the logger of the service's own lines.

    uvicorn's access lines stop: Observation's say the same, with the request's id and without its query.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda logger, level, event: _line(logger, level, event).decode(),
            ]
        )
    )
    for name in ("uvicorn", "app"):
        logging.getLogger(name).handlers = [handler]
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
    logging.getLogger("uvicorn.access").propagate = False
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.BytesLogger(),
        processors=[_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()
    return logger
