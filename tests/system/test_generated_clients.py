"""Clients that others generate from the contract: each compiles, and does unmodified what a caller does first.

The programs in clients/ do the same with each client: train, predict, audit, read the model, and meet an error. tsc
checks that the types of the TypeScript clients allow and refuse what the service does.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.api.bodies import examples
from tests.contract import CONTRACT
from tests.waiting import PATIENCE

PROGRAMS = Path(__file__).parent / "clients"
SCORED = [{"sex": sex, "race_ethnicity": None, "score": score} for sex, score in [("F", 2), ("F", 7.5), ("M", 9)]]
TO_SCORE = [
    {
        "sex": sex,
        "race_ethnicity": "A",
        "years_of_experience": 4 * i,
        "performance_score": 9 * i,
        "count": 3,
        "pool": "x",
    }
    for i, sex in enumerate(["F", "F", "M", "M", "F", "M", None, "M"], 1)
]
BODIES = {
    "train": examples.PAST_DECISIONS | {"employees": [*examples.PAST_DECISIONS["employees"], {
        "employee_id": None, "years_of_experience": 3, "performance_score": 50, "promoted": 1,
    }]},
    "predict": examples.EMPLOYEES,
    "audit": [examples.DECISIONS, {"decisions": SCORED}, {"decisions": TO_SCORE}],
    "wrong": {"employees": [{"years_of_experience": 3, "performance_score": 101}]},
}  # fmt: skip

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    """The bodies, in a file."""
    file = tmp_path_factory.mktemp("bodies") / "bodies.json"
    file.write_text(json.dumps(BODIES))
    return file


@pytest.fixture(scope="module")
def contract(tmp_path_factory):
    """The contract, in a directory that clients may be generated in."""
    file = tmp_path_factory.mktemp("clients") / "contract.json"
    file.write_text(json.dumps(CONTRACT))
    return file


def run(*command, cwd):
    """What a command prints."""
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def python_client(contract):
    """The directory with the Python client, compiled."""
    directory = contract.parent
    settings = directory / "settings.yml"
    settings.write_text("post_hooks: []\n")  # they would format the client
    run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", contract, "--meta", "none"),
        *("--output-path", directory / "promotion_client", "--config", settings),
        cwd=directory,
    )
    run(sys.executable, "-m", "compileall", "-q", directory / "promotion_client", cwd=directory)
    return directory


@pytest.fixture(scope="module")
def typescript_clients(contract):
    """The directory with both TypeScript clients and the programs that use them, compiled."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing: apt-get install npm")
    directory = contract.parent
    for file in PROGRAMS.iterdir():
        if file.suffix in (".json", ".ts"):
            shutil.copy(file, directory)
    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", cwd=directory)
    run("npm", "run", "generate", cwd=directory)
    run("npm", "run", "compile", cwd=directory)
    return directory


@pytest.fixture
def holds(server, bodies):
    """Runs a program against a server; what it found is what the server says to httpx."""

    def check(*command, cwd):
        started = server()
        found = json.loads(run(*command, started.url, bodies, cwd=cwd))
        client = started.client
        predicted = client.post("/predict?explain=true&step.years_of_experience=1", json=BODIES["predict"]).json()
        audits = [client.post("/audit?exclude_below=0.02", json=body).json() for body in BODIES["audit"]]
        model = client.get("/model").json()
        assert found == {
            "version": 1,
            "probabilities": [one["probability"] for one in predicted["predictions"]],
            "reason": predicted["predictions"][0]["explanation"]["reasons"][0]["code"],
            "ratios": [[category["impact_ratio"] for category in audit["tables"]["sex"]] for audit in audits],
            "output": model["network"]["weights"]["output"],
            "problem": {"status": 422, "code": "invalid_records", "pointer": "/employees/0/performance_score"},
        }
        assert [audit["basis"] for audit in audits] == ["selected", "score", "model"]
        assert model["network"]["kind"] == "single_neuron"
        assert (model["training"]["options"]["seed"], model["training"]["rows"]) == (
            7,
            len(BODIES["train"]["employees"]),
        )

    return check


def test_openapi_python_client(python_client, holds):
    holds(sys.executable, shutil.copy(PROGRAMS / "with_openapi_python_client.py", python_client), cwd=python_client)


@pytest.mark.parametrize("generator", ["hey_api", "swagger_typescript_api"])
def test_typescript(typescript_clients, holds, generator):
    holds("node", f"compiled/with_{generator}.js", cwd=typescript_clients)
