"""Swagger UI at /docs, every asset served from here: it works where no other host can be reached."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

assets = Mount("/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets")


@router.get("/docs")
async def documentation(request: Request) -> HTMLResponse:
    """The contract, to read and to try out."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=request.app.title,
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
        swagger_ui_parameters={"tryItOutEnabled": False, "displayRequestDuration": True, "docExpansion": "list"},
    )


@router.get("/")
async def home() -> RedirectResponse:
    """Whoever opens the service in a browser finds the documentation."""
    return RedirectResponse("/docs")
