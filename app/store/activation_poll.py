"""Whether a version was activated, asked twice a second of a database that is too far away to be asked every time."""

import logging
import threading
from collections.abc import Callable
from time import monotonic

from app.errors import StoreUnavailable, place_of

_log = logging.getLogger(__name__)

PERIOD_SECONDS = 0.5
_FRESH_SECONDS = 0.75
_PATIENCE_SECONDS = 1.0


class ActivationPoll:
    """PostgreSQL: the number of the newest activation, never older than settling_seconds.

    A thread asks every half second. When its last answer is too old all the same, on a machine that is very busy, the
    caller waits for the next one. After a second of that, or when the database refuses, it counts as away, until an
    answer comes. So whoever activates a version and waits for settling_seconds knows that every process which reaches
    the database has the news.
    """

    settling_seconds = _FRESH_SECONDS

    def __init__(self, newest: Callable[[], int], told: Callable[[int], object]) -> None:
        """`newest` asks the database, and `told` is called with its answer when that is a new one; both may raise
        StoreUnavailable.
        """
        self._newest = newest
        self._told = told
        self._news = threading.Condition()
        self._asked_at = monotonic()
        self._counter: int | None = newest()
        self._last_told: int | None = None
        self._wanted = self._closed = False
        self._thread = threading.Thread(target=self._poll, name="activation-poll", daemon=True)
        self._thread.start()

    def counter(self) -> int | None:
        """The number; None while the database is away."""
        if not self._answers():
            self._wait()
        return self._counter

    def _answers(self) -> bool:
        return self._counter is None or monotonic() - self._asked_at <= _FRESH_SECONDS

    def _wait(self) -> None:
        with self._news:
            self._wanted = True
            self._news.notify_all()
            if not self._news.wait_for(self._answers, _PATIENCE_SECONDS):
                self._counter = None

    def _poll(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._wanted or self._closed, PERIOD_SECONDS)
                if self._closed:
                    return
                self._wanted = False
            # The moment before the question: whatever was committed by then is in the answer.
            asked_at = monotonic()
            counter = self._ask()
            with self._news:
                late = monotonic() - asked_at > _FRESH_SECONDS  # then nobody is to wait for the next one either
                self._asked_at, self._counter = asked_at, None if late else counter
                self._news.notify_all()

    def _ask(self) -> int | None:
        """The newest activation, told before anybody learns of it; None when the database does not answer."""
        counter = None
        try:
            counter = self._newest()
            if counter != self._last_told:
                self._told(counter)
                self._last_told = counter
        except StoreUnavailable:
            pass
        except Exception as mistake:  # whatever it is, the poll goes on
            _log.error("mistake: %s", place_of(mistake))
        return counter

    def close(self) -> None:
        """Stop asking."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._thread.join()
