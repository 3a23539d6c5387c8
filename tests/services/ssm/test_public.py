"""Public parameters, and secrets told as parameters."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from services.sqs.queues import refused
from services.ssm.test_parameters import get, ssm  # noqa: F401  (a fixture)

LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
WHERE = "/aws/service/global-infrastructure"


def test_the_latest_image_is_always_the_same_in_a_region(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    told = get(ssm, LATEST)
    assert told["Value"].startswith("ami-")
    assert len(told["Value"]) == 21
    assert (told["ARN"], told["DataType"]) == (f"arn:aws:ssm:us-east-1::parameter{LATEST}", "aws:ec2:image")
    assert get(cloud.other().client("ssm"), LATEST) == told
    assert get(cloud.client("ssm", region="eu-west-1"), LATEST)["Value"] != told["Value"]
    assert [one["Value"] for one in ssm.get_parameters(Names=[LATEST])["Parameters"]] == [told["Value"]]
    with refused("ParameterNotFound"):
        get(ssm, LATEST + "-none")


def test_regions_and_services_are_told(ssm: Any) -> None:  # noqa: F811
    assert get(ssm, f"{WHERE}/regions/eu-west-1/longName")["Value"] == "Europe (Ireland)"
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"{WHERE}/regions")
    regions = {one["Value"] for page in pages for one in page["Parameters"]}
    assert {"us-east-1", "eu-central-1", "cn-north-1"} <= regions
    assert all("/" not in region for region in regions)
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"{WHERE}/services/sqs/regions", Recursive=True)
    served = [one["Name"] for page in pages for one in page["Parameters"]]
    assert f"{WHERE}/services/sqs/regions/us-west-2" in served
    assert len(served) == len(set(served)) == 2 * len([name for name in served if not name.endswith("/endpoint")])


def test_a_secret_is_told_as_a_parameter(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    secrets = cloud.client("secretsmanager")
    arn = secrets.create_secret(Name="app/db", SecretString="one")["ARN"]
    secrets.put_secret_value(SecretId="app/db", SecretString="two")
    name = "/aws/reference/secretsmanager/app/db"
    told = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert (told["Name"], told["Type"], told["Value"], told["ARN"]) == (name, "SecureString", "two", arn)
    source = json.loads(told["SourceResult"])
    assert (source["ARN"], source["name"], source["versionStages"]) == (arn, "app/db", ["AWSCURRENT"])
    told = ssm.get_parameter(Name=f"{name}:AWSPREVIOUS", WithDecryption=True)["Parameter"]
    assert (told["Value"], told["Selector"]) == ("one", ":AWSPREVIOUS")
    with refused("ValidationException", "WithDecryption flag must be True"):
        get(ssm, name)
    with refused("ParameterNotFound"):
        ssm.get_parameter(Name=f"{name}none", WithDecryption=True)
    assert ssm.get_parameters(Names=[f"{name}none"], WithDecryption=True)["InvalidParameters"] == [f"{name}none"]
