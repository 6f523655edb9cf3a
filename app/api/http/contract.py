"""The contract, /openapi.json, in a form that OpenAPI 3.1 allows and that generators of clients can read."""

from typing import Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.api.http.problems import ProblemDocument


def operation_id(route: APIRoute) -> str:
    """The name of the endpoint's function. Generators name the client's function after it. FastAPI's own default would
    add the path and the method.
    """
    return route.name


def completed(contract: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's contract with the schema of problems, to which every endpoint refers, and without `itemSchema`. FastAPI
    writes that for server-sent events, but it is a keyword of OpenAPI 3.2.
    """
    schema = TypeAdapter(ProblemDocument).json_schema(ref_template="#/components/schemas/{model}")
    contract["components"]["schemas"] |= schema.pop("$defs") | {"ProblemDocument": schema}
    for operations in contract["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    content.pop("itemSchema", None)
    return contract
