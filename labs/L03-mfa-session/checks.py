"""The device is enabled, and the policy asks for it."""

from cumulet.faces.labs.room import Room, Wrong


def device(room: Room) -> None:
    """Mia has one."""
    if not room.client("iam").list_mfa_devices(UserName="mia")["MFADevices"]:
        raise Wrong("mia has no MFA device in use")


def policy(room: Room) -> None:
    """Allowed with the key that is true, denied when it is false or absent."""
    iam, arn = room.client("iam"), f"arn:aws:iam::{room.account}:user/mia"
    for given, wanted in (("true", "allowed"), ("false", "implicitDeny"), (None, "implicitDeny")):
        entries = [] if given is None else [{"ContextKeyName": "aws:MultiFactorAuthPresent", "ContextKeyValues": [given],
                                             "ContextKeyType": "boolean"}]
        found = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:ListAllMyBuckets"], ContextEntries=entries)
        decision = found["EvaluationResults"][0]["EvalDecision"]
        if decision != wanted:
            raise Wrong(f"with aws:MultiFactorAuthPresent {given or 'absent'} it is decided {decision}, and should be {wanted}")
