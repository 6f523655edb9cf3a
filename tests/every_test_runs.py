"""A plugin of pytest: every test that is collected runs.

pytest-xdist knows a test by its node id alone. Of several tests with the same one it runs the first, and says nothing.
"""

from collections import Counter
from collections.abc import Iterable

import pytest


class EveryTestRuns:
    """What was collected and what was reported, in the process that the user started."""

    def __init__(self) -> None:
        self.collected: set[str] = set()
        self.reported: set[str] = set()

    def take(self, ids: Iterable[str]) -> None:
        """Remember what was collected; a usage error if two tests have the same node id."""
        equal = sorted(node_id for node_id, tests in Counter(ids).items() if tests > 1)
        if equal:
            raise pytest.UsageError("several tests have the same node id, give each its own: " + ", ".join(equal))
        self.collected.update(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without pytest-xdist this process collects."""
        self.take([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """With pytest-xdist each of its processes collects all."""
        self.take(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has run, here or in another process."""
        self.reported.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A run in which nothing failed fails after all if a test did not run."""
        missing = sorted(self.collected - self.reported)
        if missing and exitstatus == pytest.ExitCode.OK and not session.config.option.collectonly:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            session.config.get_terminal_writer().line(
                f"\n{len(missing)} of {len(self.collected)} collected tests did not run: {', '.join(missing)}", red=True
            )


def pytest_configure(config: pytest.Config) -> None:
    """Not in the processes of pytest-xdist: what they run is reported to the one that started them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(EveryTestRuns())
