"""The stores themselves."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import stores


@operation
def list_identity_stores(call: Call, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListIdentityStores.html"""
    rows = sorted(stores.visible(call), key=lambda one: str(one["IdentityStoreId"]))
    rest = [one for one in rows if page.after is None or one["IdentityStoreId"] > page.after]
    return {"IdentityStores": [{"IdentityStoreId": one["IdentityStoreId"], "IdentityStoreArn": one["IdentityStoreArn"]}
                               for one in page.cut(rest, lambda one: one["IdentityStoreId"])]}


@operation
def describe_identity_store(call: Call, IdentityStoreId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeIdentityStore.html"""
    there = stores.store(call, IdentityStoreId)
    return {"IdentityStoreId": there.id,
            "IdentityStoreArn": f"arn:aws:identitystore::{there.call.account}:identitystore/{there.id}"}
