"""Pages for people: what they may load is said in a header, and it is ours alone."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

STATIC: Final = "/static-offline-docs"
"""Where FastAPIOffline serves the parts of the docs page from."""
INLINE_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self'; "
    "style-src 'self' 'unsafe-inline'; script-src 'self'"
)
"""Swagger UI sets styles on its elements; scripts are ours, or named by their hash."""


def docs_page(title: str, openapi_url: str) -> Callable[[Request], Awaitable[Response]]:
    """The page that shows the document, with everything that it loads from here."""

    async def docs(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}{openapi_url}",
            title=title,
            swagger_js_url=f"{root}{STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{root}{STATIC}/favicon.png",
        )
        return with_policy(bytes(page.body))

    return docs


def with_policy(page: bytes) -> Response:
    """A page, and the header that lets only its own inline scripts run."""
    hashes = [hashlib.sha256(each).digest() for each in INLINE_SCRIPT.findall(page)]
    allowed = "".join(f" 'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return HTMLResponse(page, headers={"Content-Security-Policy": f"{POLICY}{allowed}"})
