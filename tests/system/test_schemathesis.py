"""Schemathesis against a running server, by the server's own contract: every endpoint, every check."""

from copy import deepcopy
from dataclasses import asdict

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.api.audit.schema import MOST_COUNT
from app.api.explanations.options import ExplainOptions
from app.inputs import NAMES
from app.network.options import FitOptions
from tests.contract import CONTRACT
from tests.waiting import PATIENCE

pytestmark = pytest.mark.long
bounded = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
contract = schemathesis.openapi.from_dict(deepcopy(CONTRACT))  # it writes into what it gets


EXPLAINING = set(ExplainOptions.model_fields) - {"explain"} | {f"step.{name}" for name in NAMES}


@contract.hook
def filter_case(_, case):
    """Leave out what OpenAPI cannot say, that `column.…` goes with CSV only, that options of explanations go with
    `explain=true` and have steps that are not too fine together, that a period ends after its start, and that the plain
    rule leaves the finite numbers when learning_rate·alpha is more than twice the number of records; and trainings of
    more than a second.
    """
    query = case.query or {}
    steps = [value for name, value in query.items() if name.startswith("step.") and isinstance(value, int | float)]
    if any(value < 0.5 or value != round(value, 6) for value in steps):
        return False
    if EXPLAINING & set(query) and query.get("explain") not in (True, "true"):
        return False
    period = [query[name] for name in ("period_start", "period_end") if isinstance(query.get(name), str)]
    if period != sorted(period):
        return False
    if any(name.startswith("column.") for name in query):
        return case.media_type == "text/csv"
    given = {name: value for name, value in query.items() if isinstance(value, int | float)}
    options = asdict(FitOptions()) | given
    climbs = options["learning_rate"] * options["alpha"] > 6
    takes_long = options["hidden_units"] ** 3 * (options["starts"] or 1024) > 10_000 or options["epochs"] > 20_000
    return not climbs and not takes_long


def asks_too_much(case):
    """Whether a good body of POST /audit has more decisions than are counted. OpenAPI can bound the count of a record,
    not the sum of all counts.
    """
    if case.path != "/audit" or case.media_type != "application/json" or not case.meta.generation.mode.is_positive:
        return False
    return sum(decision.get("count", 1) for decision in case.body["decisions"]) > MOST_COUNT


def unknown(case):
    """The checks that ask more than OpenAPI can say. A CSV body is any text to it, and a tensor any bytes: it cannot
    tell a good one from a bad one. Nor does it know that a tensor's data fit its shape, that an ETag must be the
    present one, that a key names one request, and how many decisions are too many.
    """
    if case.media_type in ("text/csv", "application/octet-stream"):
        return [positive_data_acceptance, negative_data_rejection]
    conditional = {"if-match", "idempotency-key"} & {name.lower() for name in case.headers or ()}
    unsaid = conditional or case.path.endswith("/infer") or asks_too_much(case)
    return [positive_data_acceptance] if unsaid else []


# A parameter, because only then does schemathesis 4.32 give every endpoint a node id of its own under pytest 9.2.
@pytest.mark.parametrize("timeout", [PATIENCE])
@contract.parametrize()
@settings(bounded, max_examples=30)
def test_every_endpoint_keeps_the_contract(case, trained_server, timeout):
    answer = case.call_and_validate(base_url=trained_server.url, timeout=timeout, excluded_checks=unknown(case))
    if asks_too_much(case):
        said = {"pointer": "/decisions", "message": f"There are more than {MOST_COUNT} decisions"}
        assert (answer.status_code, answer.json()["errors"]) == (422, [said])


def test_sequences_of_calls_keep_the_contract(trained_server):
    class Calls(contract.as_state_machine()):
        def get_call_kwargs(self, _):
            return {"base_url": trained_server.url, "timeout": PATIENCE}

        def validate_response(self, response, case, additional_checks=None, **rest):
            excluded = unknown(case) if case.path.startswith("/v2") else []
            case.validate_response(
                response, additional_checks=additional_checks, excluded_checks=excluded, transport_kwargs=rest
            )

    Calls.run(settings=settings(bounded, max_examples=20, stateful_step_count=6))


def test_the_running_server_gives_this_contract(trained_server):
    assert trained_server.client.get("/openapi.json").json() == CONTRACT
