"""What exists in Lambda: functions, their published versions, their code, and aliases."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored

LATEST = "$LATEST"


@resource("AWS::Lambda::Function", id="FunctionName", arn="arn:{partition}:lambda:{region}:{account}:function:{FunctionName}",
          missing="ResourceNotFoundException", missing_message="Function not found: {id}",
          tags=Tagging("TagResource", "UntagResource", "ListTags"),
          columns=("FunctionName", "Runtime", "MemorySize", "Timeout"),
          verbs=Verbs(read="GetFunction", update="UpdateFunctionConfiguration"), returns={"Arn": "arn"},
          write_only={"Code": "UpdateFunctionCode"})
class Function(Resource, kw_only=True):
    """A function as `$LATEST` has it. modified: seconds of the virtual clock."""

    FunctionName: Annotated[str, fixed]
    Role: str = ""
    Runtime: str | None = None
    Handler: str | None = None
    Description: str = ""
    Timeout: int = 3
    MemorySize: int = 128
    Environment: dict[str, Any] | None = None
    KmsKeyArn: Annotated[str | None, member("KMSKeyArn")] = None
    sealed: bytes = b""                   # the variables, where they are under a key
    grants: dict[str, str] = {}           # key → the grant by which Lambda may use it
    Architectures: list[str] = []
    EphemeralStorage: dict[str, int] = {}
    DeadLetterConfig: dict[str, str] | None = None
    TracingConfig: dict[str, str] | None = None
    LoggingConfig: dict[str, str] | None = None
    SnapStart: dict[str, str] | None = None
    Layers: list[str] = []
    DurableConfig: dict[str, int] | None = None
    CodeSigningConfigArn: Annotated[str | None, by("PutFunctionCodeSigningConfig", unset="DeleteFunctionCodeSigningConfig",
                                                   read="GetFunctionCodeSigningConfig")] = None
    runtime_updates: str = "Auto"
    runtime_version: str | None = None
    ReservedConcurrentExecutions: Annotated[int | None, by("PutFunctionConcurrency", unset="DeleteFunctionConcurrency",
                                                            read="GetFunctionConcurrency")] = None
    RecursiveLoop: Annotated[str, by("PutFunctionRecursionConfig", read="GetFunctionRecursionConfig")] = "Terminate"
    code_sha256: str = ""
    code_size: int = 0
    folder: str = ""                      # where its code lies on this machine, where it is not a package
    revision: str = ""
    modified: float = 0.0
    versions: int = 0                     # how many were published: the next one's number follows
    policies: dict[str, list[dict[str, Any]]] = {}      # qualifier ("" for none) → statements


@stored(key=("function", "number"))
class Version(msgspec.Struct, kw_only=True):
    """A published version: the function as it was, frozen."""

    function: str
    number: int
    config: dict[str, Any]                # as FunctionConfiguration tells it
    code_sha256: str
    folder: str = ""
    sealed: bytes = b""


@stored(key=("function", "sha256"))
class Code(msgspec.Struct, kw_only=True):
    """A deployment package, kept while the function or one of its versions has it."""

    function: str
    sha256: str
    package: bytes


@resource("AWS::Lambda::Alias", id=("FunctionName", "Name"),
          arn="arn:{partition}:lambda:{region}:{account}:function:{FunctionName}:{Name}",
          missing="ResourceNotFoundException", missing_message="Alias not found",
          verbs=Verbs(list="ListAliases"), tags="aliases have no tags in AWS", returns={"AliasArn": "arn"},
          delete_after=("AWS::Lambda::EventSourceMapping",))
class Alias(Resource, kw_only=True):
    FunctionName: Annotated[str, fixed]
    Name: Annotated[str, fixed]
    FunctionVersion: str = LATEST
    Description: str = ""
    RoutingConfig: dict[str, Any] | None = None
    revision: str = ""


@stored(auto="number", indexes={"due": ("due", "number")})
class Event(msgspec.Struct, kw_only=True):
    """An asynchronous event that is not done yet. due: when it is tried next, or when the attempt that runs counts as lost.

    arn: as the function was invoked; failures: how often the function failed; refusals: how often there was no room for it.
    """

    due: float
    arn: str
    request: str
    payload: bytes
    accepted: float
    trace: str = ""
    failures: int = 0
    refusals: int = 0
    number: int = 0


@stored(key=("name",))
class Drain(msgspec.Struct, kw_only=True):
    """Asynchronous events of this account and region are seen to at each start. busy: until when somebody gives them to
    functions; renewed while it goes on."""

    name: str = ""
    busy: float = 0.0


@stored(key=("function", "qualifier"))
class EventInvokeConfig(msgspec.Struct, kw_only=True):
    """How asynchronous events of a version or alias are tried again, and who is told of their end."""

    function: str
    qualifier: str
    modified: float
    retries: int | None = None
    age: int | None = None
    success: str = ""
    failure: str = ""


@stored(key=("name", "number"))
class LayerVersion(msgspec.Struct, kw_only=True):
    """One version of a layer. deleted: nobody can take it any more, but functions that have it keep it."""

    name: str
    number: int
    created: float
    description: str
    runtimes: list[str] | None
    architectures: list[str] | None
    license: str | None
    code_sha256: str
    code_size: int
    policy: list[dict[str, Any]] = []
    revision: str = ""
    deleted: bool = False


@stored(key=("layer", "number"))
class LayerCode(msgspec.Struct, kw_only=True):
    """The package of a layer's version."""

    layer: str
    number: int
    package: bytes


