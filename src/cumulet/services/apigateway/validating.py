"""Requests are checked before they go on: required parameters, and bodies by their models."""

from __future__ import annotations

from . import schemas, templates
from .exchange import Exchange, Refused


def check(exchange: Exchange) -> None:
    """What the method's validator asks for."""
    found = exchange.found
    validator = found.definition.validators.get(found.method.get("requestValidatorId") or "")
    if validator is None:
        return
    if validator.get("validateRequestParameters"):
        missing = [name.removeprefix("method.request.").partition(".")[2]
                   for name, required in (found.method.get("requestParameters") or {}).items()
                   if required and not templates.mapped(name, exchange)]
        if missing:
            raise Refused("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]", 400)
    if validator.get("validateRequestBody"):
        _check_body(exchange, found.method.get("requestModels") or {})


def _check_body(exchange: Exchange, models: dict[str, str]) -> None:
    kind = (exchange.asked.header("content-type") or "application/json").partition(";")[0].strip()
    name = models.get(kind) or models.get("$default")
    if name is None:
        return
    schemas_by_name = exchange.found.definition.models
    problems = schemas.problems(schemas_by_name.get(name, "{}"), schemas_by_name, exchange.asked.body)
    if problems:
        exchange.note(f"Request body does not match model schema for content type {kind}: [{', '.join(problems)}]")
        raise Refused("BAD_REQUEST_BODY", "Invalid request body", 400, validation=f"[{', '.join(problems)}]")
