"""Rows as answers tell them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, organization

from . import names
from .resources import Account, CreateAccountRequest, Organization, OrganizationPolicy, Unit


def whole(call: Call, row: Organization) -> dict[str, Any]:
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}] if row.features == "ALL" else []
    manager = organization.known(call.tx, row.account, row.created)
    return {"Id": row.id, "Arn": names.organization_arn(row), "FeatureSet": row.features,
            "MasterAccountArn": names.account_arn(row, row.account), "MasterAccountId": row.account,
            "MasterAccountEmail": manager.email, "AvailablePolicyTypes": types}


def root(row: Organization) -> dict[str, Any]:
    return {"Id": row.root, "Arn": names.root_arn(row), "Name": "Root",
            "PolicyTypes": [{"Type": kind, "Status": "ENABLED"} for kind in row.enabled]}


def unit(within: Organization, row: Unit) -> dict[str, Any]:
    return {"Id": row.Id, "Arn": names.unit_arn(within, row), "Name": row.Name, "Path": row.path}


def account(call: Call, within: Organization, row: Account) -> dict[str, Any]:
    return {"Id": row.account, "Arn": names.account_arn(within, row.account), "Email": row.email, "Name": row.name,
            "Status": row.state, "State": row.state, "Paths": [names.account_path(call, row)], "JoinedMethod": row.method,
            "JoinedTimestamp": row.joined}


def creation(row: CreateAccountRequest) -> dict[str, Any]:
    return {"Id": row.id, "AccountName": row.name, "State": row.state, "RequestedTimestamp": row.requested,
            "CompletedTimestamp": row.completed, "AccountId": row.made, "FailureReason": row.failure}


def summary(row: OrganizationPolicy | organization.Managed) -> dict[str, Any]:
    return {"Id": row.Id, "Arn": names.policy_arn(row), "Name": row.Name, "Description": row.Description, "Type": row.Type,
            "AwsManaged": isinstance(row, organization.Managed)}


def policy(row: OrganizationPolicy | organization.Managed) -> dict[str, Any]:
    return {"PolicySummary": summary(row), "Content": row.Content}
