"""The description of the interface, complete: errors as they are, tags in Chinese."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from ui.api.schemas import ProblemBody

TAGS = [
    {"name": "问答", "description": "提问与检索。"},
    {"name": "文件", "description": "文件库：查看、添加与移除。"},
    {"name": "数据", "description": "任务和指标，逐页取用。"},
    {"name": "反馈", "description": "对回答的评价。"},
    {"name": "兼容接口", "description": "与 OpenAI 的对话接口兼容，现成的客户端可以直接使用。"},
    {"name": "服务", "description": "服务的状况。"},
]

_UNUSED = ("HTTPValidationError", "ValidationError")
"""Shapes of errors that FastAPI describes and this service never sends."""


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` give the description as it is sent out."""
    given = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(given())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def operation_id(route: APIRoute) -> str:
    """The name of an endpoint's function, which clients made from the description take as theirs."""
    return route.name


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        for response in operation["responses"].values():
            response["description"] = response["description"].replace("Successful Response", "成功")
    schema["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "密钥，由管理员发放；服务不要求密钥时可不带"}
    }
    schema["security"] = [{"key": []}, {}]
    schema["paths"]["/healthz"]["get"]["security"] = [{}]
    shapes = schema["components"]["schemas"]
    for name in _UNUSED:
        shapes.pop(name, None)
    _, problem = models_json_schema([(ProblemBody, "serialization")], ref_template="#/components/schemas/{model}")
    shapes.update(problem["$defs"])
    return schema
