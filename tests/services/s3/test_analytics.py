"""Storage class analysis: configurations, and the file that the clock writes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

import pytest

from cumulet.services.s3.analysis import GROUPS, groups_of
from services.s3.refusals import refused

DAY, KB = 86_400, 1024


@pytest.fixture
def told(s3: Any, cloud: Any) -> Any:
    """A bucket, and one that takes reports: `reports`."""
    s3.reports = f"reports-{cloud.account}"
    s3.create_bucket(Bucket=s3.reports)
    return s3


def configuration(s3: Any, **more: Any) -> dict[str, Any]:
    there = {"Bucket": f"arn:aws:s3:::{s3.reports}", "Format": "CSV", "Prefix": "in/"}
    return {"Id": "all", "StorageClassAnalysis": {"DataExport": {
        "OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": there}}}} | more


def configure(s3: Any, name: str = "all", **more: Any) -> None:
    s3.put_bucket_analytics_configuration(Bucket=s3.bucket, Id=name,
                                          AnalyticsConfiguration=configuration(s3, **{"Id": name, **more}))


def read(s3: Any, name: str = "all") -> list[dict[str, str]]:
    answer = s3.get_object(Bucket=s3.reports, Key=f"in/{s3.bucket}/{name}.csv")
    assert answer["ContentType"] == "text/csv"
    return list(csv.DictReader(answer["Body"].read().decode().splitlines()))


def test_configurations_are_kept(told: Any) -> None:
    for number in range(101):
        configure(told, f"i{number:03}", StorageClassAnalysis={})
    configure(told, "i007", Filter={"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}]}})
    found = told.get_bucket_analytics_configuration(Bucket=told.bucket, Id="i007")["AnalyticsConfiguration"]
    assert found == configuration(told, Id="i007", Filter={"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}]}})
    page = told.list_bucket_analytics_configurations(Bucket=told.bucket)
    rest = told.list_bucket_analytics_configurations(Bucket=told.bucket, ContinuationToken=page["NextContinuationToken"])
    assert (len(page["AnalyticsConfigurationList"]), page["IsTruncated"]) == (100, True)
    assert ([one["Id"] for one in rest["AnalyticsConfigurationList"]], rest["IsTruncated"]) == (["i100"], False)
    told.delete_bucket_analytics_configuration(Bucket=told.bucket, Id="i007")
    for call in (told.get_bucket_analytics_configuration, told.delete_bucket_analytics_configuration):
        assert refused(call, Bucket=told.bucket, Id="i007") == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize(("change", "code"), [
    ({"Id": "other"}, "InvalidArgument"),
    ({"Filter": {"And": {"Prefix": "a"}}}, "MalformedXML"),
    ({"StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {
        "S3BucketDestination": {"Bucket": "a-name", "Format": "CSV"}}}}}, "InvalidArgument")])
def test_wrong_configurations_are_refused(told: Any, change: dict[str, Any], code: str) -> None:
    wrong = {"Bucket": told.bucket, "Id": "all", "AnalyticsConfiguration": configuration(told, **change)}
    assert refused(told.put_bucket_analytics_configuration, **wrong) == (code, 400)


def test_a_day_is_added_at_midnight(told: Any, cloud: Any) -> None:
    configure(told)
    large = b"x" * (256 * KB)
    told.put_object(Bucket=told.bucket, Key="large", Body=large)
    told.put_object(Bucket=told.bucket, Key="small", Body=b"y" * (64 * KB))
    told.put_object(Bucket=told.bucket, Key="seldom", Body=large, StorageClass="STANDARD_IA")
    for _ in range(2):
        told.get_object(Bucket=told.bucket, Key="large")["Body"].read()
    assert told.get_object(Bucket=told.bucket, Key="small", Range="bytes=0-1023")["Body"].read() == b"y" * KB
    first = datetime.fromtimestamp(cloud.clock.now(), UTC).strftime("%m-%d-%Y")
    cloud.clock.advance(DAY)
    lines = {(one["StorageClass"], one["ObjectAge"]): one for one in read(told)}
    assert lines.keys() == {("STANDARD", "000-014"), ("STANDARD", "ALL"), ("STANDARD_IA", "000-014"), ("STANDARD_IA", "ALL")}
    young, whole = lines["STANDARD", "000-014"], lines["STANDARD", "ALL"]
    assert young == {"Date": first, "ConfigId": "all", "Filter": "", "StorageClass": "STANDARD", "ObjectAge": "000-014",
                     "ObjectCount": "", "DataUploaded_MB": "", "Storage_MB": "0.25", "DataRetrieved_MB": "0.5",
                     "GetRequestCount": "2", "CumulativeAccessRatio": "2", "ObjectAgeForSIATransition": "",
                     "RecommendedObjectAgeForSIATransition": ""}
    assert (whole["ObjectCount"], whole["DataUploaded_MB"], whole["Storage_MB"]) == ("2", "0.3125", "0.3125")
    assert (whole["DataRetrieved_MB"], whole["GetRequestCount"]) == ("0.500977", "3")
    cloud.clock.advance(20 * DAY)
    ages = [one["ObjectAge"] for one in read(told) if one["StorageClass"] == "STANDARD"]
    assert ages == sorted(ages, key=GROUPS.index)
    assert ages.count("ALL") == 21
    assert {"000-014", "015-029"} < set(ages)
    last = [one for one in read(told) if one["ObjectAge"] == "000-014" and one["StorageClass"] == "STANDARD"][-1]
    assert (last["GetRequestCount"], float(last["CumulativeAccessRatio"])) == ("0", pytest.approx(2 / 15, abs=0.02))


def test_a_filter_is_kept_to(told: Any, cloud: Any) -> None:
    configure(told, "tagged", Filter={"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}]}})
    configure(told, "silent", StorageClassAnalysis={})
    told.put_object(Bucket=told.bucket, Key="logs/1", Body=b"x" * KB, Tagging="a=1")
    told.put_object(Bucket=told.bucket, Key="logs/2", Body=b"x" * KB)
    told.put_object(Bucket=told.bucket, Key="other", Body=b"x" * KB, Tagging="a=1")
    cloud.clock.advance(DAY)
    (line,) = read(told, "tagged")
    assert (line["Filter"], line["ObjectCount"], line["DataUploaded_MB"]) == ("logs/; a=1", "1", "0.000977")
    assert [one["Key"] for one in told.list_objects_v2(Bucket=told.reports)["Contents"]] == [f"in/{told.bucket}/tagged.csv"]
    told.delete_bucket_analytics_configuration(Bucket=told.bucket, Id="tagged")
    configure(told, "tagged")
    cloud.clock.advance(DAY)
    assert [one["ObjectCount"] for one in read(told, "tagged")] == ["3"]        # nothing stayed of the former one


@pytest.mark.parametrize(("days", "group"), [(0, "000-014"), (14.9, "000-014"), (15, "015-029"), (90, "090-119"),
                                             (364, "180-364"), (365, "365-729"), (4000, "730+")])
def test_ages(days: float, group: str) -> None:
    assert groups_of(128 * KB, 0, days * DAY) == (group, "ALL")
    assert groups_of(128 * KB - 1, 0, days * DAY) == ("ALL",)
