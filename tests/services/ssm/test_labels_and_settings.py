"""Labels of versions, tags, and service settings."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from services.sqs.queues import refused
from services.ssm.test_parameters import put, ssm  # noqa: F401  (a fixture)


def labels_of(ssm: Any) -> list[list[str]]:  # noqa: F811
    return [one["Labels"] for one in ssm.get_parameter_history(Name="p")["Parameters"]]


def test_labels_move_and_go(ssm: Any) -> None:  # noqa: F811
    put(ssm, "p", "one")
    put(ssm, "p", "two", Overwrite=True)
    told = ssm.label_parameter_version(Name="p", Labels=["live", "1st", "aws-x", "SSM", "odd label"])
    assert told["ParameterVersion"] == 2
    assert told["InvalidLabels"] == ["1st", "aws-x", "SSM", "odd label"]
    assert labels_of(ssm) == [[], ["live"]]
    ssm.label_parameter_version(Name="p", ParameterVersion=1, Labels=["live", "old"])
    assert labels_of(ssm) == [["live", "old"], []]
    told = ssm.unlabel_parameter_version(Name="p", ParameterVersion=1, Labels=["live", "none"])
    assert (told["RemovedLabels"], told["InvalidLabels"]) == (["live"], ["none"])
    assert labels_of(ssm) == [["old"], []]
    with refused("ParameterVersionNotFound", "could not find version 3 of p"):
        ssm.label_parameter_version(Name="p", ParameterVersion=3, Labels=["x"])
    with refused("ParameterNotFound"):
        ssm.unlabel_parameter_version(Name="none", ParameterVersion=3, Labels=["x"])


def test_a_version_has_ten_labels_at_most(ssm: Any) -> None:  # noqa: F811
    put(ssm, "p")
    ssm.label_parameter_version(Name="p", Labels=[f"l{number}" for number in range(10)])
    with refused("ParameterVersionLabelLimitExceeded", "10 labels"):
        ssm.label_parameter_version(Name="p", Labels=["more"])
    assert len(labels_of(ssm)[0]) == 10


def tags_of(ssm: Any) -> dict[str, str]:  # noqa: F811
    told = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="p")["TagList"]
    return {tag["Key"]: tag["Value"] for tag in told}


def test_tags(ssm: Any) -> None:  # noqa: F811
    put(ssm, "p", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="p", Tags=[{"Key": "a", "Value": "3"}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="p", TagKeys=["b", "none"])
    assert tags_of(ssm) == {"a": "3"}
    put(ssm, "p", "new", Overwrite=True)
    assert tags_of(ssm) == {"a": "3"}
    with refused("InvalidResourceId"):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="none")
    with refused("TooManyTagsError"):
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="p",
                                 Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    with refused("NotImplemented", "Document"):
        ssm.list_tags_for_resource(ResourceType="Document", ResourceId="d")


TIER = "/ssm/parameter-store/default-parameter-tier"


def test_settings_change_and_are_reset(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    told = ssm.get_service_setting(SettingId=TIER)["ServiceSetting"]
    assert (told["SettingValue"], told["Status"]) == ("Standard", "Default")
    arn = f"arn:aws:ssm:us-east-1:{cloud.account}:servicesetting{TIER}"
    ssm.update_service_setting(SettingId=arn, SettingValue="Advanced")
    told = ssm.get_service_setting(SettingId=TIER)["ServiceSetting"]
    assert (told["SettingValue"], told["Status"], told["ARN"]) == ("Advanced", "Customized", arn)
    assert put(ssm, "p")["Tier"] == "Advanced"
    assert ssm.reset_service_setting(SettingId=TIER)["ServiceSetting"]["SettingValue"] == "Standard"
    assert put(ssm, "q")["Tier"] == "Standard"
    with refused("ValidationException", "Valid values: true, false"):
        ssm.update_service_setting(SettingId="/ssm/parameter-store/high-throughput-enabled", SettingValue="yes")
    with refused("ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/ssm/none/none")
