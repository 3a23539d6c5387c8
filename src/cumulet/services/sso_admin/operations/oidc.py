"""How programs get people's tokens: they register, show a code, and ask until somebody has signed in with it.

https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cumulet.kernel import AwsError, Call, error, not_implemented, operation

from .. import portal
from ..resources import Client, Device, PortalToken

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SCOPE = "sso:account:access"
_REGISTERED, _WAITS, _LASTS, _RENEWS, _INTERVAL = 90 * 86400.0, 600.0, 8 * 3600.0, 90 * 86400.0, 1.0


def _wrong(kind: str, code: str, message: str) -> AwsError:
    found: AwsError = getattr(error, kind)(message, error=code, error_description=message)
    return found


@operation
def register_client(call: Call, clientName: str, clientType: str, scopes: list[str] = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html"""
    if clientType != "public":
        raise _wrong("InvalidClientMetadataException", "invalid_client_metadata", "Only public clients are supported")
    if any(scope != _SCOPE for scope in scopes):
        raise _wrong("InvalidScopeException", "invalid_scope", "Invalid scope requested")
    secret = call.token(64, _SAFE)
    row = Client(id=call.token(22, _SAFE), secret=portal.digest(secret), expires=call.now + _REGISTERED,
                 refreshes=bool(scopes))
    portal.swept(call, Client).put(row)
    return {"clientId": row.id, "clientSecret": secret, "clientIdIssuedAt": int(call.now),
            "clientSecretExpiresAt": int(row.expires)}


def _client(call: Call, id: str, secret: str) -> Client:
    row = call.table(Client).get(id)
    if row is None or row.secret != portal.digest(secret) or row.expires <= call.now:
        raise _wrong("InvalidClientException", "invalid_client", "Invalid client provided")
    return row


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@operation
def start_device_authorization(call: Call, clientId: str, clientSecret: str, startUrl: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html"""
    client = _client(call, clientId, clientSecret)
    place = portal.place_of(call, _host(startUrl).partition(".")[0])
    if place is None:
        raise _wrong("InvalidRequestException", "invalid_request", "Invalid start URL provided")
    table, code = portal.swept(call, Device), call.token(64, _SAFE)
    shown = f"{call.token(4, _LETTERS)}-{call.token(4, _LETTERS)}"
    while table.find("user_code", shown) is not None:
        shown = f"{call.token(4, _LETTERS)}-{call.token(4, _LETTERS)}"
    table.put(Device(hash=portal.digest(code), user_code=shown, client=client.id, store=place.instance.store,
                     account=place.instance.account, expires=call.now + _WAITS))
    here = urlsplit(call.endpoint)
    port = f":{here.port}" if here.port else ""
    page = f"{here.scheme}://{place.instance.store}.awsapps.localhost{port}/start/device"
    return {"deviceCode": code, "userCode": shown, "verificationUri": page, "expiresIn": int(_WAITS),
            "verificationUriComplete": f"{page}?user_code={shown}", "interval": int(_INTERVAL)}


@operation
def create_token(call: Call, clientId: str, clientSecret: str, grantType: str, deviceCode: str | None = None,
                 refreshToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html"""
    client = _client(call, clientId, clientSecret)
    if grantType == _DEVICE:
        return _of_device(call, client, deviceCode or "")
    if grantType == "refresh_token":
        return _renewed(call, client, refreshToken or "")
    if grantType == "authorization_code":
        raise not_implemented("sso-oidc:CreateToken with grantType authorization_code")
    raise _wrong("UnsupportedGrantTypeException", "unsupported_grant_type", "Grant type is not supported")


def _of_device(call: Call, client: Client, code: str) -> dict[str, Any]:
    table = call.table(Device)
    row = table.get(portal.digest(code))
    if row is None or row.client != client.id:
        raise _wrong("InvalidGrantException", "invalid_grant", "Invalid device code provided")
    if row.expires <= call.now:
        raise _wrong("ExpiredTokenException", "expired_token", "Device code has expired")
    if not row.user:
        raise _wrong("AuthorizationPendingException", "authorization_pending", "Authorization is still pending")
    table.delete(row.hash)
    return _token(call, client, row.store, row.account, row.user)


def _renewed(call: Call, client: Client, given: str) -> dict[str, Any]:
    row = call.table(PortalToken).find("refresh", portal.digest(given))
    place = portal.place_of(call, row.store) if row is not None else None
    if row is None or row.client != client.id or place is None or not portal.user_of(place, row.user) or \
            row.expires - _LASTS + _RENEWS <= call.now:
        raise _wrong("InvalidGrantException", "invalid_grant", "Invalid refresh token provided")
    call.table(PortalToken).delete(row.hash)
    return _token(call, client, row.store, row.account, row.user)


def _token(call: Call, client: Client, store: str, account: str, user: str) -> dict[str, Any]:
    for old in call.table(PortalToken).scan(index="expires", high=call.now - _RENEWS, limit=100):
        call.table(PortalToken).delete(old.hash)
    access, refresh = call.token(96, _SAFE), call.token(96, _SAFE) if client.refreshes else None
    call.put(PortalToken(hash=portal.digest(access), client=client.id, store=store, account=account, user=user,
                         expires=call.now + _LASTS, refresh=portal.digest(refresh) if refresh else None))
    return {"accessToken": access, "tokenType": "Bearer", "expiresIn": int(_LASTS), "refreshToken": refresh}
