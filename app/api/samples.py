"""The sample file, to try the service with."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import FileResponse

from app.api.http.problems import declared
from app.api.http.routes import StrictRoute
from app.errors import InvalidOptions

router = APIRouter(tags=["samples"], route_class=StrictRoute)


@router.get(
    "/samples/promotions.csv",
    response_class=FileResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **declared(InvalidOptions)},
)
async def get_sample() -> FileResponse:
    """2,000 synthetic past decisions, as POST /train takes them."""
    return FileResponse(str(files("app.samples") / "promotions.csv"), media_type="text/csv")
