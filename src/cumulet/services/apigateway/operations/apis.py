"""REST APIs: made, told, changed, ended."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import apis, parts, patches, tagging
from ..names import invalid
from ..resources import RestApi


@operation
def create_rest_api(call: Call, name: str, description: str | None = None, version: str | None = None,
                    cloneFrom: str | None = None, binaryMediaTypes: list[str] | None = None,
                    minimumCompressionSize: int | None = None, apiKeySource: str = "HEADER",
                    endpointConfiguration: dict[str, Any] | None = None, policy: str | None = None,
                    tags: dict[str, str] | None = None, disableExecuteApiEndpoint: bool = False,
                    securityPolicy: str | None = None, endpointAccessMode: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html"""
    if not name.strip():
        raise invalid("Invalid API name specified")
    origin = parts.api_of(call, cloneFrom) if cloneFrom else None
    api = apis.begin(call, RestApi(RestApiId="", Name=name, tags=tagging.checked(tags)))
    if origin is None:
        apis.first_models(call, api)
    else:
        apis.copy(call, origin.RestApiId, api)
    copied = apis.settings(origin) if origin is not None else {}
    given = {"description": description, "version": version, "binaryMediaTypes": binaryMediaTypes, "policy": policy,
             "minimumCompressionSize": minimumCompressionSize, "endpointConfiguration": endpointConfiguration,
             "securityPolicy": securityPolicy, "endpointAccessMode": endpointAccessMode}
    apis.change(call, api, {**copied, "name": name, "apiKeySource": apiKeySource,
                            "disableExecuteApiEndpoint": disableExecuteApiEndpoint,
                            **{word: value for word, value in given.items() if value is not None}})
    return apis.shown(api)


@operation
def get_rest_api(call: Call, restApiId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApi.html"""
    return apis.shown(parts.api_of(call, restApiId))


@operation
def get_rest_apis(call: Call, page: Page[RestApi] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html"""
    rows = call.table(RestApi).scan(after=page.after, limit=page.limit + 1)
    return {"items": [apis.shown(api) for api in page.cut(rows, lambda api: api.RestApiId)]}


@operation
def update_rest_api(call: Call, restApiId: str, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateRestApi.html"""
    api = parts.api_of(call, restApiId)
    apis.change(call, api, patches.patched("api", apis.settings(api), patchOperations))
    return apis.shown(api)


@operation
def delete_rest_api(call: Call, restApiId: str) -> None:
    """An API that a custom domain name leads to stays.

    https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteRestApi.html
    """
    apis.end(call, parts.api_of(call, restApiId))
