"""What several tests of ACM need: certificates that are issued, and their files for OpenSSL."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from conftest import Cloud


def request(acm: Any, domain: str = "www.example.com", **more: Any) -> str:
    return str(acm.request_certificate(**{"DomainName": domain, "ValidationMethod": "DNS",
                                          "KeyAlgorithm": "EC_prime256v1"} | more)["CertificateArn"])


def issued(cloud: Cloud, acm: Any, domain: str = "www.example.com", **more: Any) -> str:
    """One that was validated and issued."""
    arn = request(acm, domain, **more)
    cloud.clock.advance(10)
    cloud.clock.idle()
    assert detail(acm, arn)["Status"] == "ISSUED"
    return arn


def detail(acm: Any, arn: str) -> dict[str, Any]:
    return dict(acm.describe_certificate(CertificateArn=arn)["Certificate"])


def openssl(*arguments: str | Path) -> str:
    ran = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return ran.stdout
