"""What exists in Access Analyzer: analyzers, their archive rules, findings, and the resources that were looked at."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored


@resource("AWS::AccessAnalyzer::Analyzer", id="AnalyzerName",
          arn="arn:{partition}:access-analyzer:{region}:{account}:analyzer/{AnalyzerName}",
          missing="ResourceNotFoundException", missing_message="Analyzer {id} was not found",
          verbs=Verbs(list="ListAnalyzers"), tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"),
          columns=("AnalyzerName", "Type", "created"), returns={"Arn": "arn"})
class Analyzer(Resource, kw_only=True):
    """An analyzer of access from outside an account or organization, or of access that nobody uses (…_UNUSED_ACCESS)."""

    AnalyzerName: Annotated[str, fixed, member("analyzerName")]
    Type: Annotated[str, fixed, member("type")]
    AnalyzerConfiguration: Annotated[dict[str, Any] | None, member("configuration")] = None
    last: str = ""                         # the resource that was looked at last
    analyzed: float = 0.0
    disabled: str = ""                     # why it cannot look: a ReasonCode


@stored(key=("analyzer", "name"))
class ArchiveRule(msgspec.Struct, kw_only=True):
    """Findings that it describes are archived when they come."""

    analyzer: str
    name: str
    filter: dict[str, Any]
    at: float
    updated: float


@stored(key=("analyzer", "id"), indexes={"place": ("place",)})
class Finding(msgspec.Struct, kw_only=True):
    """One way in, or one thing unused. place: analyzer, resource and what tells findings of it apart."""

    analyzer: str
    id: str
    place: str
    resource: str
    resource_type: str
    owner: str                             # the account that the resource is in
    kind: str                              # ExternalAccess, UnusedIAMRole …
    status: str
    created: float
    analyzed: float
    updated: float
    principal: dict[str, str] = {}
    action: list[str] = []
    condition: dict[str, str] = {}
    public: bool = False
    used: float | None = None              # when it was used last
    key_id: str = ""
    services: list[tuple[str, float | None]] = []       # those that are opened and not used, and when they were used last


@stored(key=("analyzer", "resource"))
class Analyzed(msgspec.Struct, kw_only=True):
    """A resource that was looked at."""

    analyzer: str
    resource: str
    resource_type: str
    owner: str
    first: float
    at: float


@stored(key=("analyzer", "id"))
class Preview(msgspec.Struct, kw_only=True):
    """What would be found if a resource were as it is proposed. findings: as they are listed."""

    analyzer: str
    id: str
    configurations: dict[str, Any]
    at: float
    findings: list[dict[str, Any]]


@stored(key=("id",), indexes={"token": ("token",)})
class Generation(msgspec.Struct, kw_only=True):
    """A policy in the making, or made. uses: actions that were observed (prefix, name), once it is made."""

    id: str
    principal: str
    started: float
    status: str = "IN_PROGRESS"
    completed: float | None = None
    uses: list[tuple[str, str]] = []
    failure: str = ""
    token: str | None = None


@stored(key=("analyzer", "finding"))
class Recommendation(msgspec.Struct, kw_only=True):
    """What to do about a finding of unused permissions. steps: as they are told, once it is completed."""

    analyzer: str
    finding: str
    resource: str
    started: float
    completed: float | None = None
    steps: list[dict[str, Any]] = []
