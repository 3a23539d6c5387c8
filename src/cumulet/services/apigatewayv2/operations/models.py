"""Models: JSON schemas of what WebSocket messages hold, and templates that begin from them."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, Page, operation

from ..parts import bad, change, conflict, listed, new_id, told
from ..resources import Api, Model


def _model(row: Model) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name != "ApiId"}


def _checked(call: Call, row: Model) -> Model:
    if call.get(Api, row.ApiId).ProtocolType != "WEBSOCKET":
        raise bad("Models are supported only for WEBSOCKET protocol type APIs")
    if not row.Name.isalnum():
        raise bad("Model name must be alphanumeric")
    if any(other.Name == row.Name and other.ModelId != row.ModelId for other in call.table(Model).scan(row.ApiId)):
        raise conflict(f"Model with name {row.Name} already exists for this API")
    return row


@operation
def create_model(call: Call, ApiId: str, Name: str, Schema: str, ContentType: str | None = None,
                 Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html#CreateModel"""
    row = _checked(call, change(Model(ApiId=ApiId, ModelId=new_id(call), Name=Name, Schema=Schema, created=call.now),
                                ContentType=ContentType, Description=Description))
    call.put(row)
    return _model(row)


@operation
def get_model(call: Call, ApiId: str, ModelId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#GetModel"""
    call.get(Api, ApiId)
    return _model(call.get(Model, ApiId, ModelId))


@operation
def get_models(call: Call, ApiId: str, page: Page[Model] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html#GetModels"""
    call.get(Api, ApiId)
    return {"Items": [_model(row) for row in listed(call, Model, page, "ModelId", ApiId)]}


@operation
def update_model(call: Call, ApiId: str, ModelId: str, ContentType: str | None = None, Description: str | None = None,
                 Name: str | None = None, Schema: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#UpdateModel"""
    row = _checked(call, change(call.get(Model, ApiId, ModelId), ContentType=ContentType, Description=Description, Name=Name,
                                Schema=Schema))
    call.put(row)
    return _model(row)


@operation
def delete_model(call: Call, ApiId: str, ModelId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#DeleteModel"""
    call.get(Api, ApiId)
    call.get(Model, ApiId, ModelId)
    call.table(Model).delete(ApiId, ModelId)


@operation
def get_model_template(call: Call, ApiId: str, ModelId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid-template.html#GetModelTemplate"""
    call.get(Api, ApiId)
    row = call.get(Model, ApiId, ModelId)
    try:
        schema = json.loads(row.Schema)
    except ValueError:
        raise bad("The model's schema is no JSON") from None
    return {"Value": "#set($inputRoot = $input.path('$'))\n" + _sample(schema, "$inputRoot", 0)}


def _sample(schema: Any, path: str, depth: int) -> str:
    """A mapping template that copies what a schema describes."""
    said, indent = schema if isinstance(schema, dict) else {}, "  " * depth
    kind = said.get("type", "object" if "properties" in said else "string")
    if kind == "object":
        inner = [f"{indent}  {json.dumps(name)} : {_sample(each, f'{path}.{name}', depth + 1)}"
                 for name, each in (said.get("properties") or {}).items()]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}" if inner else "{}"
    if kind == "array":
        element = _sample(said.get("items") or {}, "$elem", depth + 1)
        return f"[\n{indent}#foreach($elem in {path})\n{indent}  {element}#if($foreach.hasNext),#end\n{indent}#end\n{indent}]"
    return f'"{path}"' if kind == "string" else path
