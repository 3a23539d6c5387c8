"""Values, versions, labels and stages are where they should be."""

from botocore.exceptions import ClientError

from cumulet.faces.labs.room import Room, Wrong


def hierarchy(room: Room) -> None:
    """One call reads all of prod; the password is a SecureString."""
    ssm = room.client("ssm")
    found = {p["Name"]: p for p in ssm.get_parameters_by_path(Path="/shop", Recursive=True, WithDecryption=True)["Parameters"]}
    missing = {"/shop/prod/url", "/shop/test/url", "/shop/prod/password"} - found.keys()
    if missing:
        raise Wrong(f"not there: {', '.join(sorted(missing))}")
    if found["/shop/prod/password"]["Type"] != "SecureString":
        raise Wrong("/shop/prod/password is no SecureString")
    if ssm.get_parameter(Name="/shop/prod/password")["Parameter"]["Value"] == found["/shop/prod/password"]["Value"]:
        raise Wrong("the password is told without decryption")


def history(room: Room) -> None:
    """The label is on the first version, and the second counts."""
    ssm = room.client("ssm")
    now, before = (ssm.get_parameter(Name=name)["Parameter"] for name in ("/shop/prod/url", "/shop/prod/url:before"))
    if before["Version"] != 1 or now["Version"] < 2 or now["Value"] == before["Value"]:
        raise Wrong(f"the label is on version {before['Version']}, and version {now['Version']} counts")


def secret(room: Room) -> None:
    """Both versions are to be had by their stages."""
    secrets = room.client("secretsmanager")
    try:
        values = [secrets.get_secret_value(SecretId="shop/database", VersionStage=stage)["SecretString"]
                  for stage in ("AWSCURRENT", "AWSPREVIOUS")]
    except ClientError as problem:
        raise Wrong(f"shop/database: {problem}") from None
    if values[0] == values[1] or any("password" not in value for value in values):
        raise Wrong("the secret has no two different passwords")
