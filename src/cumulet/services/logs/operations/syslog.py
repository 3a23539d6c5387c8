"""Syslog configurations: which groups take the syslog that comes by a VPC endpoint."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from cumulet.kernel import Call, error, operation

from ..listening import listen
from ..names import group_of, invalid
from ..resources import LogGroup
from ..settings import SyslogConfiguration
from ..syslogging import SERVICE, is_there

_MOST = 50


@operation
def put_syslog_configuration(call: Call, logGroupIdentifier: str, vpcEndpointId: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSyslogConfiguration.html"""
    group = group_of(call, None, logGroupIdentifier)
    if vpcEndpointId is None:
        raise invalid("A VPC endpoint must be specified.")
    there = is_there(call, vpcEndpointId)
    if there is False:
        raise error.ResourceNotFoundException(f"The VPC endpoint {vpcEndpointId} does not exist.")
    if there is None:
        raise invalid(f"The VPC endpoint {vpcEndpointId} is not one for com.amazonaws.{call.region}.{SERVICE}.")
    if call.table(SyslogConfiguration).get(group.LogGroupName, vpcEndpointId) is None:
        call.put(SyslogConfiguration(group=group.LogGroupName, endpoint=vpcEndpointId, created=call.now))
    call.always(listen)


@operation
def list_syslog_configurations(call: Call, logGroupIdentifier: str | None = None, vpcEndpointId: str | None = None,
                               maxResults: int | None = None, nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListSyslogConfigurations.html"""
    key = (group_of(call, None, logGroupIdentifier).LogGroupName,) if logGroupIdentifier is not None else ()
    after = _read_token(nextToken) if nextToken is not None else ["", ""]
    rows = [row for row in call.table(SyslogConfiguration).scan(*key)
            if vpcEndpointId in (None, row.endpoint) and [row.group, row.endpoint] > after]
    shown = rows[:maxResults or _MOST]
    return {"syslogConfigurations": [_told(call, row) for row in shown],
            "nextToken": _token(shown[-1]) if len(shown) < len(rows) else None}


def _token(row: SyslogConfiguration) -> str:
    return b64encode(json.dumps([row.group, row.endpoint]).encode()).decode()


def _read_token(token: str) -> list[str]:
    try:
        group, endpoint = json.loads(b64decode(token, validate=True))
        return [str(group), str(endpoint)]
    except (ValueError, TypeError):
        raise invalid("The specified nextToken is invalid.") from None


@operation
def delete_syslog_configuration(call: Call, logGroupIdentifier: str, vpcEndpointId: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSyslogConfiguration.html"""
    group = group_of(call, None, logGroupIdentifier)
    table = call.table(SyslogConfiguration)
    rows = [row for row in table.scan(group.LogGroupName) if vpcEndpointId in (None, row.endpoint)]
    if not rows:
        raise error.ResourceNotFoundException("The specified syslog configuration does not exist.")
    for row in rows:
        table.delete(row.group, row.endpoint)
    call.always(listen)


def _told(call: Call, row: SyslogConfiguration) -> dict[str, Any]:
    return {"logGroupArn": call.arn(call.get(LogGroup, row.group)), "sourceType": "VPCE", "vpcEndpointId": row.endpoint,
            "createdAt": int(row.created * 1000)}
