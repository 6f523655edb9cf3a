"""The command line by itself: what it refuses before anything starts. tests/system/test_serve.py starts it for real."""

import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.waiting import PATIENCE


def run(*arguments):
    """The exit code of a command that serves nothing, and what it says on standard error."""
    ended = subprocess.run(
        [sys.executable, "-m", "app", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


@pytest.fixture(params=["127.0.0.1", "::1"])
def taken(request):
    """An address and a port on which another program listens."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        listener = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        yield request.param, listener.getsockname()[1]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken(taken, workers, tmp_path, monkeypatch):
    host, port = taken
    monkeypatch.setenv("PROMOTION_DATA_DIR", str(tmp_path / "data"))
    code, said = run("serve", "--host", host, "--port", str(port), "--workers", workers)
    assert (code, said) == (
        3,
        f"promotion-scoring cannot start: it cannot listen on {host}, port {port}: Address already in use. "
        "Stop the program that uses the port, or choose another --port or --host.\n",
    )
    assert not (tmp_path / "data").exists()


def test_an_address_of_another_machine():
    code, said = run("serve", "--host", "192.0.2.1")  # RFC 5737: an address that no machine has
    assert code == 3
    assert "it cannot listen on 192.0.2.1, port 8000: Cannot assign requested address." in said


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["serve", "--prot", "80"], {}, "No such option '--prot'"),
        (["serve", "--port", "65536"], {}, "Invalid value for '--port': 65536 is not in the range 0<=x<=65535"),
        (["serve", "--workers", "0"], {}, "Invalid value for '--workers'"),
        (["serve"], {"WEB_CONCURRENCY": "two"}, "'two' is not a valid integer"),
        (["server"], {}, "No such command 'server'"),
    ],
)
def test_what_is_wrong_in_a_command_is_named(arguments, variables, said, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code, printed = run(*arguments)
    assert code == 2
    assert said in printed


def test_help_names_every_option_and_its_default():
    shown = " ".join(CliRunner().invoke(main, ["serve", "--help"]).stdout.split())
    for option in main.commands["serve"].params:
        assert option.opts[0] in shown
        assert " ".join(option.help.split()) in shown
    assert "[env var: WEB_CONCURRENCY; default: 1; x>=1]" in shown
    assert "[default: 55; x>=0]" in shown
