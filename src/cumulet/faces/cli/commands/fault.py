"""`cumulet fault`."""

from __future__ import annotations

import re
from typing import Any

import click

from ..base import Output, endpoint_option, fail_usage
from ..base import command as declare
from ..remote import remote
from ..tables import table
from .time import seconds

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")


@declare("fault", short_help="Let calls fail: errors, throttling, latency, cut connections.")
@endpoint_option
@click.option("--op", "operations", multiple=True, metavar="NAME", help="Only this operation; may be given several times.")
@click.option("--error", default="", metavar="CODE", help="Answer with this error; also: unavailable, internal.")
@click.option("--throttle", is_flag=True, help="Answer with what the service says when it is asked too often.")
@click.option("--message", default="", metavar="TEXT", help="The error's message.")
@click.option("--status", default=0, metavar="N", help="The error's HTTP status; by default what the model says.")
@click.option("--latency", default="", metavar="200ms", help="Answer this much later.")
@click.option("--drop", is_flag=True, help="Close the connection; nothing is done.")
@click.option("--drop-answer", is_flag=True, help="Do what is asked, and close the connection in the place of the answer.")
@click.option("--halt-replication", "halts", is_flag=True, help="Nothing is copied to other regions meanwhile.")
@click.option("--rate", default=1.0, metavar="0.3", help="Strike only this part of the calls.")
@click.option("--seed", default=0, metavar="N", help="Another seed strikes others of them.")
@click.option("--resource", default="", metavar="ARN", help="Only calls about this resource; * and ? as in policies.")
@click.option("--principal", default="", metavar="ARN", help="Only calls of this user or role; * and ?.")
@click.option("--account", default="", metavar="ID", help="Only calls of this account.")
@click.option("--region", default="", metavar="NAME", help="Only calls to this region.")
@click.option("--zone", "places", multiple=True, metavar="NAME",
              help="Only what is in this availability zone; also a subnet or a VPC endpoint; may be given several times.")
@click.option("--for", "lasts", default="", metavar="5m", help="End by itself, by the cloud's clock.")
@click.argument("verb", type=click.Choice(["add", "away", "list", "clear"]), default="list")
@click.argument("what", required=False)
def command(out: Output, endpoint: str | None, verb: str, what: str | None, **said: Any) -> None:
    """What is asked for holds until it is cleared or its time is over, also beyond a restart. The same calls in the same order
    meet the same faults.

    \b
    cumulet fault add dynamodb --op PutItem --error ProvisionedThroughputExceededException --rate 0.3
    cumulet fault add s3 --latency 200ms --for 5m
    cumulet fault add sqs --throttle --resource 'arn:aws:sqs:*:*:orders'
    cumulet fault away eu-west-1                  a region does not answer (--error: how)
    cumulet fault away us-east-1a --for 10m       nor does what is in a zone
    cumulet fault list
    cumulet fault clear [ID]
    """
    server = remote(endpoint)
    if verb == "away":
        verb, what = "add", _away(what or "", said)
    if verb == "add":
        made = server.post("/_cumulet/faults", _asked(what or "", said))
        out.show(made, lambda: f"Fault {made['id']}: {_line(made)}\nNext: cumulet fault clear {made['id']}")
    elif verb == "clear":
        if what is not None and not what.isdigit():
            fail_usage(f"{what!r} is no fault's number: see `cumulet fault list`.")
        gone = server.post("/_cumulet/faults/clear", {"id": int(what)} if what else {})
        out.show(gone, lambda: f"{gone['cleared']} cleared.")
    else:
        found = server.get("/_cumulet/faults")
        out.show(found, lambda: _list(found["faults"]))


def _asked(service: str, said: dict[str, Any]) -> dict[str, Any]:
    """The fault as the control API takes it."""
    error, throttle, drop, answer = (said.pop(name) for name in ("error", "throttle", "drop", "drop_answer"))
    if throttle and error:
        fail_usage("--throttle is an error: say one of them.")
    if drop and answer:
        fail_usage("Say --drop or --drop-answer.")
    lasts, latency = said.pop("lasts"), said.pop("latency")
    return {**said, "service": service, "operations": list(said["operations"]), "places": list(said["places"]),
            "error": "throttle" if throttle else error, "halts": "replication" if said["halts"] else "",
            "cut": "before" if drop else "after" if answer else "", "latency": _latency(latency),
            "seconds": seconds(lasts) if lasts else 0}


def _away(place: str, said: dict[str, Any]) -> str:
    """A region or a zone as faults know it, which lets connections go where nothing else is said; no service: all of them."""
    if not place:
        fail_usage("Say which: `cumulet fault away eu-west-1`, or a zone: `us-east-1a`.")
    if _REGION.fullmatch(place):
        said["region"] = place
    else:
        said["places"] = (place, *said["places"])
    if not (said["error"] or said["throttle"] or said["drop_answer"]):
        said["drop"] = True
    return ""


def _latency(text: str) -> float:
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", text)
    if found is None:
        fail_usage(f"{text!r} is no latency; try 200ms or 1.5s.")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def _line(fault: dict[str, Any]) -> str:
    """What a fault does to what."""
    does = [fault.get("error", ""), f"{fault['latency'] * 1000:g} ms later" if fault.get("latency") else "",
            {"before": "dropped", "after": "answer dropped"}.get(fault.get("cut", ""), ""),
            "replication halted" if fault.get("halts") else ""]
    where = [fault.get("service") or "all services", *fault.get("operations", ()),
             *(f"{name} {fault[name]}" for name in ("account", "region", "resource", "principal") if fault.get(name)),
             *fault.get("places", ())]
    rate = f" at {fault['rate']:.0%}" if fault["rate"] < 1 else ""
    return f"{' '.join(filter(None, does))}{rate} for {' '.join(where)}"


def _list(faults: list[dict[str, Any]]) -> str:
    if not faults:
        return "There is no fault."
    return table(("ID", "FAULT", "STRUCK", "OF", "LEFT"),
                 [(str(one["id"]), _line(one), str(one["struck"]), str(one["seen"]),
                   f"{one['left']:.0f} s" if "left" in one else "") for one in faults], numbers=("STRUCK", "OF", "LEFT"))
