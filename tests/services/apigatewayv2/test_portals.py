"""Portals before they are published, their products and pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

COLORS = {f"{part}Color": "#000000" for part in ("Accent", "Background", "ErrorValidation", "Header", "Navigation", "Text")}
CONTENT = {"DisplayName": "shop", "Theme": {"CustomColors": COLORS}}


def code(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return cloud.client("apigatewayv2")


@pytest.fixture
def product(client: Any) -> dict[str, Any]:
    return dict(client.create_portal_product(DisplayName="pets", Description="d", Tags={"k": "v"}))


def test_products_are_told_changed_shared_and_ended(client: Any, product: dict[str, Any]) -> None:
    id, arn = product["PortalProductId"], product["PortalProductArn"]
    client.create_portal_product(DisplayName="other")
    pages = list(client.get_paginator("list_portal_products").paginate(PaginationConfig={"PageSize": 1}))
    assert sorted(item["DisplayName"] for page in pages for item in page["Items"]) == ["other", "pets"]
    assert client.update_portal_product(PortalProductId=id, DisplayName="animals")["DisplayName"] == "animals"
    told = client.get_portal_product(PortalProductId=id)
    assert (told["DisplayName"], told["Description"], told["Tags"]) == ("animals", "d", {"k": "v"})
    client.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    client.untag_resource(ResourceArn=arn, TagKeys=["k"])
    assert client.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]})
    assert code(client.put_portal_product_sharing_policy, PortalProductId=id, PolicyDocument="{}") == "BadRequestException"
    client.put_portal_product_sharing_policy(PortalProductId=id, PolicyDocument=policy)
    assert client.get_portal_product_sharing_policy(PortalProductId=id)["PolicyDocument"] == policy
    client.delete_portal_product_sharing_policy(PortalProductId=id)
    assert code(client.get_portal_product_sharing_policy, PortalProductId=id) == "NotFoundException"
    client.delete_portal_product(PortalProductId=id)
    assert code(client.get_portal_product, PortalProductId=id) == "NotFoundException"


def test_pages_of_products(client: Any, product: dict[str, Any]) -> None:
    where = {"PortalProductId": product["PortalProductId"]}
    made = client.create_product_page(**where, DisplayContent={"Title": "Start", "Body": "# Hello"})
    page = {**where, "ProductPageId": made["ProductPageId"]}
    assert client.list_product_pages(**where)["Items"][0]["PageTitle"] == "Start"
    client.update_product_page(**page, DisplayContent={"Title": "Begin", "Body": "x"})
    assert client.get_product_page(**page)["DisplayContent"] == {"Title": "Begin", "Body": "x"}
    order = {"OverviewPageArn": made["ProductPageArn"]}
    assert client.update_portal_product(**where, DisplayOrder=order)["DisplayOrder"] == order
    assert code(client.update_portal_product, **where, DisplayOrder={
        "ProductPageArns": [made["ProductPageArn"] + "x"]}) == "BadRequestException"
    client.delete_product_page(**page)
    assert code(client.get_product_page, **page) == "NotFoundException"


def test_pages_of_endpoints(client: Any, cloud: Cloud, product: dict[str, Any]) -> None:
    rest = cloud.client("apigateway")
    api = rest.create_rest_api(name="pets")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    rest.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    rest.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    rest.create_deployment(restApiId=api, stageName="prod")
    where = {"PortalProductId": product["PortalProductId"]}
    parts = {"IdentifierParts": {"RestApiId": api, "Stage": "prod", "Method": "GET", "Path": "/"}}
    made = client.create_product_rest_endpoint_page(**where, RestEndpointIdentifier=parts)
    assert (made["DisplayContent"], made["TryItState"]) == ({"Endpoint": "GET /"}, "DISABLED")
    page = {**where, "ProductRestEndpointPageId": made["ProductRestEndpointPageId"]}
    client.update_product_rest_endpoint_page(**page, TryItState="ENABLED",
                                             DisplayContent={"Overrides": {"OperationName": "all"}})
    told = client.get_product_rest_endpoint_page(**page)
    assert (told["TryItState"], told["DisplayContent"]["OperationName"]) == ("ENABLED", "all")
    [item] = client.list_product_rest_endpoint_pages(**where)["Items"]
    assert (item["Endpoint"], item["OperationName"]) == ("GET /", "all")
    parts["IdentifierParts"]["Stage"] = "none"
    assert code(client.create_product_rest_endpoint_page, **where, RestEndpointIdentifier=parts) == "NotFoundException"
    client.delete_product_rest_endpoint_page(**page)
    assert client.list_product_rest_endpoint_pages(**where)["Items"] == []


def test_portals_are_kept_until_they_could_be_published(client: Any, product: dict[str, Any]) -> None:
    members = {"Authorization": {"None": {}}, "EndpointConfiguration": {"None": {}}, "PortalContent": CONTENT}
    made = client.create_portal(**members, IncludedPortalProductArns=[product["PortalProductArn"]], Tags={"k": "v"})
    id = made["PortalId"]
    assert (made["PublishStatus"], made["PortalContent"]["DisplayName"]) == ("DISABLED", "shop")
    changed = client.update_portal(PortalId=id, PortalContent={**CONTENT, "DisplayName": "store"}, IncludedPortalProductArns=[])
    assert (changed["PortalContent"]["DisplayName"], changed["IncludedPortalProductArns"]) == ("store", [])
    assert client.get_portal(PortalId=id)["Tags"] == {"k": "v"}
    assert [item["PortalId"] for item in client.list_portals()["Items"]] == [id]
    assert code(client.create_portal, **members, IncludedPortalProductArns=["arn:aws:apigateway:us-east-1::/x"]) \
        == "BadRequestException"
    assert code(client.publish_portal, PortalId=id) == "NotImplemented"
    client.delete_portal(PortalId=id)
    assert code(client.get_portal, PortalId=id) == "NotFoundException"
