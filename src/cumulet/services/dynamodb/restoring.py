"""New tables out of old items: from a backup, or from a table as it was at a moment."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, error

from . import copying, encryption, tables, throttling
from .definitions import save, settle
from .resources import Layout, Table

Doc = dict[str, Any]


class Overrides(msgspec.Struct, frozen=True):
    """What a restored table has otherwise than its source; None is as there. most: on-demand maxima.  sse: its key."""

    billing: str | None = None
    units: Doc | None = None
    wide: list[Doc] | None = None
    local: list[Doc] | None = None
    most: Doc | None = None
    sse: Doc | None = None
    vectors: list[Doc] | None = None


def begin(call: Call, there: Call, source: Table, name: str, overrides: Overrides, origin: Doc) -> Doc:
    """Make the table that is to be filled; its TableDescription. Streams, tags, time to live, protection and recovery stay
    behind, as AWS leaves them. there: where the source lies; a key of KMS serves in its own region."""
    if call.table(Layout).get(name) is not None:
        raise error.TableAlreadyExistsException(f"Table already exists: {name}")
    table = Table(
        TableName=name, KeySchema=source.KeySchema, AttributeDefinitions=source.AttributeDefinitions,
        BillingMode=overrides.billing or source.BillingMode, TableClass=source.TableClass,
        ProvisionedThroughput=overrides.units or source.ProvisionedThroughput,
        LocalSecondaryIndexes=_chosen(source.LocalSecondaryIndexes, overrides.local),
        GlobalSecondaryIndexes=_chosen(source.GlobalSecondaryIndexes, overrides.wide),
        vector_indexes=_chosen(source.vector_indexes, overrides.vectors, "VectorAttribute", "SearchSchema", "Projection",
                               "Dimensions", "DistanceFunction"),
        OnDemandThroughput=overrides.most or source.OnDemandThroughput, created=call.now, identity=call.uuid(), origin=origin)
    if table.BillingMode == "PAY_PER_REQUEST":
        tables.check_throughput(table.BillingMode, overrides.units)
        table.ProvisionedThroughput = None
        table.on_demand_since = call.now
        for index in table.GlobalSecondaryIndexes:
            index.pop("ProvisionedThroughput", None)
    else:
        table.OnDemandThroughput = overrides.most
        for index in table.GlobalSecondaryIndexes:
            index.pop("OnDemandThroughput", None)
    used = tables.used_attributes(table)
    table.AttributeDefinitions = [d for d in table.AttributeDefinitions if d["AttributeName"] in used]
    tables.check(table)
    throttling.check_all(table)
    same_key = {"Enabled": True, "KMSMasterKeyId": source.key_arn} if source.grant and there.region == call.region else None
    facts = encryption.change(call, table, settle(call, table, "CREATING"), overrides.sse or same_key)
    save(call, table, facts)
    return tables.described(table, facts, call.arn(table), {}, "CREATING")


def fill(call: Call, name: str, region: str, place: int, change: int, reader: str) -> None:
    """Have the items brought in."""
    call.task(copying.into_table, table=name, region=region, place=place, change=change, reader=reader)


def _chosen(there: list[Doc], wanted: list[Doc] | None, *alike: str) -> list[Doc]:
    """Indexes of the source: all, or those that an override names, which may give them other units but not these members."""
    if wanted is None:
        return [dict(index) for index in there]
    known = {index["IndexName"]: index for index in there}
    for index in wanted:
        like = known.get(index["IndexName"])
        if like is None or any(like.get(member) != index.get(member) for member in alike or ("KeySchema", "Projection")):
            raise tables.invalid(f"The index {index['IndexName']} does not match an index of the source table")
    return [known[index["IndexName"]] | index for index in wanted]
