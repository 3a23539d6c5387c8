"""The services of AWS that endpoints can lead to, as far as they are here, and what their names are.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

from __future__ import annotations

from collections.abc import Container
from hashlib import sha256
from typing import NamedTuple

GATEWAY, INTERFACE = "Gateway", "Interface"
POLICY = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'       # what AWS attaches by default

# What follows `com.amazonaws.REGION.` → the models that it serves, the first one being the one that must be here.
_SERVED: dict[str, tuple[str, ...]] = {
    "access-analyzer": ("accessanalyzer",), "acm-pca": ("acm-pca",), "apigateway": ("apigateway", "apigatewayv2"),
    "appconfig": ("appconfig",), "athena": ("athena",), "autoscaling": ("autoscaling",), "batch": ("batch",),
    "cloudcontrolapi": ("cloudcontrol",), "cloudformation": ("cloudformation",), "cloudtrail": ("cloudtrail",),
    "codebuild": ("codebuild",), "cognito-idp": ("cognito-idp",), "config": ("config",), "dynamodb": ("dynamodb",),
    "dynamodb-streams": ("dynamodbstreams",), "ebs": ("ebs",), "ec2": ("ec2",), "ecr.api": ("ecr",), "ecs": ("ecs",),
    "elasticache": ("elasticache",), "elasticfilesystem": ("efs",), "elasticloadbalancing": ("elbv2", "elb"),
    "email": ("ses", "sesv2"), "events": ("events",), "glue": ("glue",), "kinesis-firehose": ("firehose",),
    "kinesis-streams": ("kinesis",), "kms": ("kms",), "lambda": ("lambda",), "logs": ("logs",), "monitoring": ("cloudwatch",),
    "organizations": ("organizations",), "pipes": ("pipes",), "rds": ("rds",), "redshift": ("redshift",),
    "s3": ("s3", "s3control"), "scheduler": ("scheduler",), "secretsmanager": ("secretsmanager",), "sns": ("sns",),
    "sqs": ("sqs",), "ssm": ("ssm",), "states": ("stepfunctions",), "sts": ("sts",), "syslog-logs": ("logs",),
    "xray": ("xray",)}
_GATEWAYS = ("s3", "dynamodb")
# Where the host of a service is not called as its endpoint service is.
_HOSTS = {"ecr.api": "api.ecr", "kinesis-firehose": "firehose", "kinesis-streams": "kinesis",
          "dynamodb-streams": "streams.dynamodb"}


class EndpointService(NamedTuple):
    """One endpoint service. word: what follows the region; kinds: the types of endpoints that it has."""

    name: str
    word: str
    region: str
    kinds: tuple[str, ...]
    models: tuple[str, ...]

    @property
    def id(self) -> str:
        return "vpce-svc-" + _digest(self.name, 17)

    @property
    def host(self) -> str:
        """What stands for the service in host names."""
        return f"{_HOSTS.get(self.word, self.word)}.{self.region}"

    @property
    def private_names(self) -> tuple[str, ...]:
        """The names that private DNS gives to the endpoint's addresses."""
        return tuple(f"{first}{self.host}.amazonaws.com" for first in (("", "*.") if self.word == "s3" else ("",)))

    @property
    def prefix_list(self) -> str:
        return "pl-" + _digest(self.name, 8)


def _digest(text: str, length: int) -> str:
    return sha256(text.encode()).hexdigest()[:length]


def all_of(region: str, here: Container[str]) -> list[EndpointService]:
    """Every one of a region. here: the models that this installation serves."""
    return [_service(word, region) for word, models in sorted(_SERVED.items()) if models[0] in here]


def find(name: str, region: str, here: Container[str]) -> EndpointService | None:
    """By its full name."""
    head, _, word = name.partition(f".{region}.")
    models = _SERVED.get(word)
    return _service(word, region) if head == "com.amazonaws" and models and models[0] in here else None


def _service(word: str, region: str) -> EndpointService:
    kinds = (GATEWAY, INTERFACE) if word in _GATEWAYS else (INTERFACE,)
    return EndpointService(f"com.amazonaws.{region}.{word}", word, region, kinds, _SERVED[word])