@resource("AWS::Lambda::EventSourceMapping", id="UUID",
          arn="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{UUID}",
          missing="ResourceNotFoundException", missing_message="The resource you requested does not exist.",
          tags=Tagging("TagResource", "UntagResource", "ListTags"), returns={"Id": "UUID", "EventSourceMappingArn": "arn"},
          columns=("UUID", "FunctionName", "EventSourceArn", "Enabled"), indexes={"function": ("function", "UUID")})
class EventSourceMapping(Resource, kw_only=True):
    """A source whose records a function gets. function: its name without qualifier; generation: grows with each change."""

    UUID: str = ""
    FunctionName: str = ""
    EventSourceArn: Annotated[str, fixed] = ""
    Enabled: bool = True
    BatchSize: int | None = None
    MaximumBatchingWindowInSeconds: int | None = None
    FilterCriteria: dict[str, Any] | None = None
    FunctionResponseTypes: list[str] | None = None
    ScalingConfig: dict[str, int] | None = None
    StartingPosition: Annotated[str | None, fixed] = None
    StartingPositionTimestamp: Annotated[float | None, fixed] = None
    DestinationConfig: dict[str, Any] | None = None
    MaximumRecordAgeInSeconds: int | None = None
    MaximumRetryAttempts: int | None = None
    BisectBatchOnFunctionError: bool | None = None
    ParallelizationFactor: int | None = None
    TumblingWindowInSeconds: int | None = None
    function: str = ""
    modified: float = 0.0
    generation: int = 0
    result: str = "No records processed"


@stored(key=("mapping", "shard"))
class Progress(msgspec.Struct, kw_only=True):
    """How far a mapping has come in a shard: the sequence number of the last record that is done ("" for none).

    window: when the tumbling window began that is open; state: what the function said of it, in JSON.  ended: the shard was
    closed, and all of it is done.
    """

    mapping: str
    shard: str
    done: str = ""
    over: bool = False
    window: float | None = None
    state: str = "{}"
    ended: bool = False


@resource("AWS::Lambda::CodeSigningConfig", id="CodeSigningConfigId",
          arn="arn:{partition}:lambda:{region}:{account}:code-signing-config:{CodeSigningConfigId}",
          missing="ResourceNotFoundException", missing_message="The code signing configuration cannot be found.",
          tags=Tagging("TagResource", "UntagResource", "ListTags"),
          returns={"CodeSigningConfigId": "CodeSigningConfigId", "CodeSigningConfigArn": "arn"})
class CodeSigningConfig(Resource, kw_only=True):
    """Whose signatures packages must have."""

    CodeSigningConfigId: str = ""
    AllowedPublishers: dict[str, list[str]] = {}
    CodeSigningPolicies: dict[str, str] | None = None
    Description: str = ""
    modified: float = 0.0


@resource("AWS::Lambda::CapacityProvider", id="CapacityProviderName",
          arn="arn:{partition}:lambda:{region}:{account}:capacity-provider:{CapacityProviderName}",
          missing="ResourceNotFoundException", missing_message="Capacity provider not found: {id}",
          tags=Tagging("TagResource", "UntagResource", "ListTags"), returns={"Arn": "arn", "State": "state"})
class CapacityProvider(Resource, kw_only=True):
    """On which instances functions would run."""

    CapacityProviderName: Annotated[str, fixed]
    VpcConfig: Annotated[dict[str, list[str]], fixed]
    PermissionsConfig: Annotated[dict[str, str], fixed]
    InstanceRequirements: Annotated[dict[str, list[str]] | None, fixed] = None
    KmsKeyArn: Annotated[str | None, fixed] = None
    CapacityProviderScalingConfig: dict[str, Any] | None = None
    PropagateTags: dict[str, Any] | None = None
    TelemetryConfig: dict[str, Any] | None = None
    state: str = "Active"
    modified: float = 0.0


@stored(key=("function", "qualifier"))
class Provisioned(msgspec.Struct, kw_only=True):
    """Environments that are kept ready for a version or alias."""

    function: str
    qualifier: str
    wanted: int
    modified: float


@stored(key=("function", "qualifier"))
class Url(msgspec.Struct, kw_only=True):
    """The address at which a function, or one of its aliases, answers HTTP."""

    function: str
    qualifier: str
    id: str
    auth: str
    created: float
    modified: float
    mode: str = "BUFFERED"
    cors: dict[str, Any] | None = None


@stored(key=("id",), scope="global")
class UrlOwner(msgspec.Struct, kw_only=True):
    """Whose an address is."""

    id: str
    account: str
    region: str
    function: str
    qualifier: str
