"""Domain names of one's own, and where they lead."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

PATH = "def handler(event, context): return event['rawPath'] + ' ' + event['requestContext']['stage']"


@pytest.fixture
def domain(cloud: Cloud) -> str:
    name = f"api{cloud.account}.shop.example"
    certificate = cloud.client("acm").request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    cloud.client("apigatewayv2").create_domain_name(DomainName=name, Tags={"k": "v"}, DomainNameConfigurations=[
        {"CertificateArn": certificate, "EndpointType": "REGIONAL"}])
    return name


def test_paths_of_a_domain_name_lead_to_stages_of_apis(api: Any, function: Any, cloud: Cloud, domain: str) -> None:
    client = api.client
    api.route("GET /{proxy+}", api.integration(function(PATH)))
    client.create_stage(ApiId=api.id, StageName="dev", AutoDeploy=True)

    def asked(path: str) -> tuple[int, str]:
        answer = httpx.get(cloud.endpoint + path, headers={"Host": f"{domain}:4566"})
        return answer.status_code, answer.text

    assert asked("/v1/a") == (403, '{"message":"Forbidden"}')
    first = client.create_api_mapping(ApiId=api.id, DomainName=domain, Stage="$default", ApiMappingKey="v1")["ApiMappingId"]
    client.create_api_mapping(ApiId=api.id, DomainName=domain, Stage="dev", ApiMappingKey="v1/dev")
    assert asked("/v1/a") == (200, "/v1/a $default")
    assert asked("/v1/dev/a/b") == (200, "/v1/dev/a/b dev")
    assert asked("/other")[0] == 403
    client.update_api(ApiId=api.id, DisableExecuteApiEndpoint=True)
    assert (api.ask("/a").status_code, asked("/v1/a")[0]) == (404, 200)
    client.update_api_mapping(ApiId=api.id, DomainName=domain, ApiMappingId=first, ApiMappingKey="")
    assert asked("/a") == (200, "/a $default")
    assert client.get_api_mapping(DomainName=domain, ApiMappingId=first)["Stage"] == "$default"
    page = client.get_api_mappings(DomainName=domain, MaxResults="1")
    rest = client.get_api_mappings(DomainName=domain, NextToken=page["NextToken"])
    assert {item["ApiMappingKey"] for item in page["Items"] + rest["Items"]} == {"", "v1/dev"}
    for members, code in (({"ApiId": api.id, "Stage": "dev"}, "ConflictException"),
                          ({"ApiId": api.id, "Stage": "none", "ApiMappingKey": "x"}, "NotFoundException"),
                          ({"ApiId": "none", "Stage": "dev", "ApiMappingKey": "x"}, "BadRequestException")):
        with pytest.raises(ClientError) as problem:
            client.create_api_mapping(DomainName=domain, **members)
        assert problem.value.response["Error"]["Code"] == code
    client.delete_api_mapping(DomainName=domain, ApiMappingId=first)
    assert asked("/a")[0] == 403


def test_domain_names_are_told_changed_and_ended(cloud: Cloud, domain: str) -> None:
    client = cloud.client("apigatewayv2")
    told = client.get_domain_name(DomainName=domain)
    [config] = told["DomainNameConfigurations"]
    assert (config["DomainNameStatus"], config["SecurityPolicy"], told["Tags"]) == ("AVAILABLE", "TLS_1_2", {"k": "v"})
    assert config["ApiGatewayDomainName"].startswith("d-")
    assert [item["DomainName"] for item in client.get_domain_names()["Items"]] == [domain]
    changed = client.update_domain_name(DomainName=domain, DomainNameConfigurations=[
        {"CertificateArn": config["CertificateArn"], "SecurityPolicy": "TLS_1_0"}])
    assert changed["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_0"
    assert changed["DomainNameConfigurations"][0]["ApiGatewayDomainName"] == config["ApiGatewayDomainName"]
    with pytest.raises(ClientError) as taken:
        client.create_domain_name(DomainName=domain, DomainNameConfigurations=[{"CertificateArn": config["CertificateArn"]}])
    assert taken.value.response["Error"]["Code"] == "ConflictException"
    client.delete_domain_name(DomainName=domain)
    with pytest.raises(ClientError) as gone:
        client.get_domain_name(DomainName=domain)
    assert gone.value.response["Error"]["Code"] == "NotFoundException"


def test_somebody_elses_domain_name_is_not_there(cloud: Cloud, domain: str) -> None:
    with pytest.raises(ClientError) as problem:
        cloud.other().client("apigatewayv2").get_api_mappings(DomainName=domain)
    assert problem.value.response["Error"]["Code"] == "NotFoundException"
