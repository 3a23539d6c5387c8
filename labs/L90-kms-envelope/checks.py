"""The two users' parts do not overlap; the key rotates."""

from cumulet.faces.labs.room import Key, Room, Wrong


def _as(room: Room, user: str, *calls: tuple[str, str, bool]) -> None:
    """Calls with a key of the user that is gone afterwards: (operation, members as `KeyId` only, allowed?)."""
    iam = room.client("iam")
    made = iam.create_access_key(UserName=user)["AccessKey"]
    try:
        kms = room.client("kms", Key.of(made))
        for operation, key, good in calls:
            members = {"KeyId": key} | ({"Plaintext": b"x"} if operation == "encrypt" else {})
            if good:
                getattr(kms, operation)(**members)
            else:
                room.refused("AccessDeniedException", getattr(kms, operation), **members)
    finally:
        iam.delete_access_key(UserName=user, AccessKeyId=made["AccessKeyId"])


def people(room: Room) -> None:
    """Both are there, and have no rights of their own."""
    for user in ("admin", "worker"):
        found = room.client("iam").simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{room.account}:user/{user}", ActionNames=["kms:Encrypt", "kms:CreateKey"])
        if any(result["EvalDecision"] == "allowed" for result in found["EvaluationResults"]):
            raise Wrong(f"{user} may use KMS by a policy of their own")


def key(room: Room) -> None:
    """Each does their part only."""
    arn = room.client("kms").describe_key(KeyId="alias/app")["KeyMetadata"]["Arn"]
    _as(room, "admin", ("describe_key", arn, True), ("get_key_rotation_status", arn, True), ("encrypt", arn, False))
    _as(room, "worker", ("encrypt", arn, True), ("disable_key", arn, False), ("schedule_key_deletion", arn, False))


def rotation(room: Room) -> None:
    """It is on."""
    arn = room.client("kms").describe_key(KeyId="alias/app")["KeyMetadata"]["Arn"]
    if not room.client("kms").get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]:
        raise Wrong("the key is not rotated")
