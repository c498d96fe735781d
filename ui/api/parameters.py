"""Parameters of addresses: those that are not known are refused, like unknown fields of a body."""

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException


def refuse_unknown(request: Request) -> None:
    """Raises 422 for a query parameter that the endpoint does not have."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = {parameter.alias for parameter in route.dependant.query_params}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        expected = f"可用的有 {'、'.join(sorted(known))}" if known else "这个地址没有参数"
        raise HTTPException(422, f"不认识参数 {unknown[0][:40]}，请去掉；{expected}。")
