"""The explainer of one model version that was asked for last.

What an explainer keeps of its answers may be 4.5 MiB, and one a version is enough for nearly every caller. A process
holds 64 versions, so what their explainers keep is bounded together: a version knows its own weakly, and the eight of
all versions that were made last live on, 36 MiB at most. One that is in use is made again at most once for every eight
others.
"""

from collections import deque
from weakref import ref

from app.insight.explainer import Explainer
from app.insight.question import Question

_made_last: deque[Explainer] = deque(maxlen=8)


class LastExplainer:
    """One place, replaced by one assignment, so that threads may share it. In another process it is empty."""

    def __init__(self) -> None:
        self._last: tuple[Question | None, ref[Explainer] | None] = None, None

    def get(self, question: Question) -> Explainer | None:
        """The explainer for this question, if it is the last one."""
        asked, explainer = self._last
        return explainer() if explainer and (asked is question or asked == question) else None

    def keep(self, question: Question, explainer: Explainer) -> Explainer:
        """Keep it in the place of the last one."""
        _made_last.append(explainer)
        self._last = question, ref(explainer)
        return explainer

    def __reduce__(self) -> tuple[type["LastExplainer"], tuple[()]]:
        return LastExplainer, ()
