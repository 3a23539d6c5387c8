"""Imported key material."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import background, importing, keys, materials, pairs, specs
from ..importing import DAY
from ..resources import Key, Material, Wrapping


@operation
def get_parameters_for_import(call: Call, KeyId: str, WrappingAlgorithm: str, WrappingKeySpec: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html"""
    key = keys.changeable(call, KeyId)
    importing.check_origin(call, key)
    keys.not_leaving(call, key)
    importing.check_wrapping(key, WrappingAlgorithm, WrappingKeySpec)
    private = materials.pair(call, specs.SPECS[WrappingKeySpec])
    background.forget_wrappings(call)
    row = Wrapping(key=key.KeyId, id=call.uuid(), algorithm=WrappingAlgorithm, until=call.now + DAY, sealed=b"")
    row.sealed = call.seal(private, importing.token(row))
    call.put(row)
    return {"KeyId": call.arn(key), "ImportToken": importing.token(row), "PublicKey": pairs.public_of(private),
            "ParametersValidTo": row.until}


@operation
def import_key_material(call: Call, KeyId: str, ImportToken: bytes, EncryptedKeyMaterial: bytes, ValidTo: float | None = None,
                        ExpirationModel: str = "KEY_MATERIAL_EXPIRES", ImportType: str | None = None,
                        KeyMaterialDescription: str | None = None, KeyMaterialId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html"""
    key = keys.changeable(call, KeyId)
    importing.check_origin(call, key)
    keys.not_leaving(call, key)
    _check_expiry(call, ExpirationModel, ValidTo)
    if key.KeySpec != "SYMMETRIC_DEFAULT" and (ImportType or KeyMaterialDescription or KeyMaterialId):
        raise error.UnsupportedOperationException("ImportType, KeyMaterialDescription and KeyMaterialId are only valid for "
                                                  "symmetric encryption KMS keys.")
    wrapping = importing.wrapping_of(call, key, ImportToken)
    private = call.unseal(wrapping.sealed, importing.token(wrapping))
    plain = importing.unwrap(private, wrapping.algorithm, EncryptedKeyMaterial)
    importing.check_material(key, plain)
    waiting = keys.state_of(key) == "PendingImport"
    row = importing.admit(call, key, plain, ImportType, KeyMaterialId)
    call.table(Material).change(row.key, row.id, sealed=materials.seal(call, row, plain), valid_to=ValidTo,
                                description=KeyMaterialDescription or row.description)
    importing.settle(call, key, row, waiting)
    call.put(key)
    call.cancel(background.expire_material, f"{row.key} {row.id}")
    if ValidTo is not None:
        call.at(ValidTo, background.expire_material, name=f"{row.key} {row.id}", key_id=row.key, material=row.id)
    return {"KeyId": call.arn(key), "KeyMaterialId": row.id if key.KeySpec == "SYMMETRIC_DEFAULT" else None}


def _check_expiry(call: Call, model: str, valid_to: float | None) -> None:
    if model == "KEY_MATERIAL_DOES_NOT_EXPIRE":
        if valid_to is not None:
            raise error.ValidationException("A validTo date cannot be set if the ExpirationModel is "
                                            "KEY_MATERIAL_DOES_NOT_EXPIRE")
    elif valid_to is None:
        raise error.ValidationException("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
    elif not call.now < valid_to <= call.now + 365 * DAY:
        raise error.ValidationException("The validTo date must be in the future, and at most 365 days away")


@operation
def delete_imported_key_material(call: Call, KeyId: str, KeyMaterialId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html"""
    key = keys.changeable(call, KeyId)
    importing.check_origin(call, key)
    row = call.table(Material).get(key.KeyId, KeyMaterialId or key.current or "")
    if row is None and KeyMaterialId is not None:
        raise error.NotFoundException(f"Key material '{KeyMaterialId}' does not exist")
    if row is not None:
        _delete(call, key, row)
    return {"KeyId": call.arn(key),
            "KeyMaterialId": row.id if row is not None and key.KeySpec == "SYMMETRIC_DEFAULT" else None}


def _delete(call: Call, key: Key, row: Material) -> None:
    if row.state.startswith("PENDING") and key.primary in ("", call.region):
        importing.withdraw(call, key, row)
    elif row.sealed is not None:
        background.forget_material(call, key, row)
