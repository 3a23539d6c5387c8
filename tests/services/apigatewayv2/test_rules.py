"""Routing rules: which REST API answers at a domain name."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def rest(cloud: Cloud, name: str) -> str:
    """A REST API whose root and whose /users answer with its name."""
    client = cloud.client("apigateway")
    api = client.create_rest_api(name=name)
    root = client.get_resources(restApiId=api["id"])["items"][0]["id"]
    users = client.create_resource(restApiId=api["id"], parentId=root, pathPart="users")["id"]
    for resource in (root, users):
        where = {"restApiId": api["id"], "resourceId": resource, "httpMethod": "GET"}
        client.put_method(**where, authorizationType="NONE")
        client.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
        client.put_method_response(**where, statusCode="200")
        client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": name})
    client.create_deployment(restApiId=api["id"], stageName="prod")
    return str(api["id"])


@pytest.fixture
def domain(cloud: Cloud) -> str:
    name = f"rules{cloud.account}.shop.example"
    certificate = cloud.client("acm").request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    cloud.client("apigatewayv2").create_domain_name(DomainName=name, RoutingMode="ROUTING_RULE_THEN_API_MAPPING",
                                                    DomainNameConfigurations=[{"CertificateArn": certificate}])
    return name


def to(api: str, strip: bool = False) -> list[dict[str, Any]]:
    return [{"InvokeApi": {"ApiId": api, "Stage": "prod", "StripBasePath": strip}}]


def test_the_first_rule_that_fits_decides(cloud: Cloud, domain: str) -> None:
    client, one, two, three = cloud.client("apigatewayv2"), rest(cloud, "one"), rest(cloud, "two"), rest(cloud, "three")
    header = {"MatchHeaders": {"AnyOf": [{"Header": "Version", "ValueGlob": "v1*"}]}}
    base = {"MatchBasePaths": {"AnyOf": ["users"]}}
    client.create_routing_rule(DomainName=domain, Priority=10, Actions=to(one), Conditions=[header, base])
    made = client.create_routing_rule(DomainName=domain, Priority=20, Actions=to(two, True), Conditions=[base])
    client.create_api_mapping(DomainName=domain, ApiId=three, Stage="prod")

    def asked(path: str, **headers: str) -> str:
        return httpx.get(cloud.endpoint + path, headers={"Host": domain, **headers}).text

    assert asked("/users", Version="v1.2") == "one"
    assert asked("/users", Version="v2") == "two"                    # without its base path: the root
    assert asked("/", Version="v1") == "three"
    client.put_routing_rule(DomainName=domain, RoutingRuleId=made["RoutingRuleId"], Priority=5, Actions=to(two, True),
                            Conditions=[base])
    assert asked("/users", Version="v1.2") == "two"
    assert [rule["Priority"] for rule in client.list_routing_rules(DomainName=domain)["RoutingRules"]] == [5, 10]
    client.update_domain_name(DomainName=domain, RoutingMode="ROUTING_RULE_ONLY")
    assert asked("/") == '{"message":"Forbidden"}'
    client.delete_routing_rule(DomainName=domain, RoutingRuleId=made["RoutingRuleId"])
    assert asked("/users", Version="v1.2") == "one"
    with pytest.raises(ClientError) as problem:
        client.get_routing_rule(DomainName=domain, RoutingRuleId=made["RoutingRuleId"])
    assert problem.value.response["Error"]["Code"] == "NotFoundException"


def test_rules_lead_to_rest_apis_and_have_a_priority_of_their_own(cloud: Cloud, api: Any, domain: str) -> None:
    client, one = cloud.client("apigatewayv2"), rest(cloud, "one")
    made = client.create_routing_rule(DomainName=domain, Priority=1, Actions=to(one), Conditions=[])
    assert client.get_routing_rule(DomainName=domain, RoutingRuleId=made["RoutingRuleId"])["Actions"] == to(one)
    many = [{"MatchHeaders": {"AnyOf": [{"Header": "a", "ValueGlob": "b"}]}}] * 3
    for members, code in (({"Priority": 1, "Actions": to(one), "Conditions": []}, "ConflictException"),
                          ({"Priority": 2, "Actions": to(api.id), "Conditions": []}, "BadRequestException"),
                          ({"Priority": 2, "Actions": to(one), "Conditions": many}, "BadRequestException"),
                          ({"Priority": 2, "Actions": to(one) * 2, "Conditions": []}, "BadRequestException")):
        with pytest.raises(ClientError) as problem:
            client.create_routing_rule(DomainName=domain, **members)
        assert problem.value.response["Error"]["Code"] == code
