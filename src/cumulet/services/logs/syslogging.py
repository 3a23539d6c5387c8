"""Syslog at VPC endpoints: who listens there, and what becomes of a message.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_Syslog.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from cumulet.kernel import AwsError, Call

from . import batches
from .resources import LogGroup, LogStream
from .settings import SyslogConfiguration, SyslogPort
from .taking import make_stream, take_all

SERVICE = "syslog-logs"
_FACILITIES = ("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
               "audit", "alert", "clock", *(f"local{n}" for n in range(8)))
_SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_PRIORITY = re.compile(r"<(\d{1,3})>")
_RFC_5424 = re.compile(r"1 (?P<timestamp>\S+) (?P<hostname>\S+) (?P<appName>\S+) (?P<procId>\S+) (?P<msgId>\S+) "
                       r'(?P<structuredData>-|(?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*"|\\.)*\])+)'
                       r"(?: \ufeff?(?P<message>.*))?", re.DOTALL)
_RFC_3164 = re.compile(r"(?P<timestamp>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<hostname>\S+) "
                       r"(?:(?P<appName>[^\s:\[]{1,48})(?:\[(?P<procId>[^\]]*)\])?: ?)?(?P<message>.*)", re.DOTALL)


def fields(text: str) -> dict[str, str]:
    """What a message says, in either RFC's form; of another form, all of it is the message."""
    found: dict[str, str] = {}
    if (priority := _PRIORITY.match(text)) is not None and int(priority[1]) < 8 * len(_FACILITIES):
        facility, severity = divmod(int(priority[1]), 8)
        found = {"facility": _FACILITIES[facility], "severity": _SEVERITIES[severity]}
        text = text[priority.end():]
    form = _RFC_5424.fullmatch(text) or _RFC_3164.fullmatch(text)
    return found | ({name: value for name, value in form.groupdict().items() if value not in (None, "-")} if form is not None
                    else {"message": text})


def moment(said: dict[str, str], now: int, oldest: int) -> int:
    """When it happened, in milliseconds, where the message tells the year and the zone; else now."""
    try:
        at = datetime.fromisoformat(said.get("timestamp", ""))
    except ValueError:
        return now
    time = round(at.timestamp() * 1000) if at.tzinfo is not None else now
    return time if batches.in_time(time, now, oldest) else now


# --- who listens ---


def is_there(call: Call, endpoint: str) -> bool | None:
    """Is there such an endpoint for syslog? None: there is one, for something else."""
    try:
        told = call.as_service().ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])
    except AwsError:
        return False
    found = told["VpcEndpoints"][0]
    if str(found["State"]).lower() in ("deleting", "deleted"):
        return False
    return True if str(found["ServiceName"]).endswith("." + SERVICE) else None


def wanted(call: Call) -> dict[str, int]:
    """The endpoints that groups listen at, and the port that each had (0: none yet)."""
    ports = call.table(SyslogPort)
    return {row.endpoint: port.port if (port := ports.get(row.endpoint)) is not None else 0
            for row in call.table(SyslogConfiguration).scan()}


def remember(call: Call, ports: dict[str, int]) -> None:
    """The ports, for the next start; those of others are free."""
    for row in call.table(SyslogPort).scan():
        if row.endpoint not in ports:
            call.table(SyslogPort).delete(row.endpoint)
    for endpoint, port in ports.items():
        call.put(SyslogPort(endpoint=endpoint, port=port))


def deliver(call: Call, endpoint: str) -> Callable[[list[str]], Awaitable[bool]]:
    """What takes the messages that come by an endpoint."""
    async def take(messages: list[str]) -> bool:
        return await call.run(partial(_take, endpoint=endpoint, messages=messages))

    return take


def _take(call: Call, endpoint: str, messages: list[str]) -> bool:
    """Put messages into all groups that listen there; False when none does, or the endpoint is gone."""
    rows = list(call.table(SyslogConfiguration).scan(endpoint, index="endpoint"))
    if not rows or not is_there(call, endpoint):
        return False
    now = int(call.now * 1000)
    lines = [line for each in messages if (line := each.rstrip("\r\n\0"))]
    for row in rows:
        group = call.get(LogGroup, row.group)
        name = f"{endpoint}_Syslog_{call.region}"
        stream = call.table(LogStream).get(row.group, name) or make_stream(call, group, name)
        told = [fields(line) for line in lines]
        take_all(call, group, stream, [(moment(said, now, 0), line) for said, line in zip(told, lines, strict=True)],
                 lambda line: json.dumps(fields(line), ensure_ascii=False))
    return True
