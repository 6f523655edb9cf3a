"""`promotion-scoring serve`, and `python -m app serve`: the service behind uvicorn, in one process or in several.

What is needed for one subcommand alone is imported inside it, so that the others and `--help` answer at once.
"""

import signal
import socket
import sys

import click


@click.group(context_settings={"show_default": True})
def main() -> None:
    """Train a small, fully explained neural network on past promotion decisions, and score employees with it."""


@main.command()
@click.option(
    "--host",
    default="127.0.0.1",
    help="The address to listen on. Only this machine reaches 127.0.0.1; every network that it is in reaches 0.0.0.0. "
    "The service asks nobody who they are.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="The port to listen on; 0 takes a free one.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    envvar="WEB_CONCURRENCY",
    show_envvar=True,
    help="How many processes answer requests. They share one database.",
)
@click.option(
    "--root-path",
    default="",
    help="The path under which a proxy publishes the service, such as /promotion, when the proxy removes it.",
)
@click.option(
    "--timeout-graceful-shutdown",
    type=click.IntRange(0),
    default=55,
    help="How many seconds the requests in progress may take after SIGTERM or Ctrl-C. Later ones are cancelled.",
)
def serve(host: str, port: int, workers: int, root_path: str, timeout_graceful_shutdown: int) -> None:
    """Serve the HTTP interface until SIGTERM or Ctrl-C.

    The documentation is at /docs. The data are in the folder ./data, or where the variables PROMOTION_DATA_DIR and
    PROMOTION_DATABASE_URL say. When it is asked to stop, the service answers the requests in progress and ends with
    exit code 0.

    For uvicorn's other options, such as TLS or a Unix socket, start `uvicorn app.main:app` instead.
    """
    # uvicorn raises the signal again after it has answered the requests in progress. It would end as killed (143),
    # which orchestrators count as a failure. As process 1 it would also ignore a SIGTERM that comes before it listens.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))

    import uvicorn  # noqa: PLC0415
    from uvicorn.config import STARTUP_FAILURE  # noqa: PLC0415
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    if reason := _cannot_listen(host, port):
        click.echo(f"promotion-scoring cannot start: {reason}", err=True)
        sys.exit(STARTUP_FAILURE)
    config = uvicorn.Config(
        "app.main:app",
        host=host,
        port=port,
        workers=workers,
        root_path=root_path,
        timeout_graceful_shutdown=timeout_graceful_shutdown,
    )
    if workers == 1:
        config.load_app()  # before the event loop runs, so that SIGTERM ends the import at once
        uvicorn.Server(config).run()
    else:
        parent = Multiprocess(config, [config.bind_socket()])
        parent.run()
        # uvicorn itself would end with 0 here, as if somebody had asked it to stop.
        if any(worker.exitcode == STARTUP_FAILURE for worker in parent.processes):
            sys.exit(STARTUP_FAILURE)


def _cannot_listen(host: str, port: int) -> str | None:
    """Why nothing can listen there, and what to do; None when something can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as uvicorn does it
        try:
            probe.bind((host, port))
        except OSError as error:
            return (
                f"it cannot listen on {host}, port {port}: {error.strerror}. "
                "Stop the program that uses the port, or choose another --port or --host."
            )
    return None
