"""The page as an ASGI application, run by Streamlit: `streamlit run ui/page/server.py` (`ui.page.launch.page_command` gives the full command)."""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from streamlit.starlette import App

from ui.page.headers import PageHeaders


async def to_the_conversation(request: Request) -> RedirectResponse:
    """The first page lies at the root alone; under its own name Streamlit would say in English that there is none."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}", status_code=308)


app = App(
    Path(__file__).with_name("chat.py"),
    routes=[Route("/ask", to_the_conversation)],
    middleware=[Middleware(PageHeaders)],
)
