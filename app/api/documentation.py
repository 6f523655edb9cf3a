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
    root = _root(request)
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title=request.app.title,
        swagger_js_url=f"{root}/docs/assets/swagger-ui-bundle.js",
        swagger_css_url=f"{root}/docs/assets/swagger-ui.css",
        swagger_favicon_url=f"{root}/docs/assets/favicon.png",
        swagger_ui_parameters={"tryItOutEnabled": False, "displayRequestDuration": True, "docExpansion": "list"},
    )


@router.get("/")
async def home(request: Request) -> RedirectResponse:
    """Whoever opens the service in a browser finds the documentation."""
    return RedirectResponse(f"{_root(request)}/docs")


def _root(request: Request) -> str:
    """The path under which a proxy publishes the service; the browser has to ask for it, uvicorn does not see it."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")
