"""Request metrics by their configurations, and daily storage metrics, as CloudWatch tells them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.s3.refusals import refused

DAY = 86_400


@pytest.fixture
def watch(cloud: Any) -> Any:
    return cloud.client("cloudwatch")


def configure(s3: Any, name: str = "all", **filters: Any) -> None:
    said = {"Id": name, "Filter": filters} if filters else {"Id": name}
    s3.put_bucket_metrics_configuration(Bucket=s3.bucket, Id=name, MetricsConfiguration=said)


def told(cloud: Any, watch: Any, s3: Any, metric: str, statistic: str = "Sum", name: str = "all") -> float | None:
    """A statistic of everything that a configuration counted in the last hours."""
    now = cloud.clock.now()
    found = watch.get_metric_statistics(
        Namespace="AWS/S3", MetricName=metric, StartTime=now - 7200, EndTime=now + 3600, Period=86_400,
        Statistics=[statistic], Dimensions=[{"Name": "BucketName", "Value": s3.bucket}, {"Name": "FilterId", "Value": name}])
    points = [one[statistic] for one in found["Datapoints"]]
    return sum(points) if points else None


def test_configurations_are_kept(s3: Any) -> None:
    both = {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}}
    configure(s3, "Both", **both)
    configure(s3, "all")
    got = s3.get_bucket_metrics_configuration(Bucket=s3.bucket, Id="Both")["MetricsConfiguration"]
    assert got == {"Id": "Both", "Filter": both}
    page = s3.list_bucket_metrics_configurations(Bucket=s3.bucket)
    assert ([one["Id"] for one in page["MetricsConfigurationList"]], page["IsTruncated"]) == (["Both", "all"], False)
    s3.delete_bucket_metrics_configuration(Bucket=s3.bucket, Id="Both")
    for call in (s3.get_bucket_metrics_configuration, s3.delete_bucket_metrics_configuration):
        assert refused(call, Bucket=s3.bucket, Id="Both") == ("NoSuchConfiguration", 404)


def test_a_listing_has_pages(s3: Any) -> None:
    for number in range(101):
        configure(s3, f"m{number:03}")
    page = s3.list_bucket_metrics_configurations(Bucket=s3.bucket)
    rest = s3.list_bucket_metrics_configurations(Bucket=s3.bucket, ContinuationToken=page["NextContinuationToken"])
    assert (len(page["MetricsConfigurationList"]), page["IsTruncated"]) == (100, True)
    assert [one["Id"] for one in rest["MetricsConfigurationList"]] == ["m100"]


@pytest.mark.parametrize(("name", "said", "code"), [
    ("a", {"Id": "b"}, "InvalidArgument"), ("a b", {"Id": "a b"}, "InvalidArgument"),
    ("a", {"Id": "a", "Filter": {"And": {"Prefix": "x"}}}, "MalformedXML"),
    ("a", {"Id": "a", "Filter": {"Prefix": "x", "Tag": {"Key": "k", "Value": "v"}}}, "MalformedXML")])
def test_wrong_configurations(s3: Any, name: str, said: dict[str, Any], code: str) -> None:
    assert refused(s3.put_bucket_metrics_configuration, Bucket=s3.bucket, Id=name, MetricsConfiguration=said) == (code, 400)


def test_requests_are_counted_by_kind(s3: Any, cloud: Any, watch: Any) -> None:
    configure(s3)
    cloud.clock.advance(60)
    for number in range(3):
        s3.put_object(Bucket=s3.bucket, Key=f"k{number}", Body=b"x" * 100 * (number + 1))
    s3.get_object(Bucket=s3.bucket, Key="k2")["Body"].read()
    s3.head_object(Bucket=s3.bucket, Key="k0")
    s3.list_objects_v2(Bucket=s3.bucket)
    s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": [{"Key": "k1"}]})
    s3.delete_object(Bucket=s3.bucket, Key="k2")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=s3.bucket, Key="none")
    cloud.clock.advance(60)
    sums = {name: told(cloud, watch, s3, name) for name in (
        "PutRequests", "GetRequests", "HeadRequests", "ListRequests", "DeleteRequests", "4xxErrors", "5xxErrors")}
    assert sums == {"PutRequests": 3, "GetRequests": 2, "HeadRequests": 1, "ListRequests": 1, "DeleteRequests": 2,
                    "4xxErrors": 1, "5xxErrors": 0}
    assert told(cloud, watch, s3, "AllRequests") == told(cloud, watch, s3, "AllRequests", "SampleCount")
    assert told(cloud, watch, s3, "BytesUploaded", "Maximum") == 300
    assert (told(cloud, watch, s3, "BytesDownloaded") or 0) > 300
    assert (told(cloud, watch, s3, "TotalRequestLatency", "Average") or 0) > 0


def test_filters_choose_what_is_counted(s3: Any, cloud: Any, watch: Any, control: Any) -> None:
    door = control.create_access_point(AccountId=cloud.account, Name="door", Bucket=s3.bucket)
    configure(s3, "logs", Prefix="logs/")
    configure(s3, "blue", Tag={"Key": "colour", "Value": "blue"})
    configure(s3, "both", And={"Prefix": "logs/", "Tags": [{"Key": "colour", "Value": "blue"}]})
    configure(s3, "door", AccessPointArn=door["AccessPointArn"])
    s3.put_object(Bucket=s3.bucket, Key="logs/1", Body=b"x", Tagging="colour=blue")
    s3.put_object(Bucket=s3.bucket, Key="logs/2", Body=b"x")
    s3.put_object(Bucket=s3.bucket, Key="other", Body=b"x", Tagging="colour=blue")
    s3.put_object(Bucket=door["Alias"], Key="through", Body=b"x")
    s3.list_objects_v2(Bucket=s3.bucket)
    cloud.clock.advance(60)
    assert {name: told(cloud, watch, s3, "AllRequests", name=name) for name in ("logs", "blue", "both", "door")} == {
        "logs": 2, "blue": 2, "both": 1, "door": 1}


def held(cloud: Any, watch: Any, s3: Any) -> dict[str, list[float]]:
    """All storage metrics of the last days."""
    found, now = {}, cloud.clock.now()
    for metric in watch.list_metrics(Namespace="AWS/S3", Dimensions=[{"Name": "BucketName", "Value": s3.bucket}])["Metrics"]:
        name = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        if "StorageType" in name:
            points = watch.get_metric_statistics(
                Namespace="AWS/S3", MetricName=metric["MetricName"], Dimensions=metric["Dimensions"], StartTime=now - 9 * DAY,
                EndTime=now + 60, Period=DAY, Statistics=["Average"])["Datapoints"]
            found[name["StorageType"]] = [one["Average"] for one in sorted(points, key=lambda one: one["Timestamp"])]
    return found


def test_buckets_are_measured_behind_the_day_of_a_change(versioned: Any, cloud: Any, watch: Any) -> None:
    s3 = versioned
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x" * 100)
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x" * 50, StorageClass="STANDARD_IA")
    s3.put_object(Bucket=s3.bucket, Key="b", Body=b"x" * 7)
    s3.delete_object(Bucket=s3.bucket, Key="b")
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="c", StorageClass="GLACIER_IR")["UploadId"]
    s3.upload_part(Bucket=s3.bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"x" * 1000)
    cloud.clock.advance(DAY)
    assert held(cloud, watch, s3) == {"AllStorageTypes": [5], "StandardStorage": [107], "StandardIAStorage": [50],
                                      "GlacierInstantRetrievalStorage": [1000]}
    cloud.clock.advance(2 * DAY)
    assert held(cloud, watch, s3)["AllStorageTypes"] == [5]
    s3.put_object(Bucket=s3.bucket, Key="d", Body=b"x")
    cloud.clock.advance(DAY)
    assert held(cloud, watch, s3)["StandardStorage"] == [107, 108]


def test_buckets_with_a_configuration_are_measured_daily(s3: Any, cloud: Any, watch: Any) -> None:
    configure(s3)
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x" * 100)
    cloud.clock.advance(3 * DAY)
    assert held(cloud, watch, s3)["StandardStorage"] == [100, 100, 100]
    s3.delete_bucket_metrics_configuration(Bucket=s3.bucket, Id="all")
    cloud.clock.advance(3 * DAY)
    assert len(held(cloud, watch, s3)["StandardStorage"]) <= 4


def test_what_is_no_token_is_refused(s3: Any) -> None:
    for token in ("\u00e9", "====", "_w=="):
        assert refused(s3.list_bucket_metrics_configurations, Bucket=s3.bucket, ContinuationToken=token) == (
            "InvalidArgument", 400)


def test_directory_buckets_are_measured(s3: Any, cloud: Any, watch: Any) -> None:
    s3.bucket = f"fast-{cloud.account}--use1-az4--x-s3"
    s3.create_bucket(Bucket=s3.bucket, CreateBucketConfiguration={
        "Location": {"Type": "AvailabilityZone", "Name": "use1-az4"}, "Bucket": {"Type": "Directory"}})
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x" * 100)
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="c")["UploadId"]
    s3.upload_part(Bucket=s3.bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"x" * 1000)
    cloud.clock.advance(DAY)
    assert held(cloud, watch, s3) == {"AllStorageTypes": [1], "ExpressOneZoneStorage": [1100]}
