"""The five peers: how each is installed, started and asked.

Each is a folder beside this file, as its user would deploy it, into which its model is saved. All have one worker,
whatever of their settings is faster on one core, and no log of requests. They do less than the service: no range of any
value is checked, nothing decided, no id taken or given, no request logged, and none asks whether the model has changed.
"""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers import form

HERE = Path(__file__).parent
_UVICORN = ("uvicorn", "main:app", "--port", "{port}", "--no-access-log")


@dataclass(frozen=True)
class Peer:
    """One of them.

    folder       what is deployed; its dependency group is called `peer-` and this name
    product      the package whose version is named
    command      a program of its environment, and the arguments
    ready        the path that answers 200 when it serves
    form         its natural request for one employee and for many
    model        the file that it loads, written by `save_onnx.py` or `save_sklearn.py`
    light        whether --quick may install it
    """

    folder: str
    name: str
    product: str
    command: tuple[str, ...]
    ready: str
    form: form.Form
    model: str = "model.joblib"
    light: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The dependency group in pyproject.toml."""
        return f"peer-{self.folder.replace('_', '-')}"


PEERS = [
    # A tensor of the Open Inference Protocol as flat JSON, its way for one and for many over HTTP. It computes in the
    # process that serves (`parallel_workers` 0): a worker process beside it would share the same core.
    Peer(
        "mlserver",
        "MLServer, scikit-learn runtime",
        "mlserver",
        ("mlserver", "start", "."),
        "/v2/models/promotion/ready",
        form.MLSERVER,
        environment={"MLSERVER_HTTP_PORT": "{port}", "MLSERVER_GRPC_PORT": "0"},
    ),
    # A list of rows, which BentoML makes the array that its service is declared to take.
    Peer(
        "bentoml",
        "BentoML, scikit-learn",
        "bentoml",
        ("bentoml", "serve", "service:Promotion", "--host", "127.0.0.1", "--port", "{port}"),
        "/readyz",
        form.ARRAY,
        environment={"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "."},
    ),
    # A list of rows.
    Peer(
        "litserve",
        "LitServe, scikit-learn",
        "litserve",
        ("python", "server.py", "{port}"),
        "/health",
        form.ARRAY_NAMED,
    ),
    # Records, as the service takes them.
    Peer(
        "fastapi_sklearn",
        "plain FastAPI, scikit-learn",
        "scikit-learn",
        _UVICORN,
        "/openapi.json",
        form.RECORDS,
        light=True,
    ),
    Peer(
        "fastapi_onnxruntime",
        "plain FastAPI, onnxruntime",
        "onnxruntime",
        _UVICORN,
        "/openapi.json",
        form.RECORDS,
        model="model.onnx",
        light=True,
    ),
]
