"""The page as an ASGI application, run by Streamlit: `streamlit run ui/page/server.py` (`ui.page.launch.page_command` gives the full command)."""

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from ui.page.headers import PageHeaders

app = App(Path(__file__).with_name("chat.py"), middleware=[Middleware(PageHeaders)])
