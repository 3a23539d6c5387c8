"""A function as it is run: which version an invocation means, and what a new environment of it needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from cumulet.drivers.functions.contract import Deployment, Logging, Prepared
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, error, parse_arn, principals

from . import layers, lineage, logs, settings, variables
from .concurrency import unreserved
from .names import arn_of, function, split, version
from .resources import LATEST, Alias, Code, Function, Version

_SESSION = 3600.0
_ROUTES = 1 << 32


class Found(NamedTuple):
    """What an invocation means. arn: as it was invoked; code: the hash of the package; role: the execution role's ARN;
    layers: the ARNs of their versions; traced: whether new traces are sampled; loops: whether it may be part of a loop;
    durable: how its executions are kept, where it is a durable function; sealed: its variables, where they are under a key."""

    deployment: Deployment
    arn: str
    code: str
    role: str
    layers: tuple[str, ...] = ()
    traced: bool = False
    loops: bool = False
    durable: dict[str, int] | None = None
    sealed: bytes = b""

    def admit(self, trace: str) -> str:
        """The trace header for the function; raises when the event comes of a loop that the function is part of."""
        function = self.deployment.function
        if not self.loops and lineage.passes(trace, function) >= lineage.MOST:
            raise error.RecursiveInvocationException("Lambda has detected your function being invoked in a recursive loop with"
                                                     " other AWS resources and stopped your function's invocation.")
        return lineage.extended(trace, function)


def there(call: Call, name: str) -> Call:
    """The call seen from the account and region of a function that is given by its ARN."""
    parts = parse_arn(name)
    return call if parts is None else call.elsewhere(parts.account, parts.region)


def find(call: Call, name: str, qualifier: str | None = None) -> Found:
    """The version that a name and qualifier mean at this moment; raises what AWS raises when there is none."""
    here = there(call, name)
    short, wanted = split(here, name, qualifier)
    row = here.table(Function).known(short) or function(here, short, wanted)
    if wanted in ("", LATEST):
        return _found(here, row, LATEST, row.revision, wanted, settings.of(row), row)
    number = wanted
    if not wanted.isdigit():
        alias = here.table(Alias).known(short, wanted)
        if alias is None:
            raise error.ResourceNotFoundException(f"Function not found: {arn_of(here, short, wanted)}")
        number = _routed(here, alias)
        if number == LATEST:
            return _found(here, row, LATEST, row.revision, wanted, settings.of(row), row)
    published = version(here, short, number)
    return _found(here, row, number, published.config["RevisionId"], wanted, published.config, published)


def _routed(call: Call, alias: Alias) -> str:
    """The version that an alias gives this invocation to, by its weights."""
    weights = (alias.RoutingConfig or {}).get("AdditionalVersionWeights", {})
    if weights:
        drawn = int(call.token(8), 16) / _ROUTES
        for number, weight in weights.items():
            drawn -= weight
            if drawn < 0:
                return str(number)
    return alias.FunctionVersion


def _found(call: Call, row: Function, number: str, revision: str, wanted: str, config: dict[str, Any],
           code: Function | Version) -> Found:
    base = arn_of(call, row.FunctionName)
    deployment = Deployment(
        f"{base}:{number}", base, call.account, call.region, row.FunctionName, number, revision, config["Runtime"],
        config["Handler"], config["Timeout"], config["MemorySize"], (config["EphemeralStorage"] or {}).get("Size", 512),
        (config["Environment"] or {}).get("Variables", {}), config["LoggingConfig"]["LogGroup"],
        row.ReservedConcurrentExecutions, unreserved(call), _logging(config["LoggingConfig"]), code.folder)
    taken = tuple(layer["Arn"] for layer in config.get("Layers") or ()) if number != LATEST else tuple(row.Layers)
    return Found(deployment, f"{base}:{wanted}" if wanted else base, config["CodeSha256"], config["Role"], taken,
                 (config.get("TracingConfig") or {}).get("Mode") == "Active", row.RecursiveLoop == "Allow",
                 config.get("DurableConfig"), code.sealed)


def _logging(config: Mapping[str, str]) -> Logging:
    json = config["LogFormat"] == "JSON"
    return Logging(json, config.get("ApplicationLogLevel", "INFO"), config.get("SystemLogLevel", "INFO"))


async def prepare(call: Call, found: Found) -> Prepared:
    """Code on disk, and credentials of the execution role."""
    functions = call.driver(Functions)
    functions.sink = partial(logs.write, call)
    folder = found.deployment.folder or functions.code.has(found.code)
    if not folder:
        package = await call.run(_package, found)
        folder = await functions.code.unpacked(found.code, package)
    unpacked = [functions.code.has(arn) or await functions.code.unpacked(arn, await call.run(layers.package, arn))
                for arn in found.layers]
    merged = await functions.code.merged(unpacked)
    credentials, expires = await call.run(_credentials, found)
    opened = await call.run(_variables, found) if found.sealed else None
    return Prepared(folder, merged, credentials, expires, opened)


def _variables(call: Call, found: Found) -> dict[str, str]:
    return variables.of(call.elsewhere(found.deployment.account, found.deployment.region), found.sealed)


def _package(call: Call, found: Found) -> bytes:
    deployment = found.deployment
    row = call.elsewhere(deployment.account, deployment.region).table(Code).get(deployment.name, found.code)
    if row is None:
        raise error.ResourceNotFoundException(f"Function not found: {found.arn}")
    return row.package


def _credentials(call: Call, found: Found) -> tuple[tuple[str, str, str], float]:
    """A session of the execution role. Where policies are not enforced, a role need not exist: then the function has the
    rights of its account."""
    deployment = found.deployment
    here = call.elsewhere(deployment.account, deployment.region)
    role = here.table(principals.Role).known(found.role.rpartition("/")[2])
    if role is None and principals.mode_of(here) != "enforce":
        return (deployment.account, "test", ""), call.now + 86_400.0
    try:
        given = here.as_service(deployment.function, deployment.account, deployment.region).sts.assume_role(
            RoleArn=found.role, RoleSessionName=deployment.name[:64], DurationSeconds=int(_SESSION))["Credentials"]
    except AwsError as problem:
        raise error.named("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.",
                          403) from problem
    return (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]), given["Expiration"]
