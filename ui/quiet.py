"""Nothing leaves the machine: what keeps the libraries from calling home, for this process and those it starts."""

import os

_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def switch_off_telemetry() -> None:
    """Must run before the libraries are imported, as most read these variables once; Streamlit is told on its command line (`ui.page.launch`).

    A tracing that the user has set up for other work would carry questions out: it is off too.
    """
    os.environ.update(_QUIET)


def go_offline() -> None:
    """Also keeps the model hub from being asked whether a model in the cache is still the newest."""
    os.environ.update(_OFFLINE)
