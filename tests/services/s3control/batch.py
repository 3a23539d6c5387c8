"""Jobs of Batch Operations for tests: over objects `a 1`, `b` and `c`, of which c is missing."""

from __future__ import annotations

import csv
import json
from typing import Any


def wanted(s3: Any, operation: dict[str, Any], token: str = "t", **more: Any) -> dict[str, Any]:
    return {"AccountId": s3.account, "Operation": operation, "ClientRequestToken": token, "Priority": 1,
            "RoleArn": f"arn:aws:iam::{s3.account}:role/batch", "Manifest": {
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
                "Location": {"ObjectArn": f"arn:aws:s3:::{s3.bucket}/manifest.csv", "ETag": s3.etag}},
            "Report": {"Enabled": True, "Bucket": f"arn:aws:s3:::{s3.bucket}", "Format": "Report_CSV_20180820", "Prefix": "out",
                       "ReportScope": "AllTasks"}} | more


def run(s3: Any, operation: dict[str, Any], **more: Any) -> Any:
    """The job's description when it is over."""
    job = s3.control.create_job(**wanted(s3, operation, **more))["JobId"]
    s3.clock.idle()
    return s3.control.describe_job(AccountId=s3.account, JobId=job)["Job"]


def report(s3: Any, job: dict[str, Any]) -> list[list[str]]:
    """The lines of the job's report."""
    told = json.loads(s3.get_object(Bucket=s3.bucket, Key=f"out/job-{job['JobId']}/manifest.json")["Body"].read())
    texts = [s3.get_object(Bucket=one["Bucket"], Key=one["Key"])["Body"].read().decode() for one in told["Results"]]
    return [line for text in texts for line in csv.reader(text.splitlines())]
