"""Custom key stores: there is no CloudHSM and no external key manager here, so there are none to be found."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation


def _none(id: str) -> AwsError:
    return error.CustomKeyStoreNotFoundException(f"Custom key store {id} does not exist.")


@operation
def describe_custom_key_stores(call: Call, CustomKeyStoreId: str | None = None, CustomKeyStoreName: str | None = None,
                               page: Page[str] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html"""
    if CustomKeyStoreId is not None and CustomKeyStoreName is not None:
        raise error.ValidationException("You can specify either CustomKeyStoreId or CustomKeyStoreName, but not both.")
    if CustomKeyStoreId is not None or CustomKeyStoreName is not None:
        raise _none(CustomKeyStoreId or CustomKeyStoreName or "")
    return {"CustomKeyStores": []}


@operation
def connect_custom_key_store(call: Call, CustomKeyStoreId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html"""
    raise _none(CustomKeyStoreId)


@operation
def disconnect_custom_key_store(call: Call, CustomKeyStoreId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html"""
    raise _none(CustomKeyStoreId)


@operation
def delete_custom_key_store(call: Call, CustomKeyStoreId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html"""
    raise _none(CustomKeyStoreId)
