"""The page that every service has: something is made and ended on those without screens of their own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person

MAKES = re.compile("^Create |^Request ")
ENDS = re.compile("^Delete$")
LIMIT = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}

# Service and kind: what makes one, what its row says, and what must be there before (service, operation, members).
GENERIC: dict[str, tuple[dict[str, Any], str, list[tuple[str, str, dict[str, Any]]]]] = {
    "acm/Certificates": ({"DomainName": "example.com"}, "example.com", []),
    "accessanalyzer/Analyzers": ({"analyzerName": "watch", "type": "ACCOUNT"}, "watch", []),
    "acm-pca/CertificateAuthorities": (
        {"CertificateAuthorityType": "ROOT", "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": {"CommonName": "ours"}}},
        "certificate-authority/", []),
    "ec2/Vpcs": ({"CidrBlock": "10.9.0.0/16"}, "10.9.0.0/16", []),
    "fis/ExperimentTemplates": (
        {"clientToken": "once", "description": "a pause", "stopConditions": [{"source": "none"}],
         "roleArn": "arn:aws:iam::{account}:role/fis",
         "actions": {"pause": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}}}}, "a pause", []),
    "apigateway/RestApis": ({"name": "shop"}, "shop", []),
    "apigatewayv2/Apis": ({"Name": "shop", "ProtocolType": "HTTP"}, "shop", []),
    "schemas/Registries": ({"RegistryName": "events"}, "events", []),
    "identitystore/Users": (
        {"IdentityStoreId": "{of}", "UserName": "ann", "DisplayName": "Ann", "Name": {"GivenName": "Ann", "FamilyName": "A"}},
        "ann", [("sso-admin", "create_instance", {"Name": "people"})]),
    "organizations/Policies": (
        {"Name": "limit", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": json.dumps(LIMIT)}, "limit",
        [("organizations", "create_organization", {"FeatureSet": "ALL"})]),
    "s3control/AccessPoints": ({"AccountId": "{account}", "Name": "door", "Bucket": "b-{account}"}, "door",
                               [("s3", "create_bucket", {"Bucket": "b-{account}"})]),
    "scheduler/ScheduleGroups": ({"Name": "nightly"}, "nightly", []),
    "sso-admin/Instances": ({"Name": "people"}, "people", []),
}


# What is filled in by the form's fields; the rest is given as JSON.
BY_FORM: dict[str, dict[str, str]] = {
    "acm/Certificates": {"Domain name": "example.com"},
    "apigateway/RestApis": {"Name": "shop"},
    "schemas/Registries": {"Registry name": "events"},
    "scheduler/ScheduleGroups": {"Name": "nightly"},
    "s3control/AccessPoints": {"Account ID": "{account}", "Name": "door", "Bucket": "b-{account}"},
}


@pytest.mark.parametrize("place", GENERIC)
def test_any_service_has_a_page_to_make_and_end_things(person: Person, console: Cloud, place: str) -> None:
    service, kind = place.split("/")
    members, shown, before = GENERIC[place]
    store = ""

    def own(value: Any) -> Any:
        return json.loads(json.dumps(value).replace("{account}", console.account).replace("{of}", store))

    for api, operation, given in before:
        getattr(console.client(api), operation)(**own(given))
    if before and before[0][0] == "sso-admin":
        store = console.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    person.go(f"service/{service}?kind={kind}")
    if store:
        whose = person.tab.get_by_role("textbox", name="Identity store ID")
        person.tab.get_by_label("Identity store ID: whose").or_(whose).first.fill(store)
    person.tab.locator("button", has_text=MAKES).first.click()
    if place in BY_FORM:
        for label, value in own(BY_FORM[place]).items():
            person.field(label).fill(value)
    else:
        person.choose_json(json.dumps(own(members)))
    person.tab.get_by_role("dialog").locator("button", has_text=MAKES).last.click()
    expect(person.tab.get_by_role("dialog").locator("visible=true")).to_have_count(0)
    person.pick(shown)
    person.sees("Details")
    person.tab.locator("button", has_text=ENDS).first.click()
    person.confirm()
    expect(person.tab.get_by_role("row").filter(has_text=shown).filter(has_not_text="DELET")).to_have_count(0)
