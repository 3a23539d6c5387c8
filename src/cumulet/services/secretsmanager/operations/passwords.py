"""GetRandomPassword."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from ..passwords import kinds, password


@operation
def get_random_password(call: Call, PasswordLength: int = 32, ExcludeCharacters: str = "", ExcludeNumbers: bool = False,
                        ExcludePunctuation: bool = False, ExcludeUppercase: bool = False, ExcludeLowercase: bool = False,
                        IncludeSpace: bool = False, RequireEachIncludedType: bool = True) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html"""
    alphabets = kinds(ExcludeCharacters, not ExcludeNumbers, not ExcludePunctuation, not ExcludeUppercase,
                      not ExcludeLowercase, IncludeSpace)
    return {"RandomPassword": password(PasswordLength, alphabets, RequireEachIncludedType, call.token)}
