"""Service settings: of the Parameter Store, its default tier and its throughput."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from ..names import invalid
from ..resources import Setting
from ..settings import ALLOWED, DEFAULTS
from ..store import prefix


def _known(text: str) -> str:
    """The id of a setting, which may come as an ARN."""
    arn = parse_arn(text)
    name = "/" + arn.resource.removeprefix("servicesetting/") if arn is not None else text
    if name not in DEFAULTS:
        raise error.ServiceSettingNotFound(f"Setting {text} not found. Either the service name or the setting hasn't been "
                                           "provisioned by the Amazon Web Services service team.")
    return name


def _told(call: Call, name: str) -> dict[str, Any]:
    row = call.table(Setting).get(name)
    return {"ServiceSetting": {
        "SettingId": name, "SettingValue": row.value if row is not None else DEFAULTS[name],
        "LastModifiedDate": row.modified if row is not None else 0.0,
        "LastModifiedUser": row.user if row is not None else "System",
        "ARN": f"{prefix(call)}:servicesetting{name}",
        "Status": "Customized" if row is not None else "Default"}}


@operation
def get_service_setting(call: Call, SettingId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html"""
    return _told(call, _known(SettingId))


@operation
def update_service_setting(call: Call, SettingId: str, SettingValue: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateServiceSetting.html"""
    name = _known(SettingId)
    if SettingValue not in ALLOWED[name]:
        raise invalid(f"Invalid value for setting {name}: {SettingValue}. Valid values: {', '.join(ALLOWED[name])}.")
    call.put(Setting(id=name, value=SettingValue, modified=call.now, user=call.principal.arn))
    return {}


@operation
def reset_service_setting(call: Call, SettingId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ResetServiceSetting.html"""
    name = _known(SettingId)
    call.table(Setting).delete(name)
    return _told(call, name)
