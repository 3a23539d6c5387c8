"""What exists in the Parameter Store: parameters, their versions, the policies that share them, and settings."""

from typing import Annotated

import msgspec

from cumulet.kernel import Resource, Verbs, by, fixed, resource, stored


@resource("AWS::SSM::Parameter", id="Name", arn="arn:{partition}:ssm:{region}:{account}:parameter/{path}",
          missing="ParameterNotFound",
          verbs=Verbs(create="PutParameter", read="GetParameter", update="PutParameter", list="DescribeParameters"),
          tags="AddTagsToResource names a parameter by ResourceType and ResourceId, which no derived change does.",
          columns=("Name", "Type", "Tier", "version", "modified"), returns={"Type": "Type", "Value": "Value"},
          indexes={"path": ("path", "Name"), "parent": ("parent", "Name")})
class Parameter(Resource, kw_only=True):
    """A parameter as its newest version is, so that reading it is reading one row."""

    Name: Annotated[str, fixed]
    Type: str
    Value: Annotated[str, by("PutParameter", also=(("Overwrite", True),))]    # of a SecureString: sealed, base64
    Description: str | None = None
    AllowedPattern: str | None = None
    DataType: str = "text"
    Tier: str = "Standard"
    Policies: str | None = None
    path: str                          # the name without its leading slash
    parent: str                        # the path down to its last slash; "" at the root
    key_id: str | None = None          # as it was given
    at_hand: bytes = b""               # the value once more, sealed here, if its key is the account's own
    version: int = 1
    modified: float = 0.0
    user: str = ""
    labels: dict[str, int] = {}        # label → version
    told: list[str] = []               # the policies whose notice went out since the last change
    policy: str | None = None          # who of other accounts may read it
    policy_id: str = ""
    policy_hash: str = ""


@stored(key=("name", "number"))
class Version(msgspec.Struct, kw_only=True):
    """One version of a parameter, the newest one too."""

    name: str
    number: int
    type: str
    value: str
    description: str | None
    allowed_pattern: str | None
    data_type: str
    tier: str
    policies: str | None
    key_id: str | None
    at_hand: bytes = b""
    modified: float
    user: str


@stored(key=("tier",))
class Tally(msgspec.Struct, kw_only=True):
    """How many parameters of a tier there are: its quota is checked without counting them."""

    tier: str
    count: int = 0


@stored(key=("id",))
class Setting(msgspec.Struct, kw_only=True):
    """A service setting that was changed."""

    id: str
    value: str
    modified: float
    user: str
