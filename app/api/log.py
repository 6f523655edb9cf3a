"""One JSON object a line on standard output, uvicorn's own lines included."""

import logging
import sys

import orjson
import structlog

_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
_LEVEL = structlog.processors.add_log_level
_JSON = structlog.processors.JSONRenderer(serializer=lambda line, **_: orjson.dumps(line, default=str))


def configure() -> None:
    """Send everything to standard output. uvicorn's access lines stop: Observation's have the same and the id."""
    structlog.configure(
        processors=[_LEVEL, _STAMP, _JSON],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_LEVEL, _STAMP],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda logger, name, event: _JSON(logger, name, event).decode(),
            ],
        )
    )
    logging.getLogger("uvicorn").handlers = [handler]
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
    logging.getLogger("uvicorn.access").propagate = False
