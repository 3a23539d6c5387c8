"""Function URLs: made, told, changed, ended."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import urls
from ..background import answer_urls
from ..names import arn_of, function, qualified, split
from ..resources import Url, UrlOwner
from ..settings import stamp

_ID = "abcdefghijklmnopqrstuvwxyz234567"


def _shown(call: Call, row: Url) -> dict[str, Any]:
    return {"FunctionUrl": urls.address(call, row), "FunctionArn": arn_of(call, row.function, row.qualifier),
            "AuthType": row.auth, "Cors": row.cors, "CreationTime": stamp(row.created),
            "LastModifiedTime": stamp(row.modified), "InvokeMode": row.mode}


def _named(call: Call, name: str, qualifier: str | None) -> tuple[str, str]:
    short, wanted = split(call, name, qualifier)
    qualified(call, short, wanted)
    return short, wanted


def _found(call: Call, name: str, qualifier: str | None) -> Url:
    row = call.table(Url).get(*_named(call, name, qualifier))
    if row is None:
        raise error.ResourceNotFoundException("The resource you requested does not exist.")
    return row


@operation
def create_function_url_config(call: Call, FunctionName: str, AuthType: str, Qualifier: str | None = None,
                               Cors: dict[str, Any] | None = None, InvokeMode: str = "BUFFERED") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html"""
    name, qualifier = _named(call, FunctionName, Qualifier)
    if call.table(Url).get(name, qualifier) is not None:
        raise error.ResourceConflictException(f"Failed to create function url config for [functionArn ="
                                              f" {arn_of(call, name, qualifier)}]. Error message:  FunctionUrlConfig exists for"
                                              f" this Lambda function")
    row = Url(function=name, qualifier=qualifier, id=call.token(32, _ID), auth=AuthType, created=call.now, modified=call.now,
              mode=InvokeMode, cors=Cors)
    call.put(row)
    call.put(UrlOwner(id=row.id, account=call.account, region=call.region, function=name, qualifier=qualifier))
    call.always(answer_urls)
    return _shown(call, row)


@operation
def get_function_url_config(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html"""
    return _shown(call, _found(call, FunctionName, Qualifier))


@operation
def update_function_url_config(call: Call, FunctionName: str, Qualifier: str | None = None, AuthType: str | None = None,
                               Cors: dict[str, Any] | None = None, InvokeMode: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    row.auth, row.mode = AuthType or row.auth, InvokeMode or row.mode
    row.cors = row.cors if Cors is None else Cors
    row.modified = call.now
    call.put(row)
    return _shown(call, row)


@operation
def delete_function_url_config(call: Call, FunctionName: str, Qualifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionUrlConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    call.table(Url).delete(row.function, row.qualifier)
    call.table(UrlOwner).delete(row.id)


@operation
def list_function_url_configs(call: Call, FunctionName: str, page: Page[Url] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionUrlConfigs.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    rows = page.cut(call.table(Url).scan(name, after=page.after, limit=page.limit + 1), lambda row: row.qualifier)
    return {"FunctionUrlConfigs": [_shown(call, row) for row in rows]}
