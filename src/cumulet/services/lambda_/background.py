"""What happens unasked in Lambda: sources are followed, environments kept ready, addresses answered."""

from __future__ import annotations

import contextlib
from functools import partial

from cumulet.drivers.functions.contract import RuntimeProblem
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, forget, task

from . import urls
from .deployments import Found, find, prepare
from .resources import Event, EventSourceMapping, Provisioned
from .sources import queues, streams


@forget
def events_go(call: Call) -> None:
    """Events of functions that are forgotten are not given to anybody."""
    call.table(Event).delete_all()


def listen(call: Call) -> None:
    """See to it that all event source mappings of this account and region are followed, now and after each start."""
    call.always(follow)


@task(retries=1000)
async def follow(call: Call) -> None:
    """Begin to follow the mappings that nobody follows yet."""
    functions = call.driver(Functions)
    for mapping in await call.run(_enabled):
        kind = queues if ":sqs:" in mapping.EventSourceArn else streams
        functions.only(f"{mapping.UUID} {mapping.generation}", partial(kind.follow, call, mapping))


@task(retries=1000)
async def provide(call: Call) -> None:
    """Make the environments that are to be kept ready, now and after each start."""
    functions = call.driver(Functions)
    for found, count in await call.run(_provided):
        with contextlib.suppress(RuntimeProblem, AwsError):            # told by GetProvisionedConcurrencyConfig
            await functions.keep(found.deployment, count, partial(prepare, call, found))


def _provided(call: Call) -> list[tuple[Found, int]]:
    return [(find(call, row.function, row.qualifier), row.wanted) for row in call.table(Provisioned).scan()]


@task(retries=1000)
async def answer_urls(call: Call) -> None:
    """Function URLs of this region answer, now and after each start."""
    urls.open_doors(call)


def _enabled(call: Call) -> list[EventSourceMapping]:
    return [row for row in call.table(EventSourceMapping).scan() if row.Enabled]
