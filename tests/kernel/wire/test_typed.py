"""What msgspec takes at one go is what the long way reads, whatever was done to the request; and it takes what clients send."""

from __future__ import annotations

import random
from typing import Any

from damage import Damager, Seed, corpus

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.wire import jsons, typed
from cumulet.kernel.wire.rpc import JsonOperation

_PREFIXES = {"DynamoDB_20120810": "dynamodb", "TrentService": "kms", "AmazonSQS": "sqs", "secretsmanager": "secretsmanager",
             "AWSEvents": "events", "Logs_20140328": "logs", "AWSCognitoIdentityProviderService": "cognito-idp"}
NOT_JSON = "The request body is not valid JSON."


def target(seed: Seed) -> str:
    return {name.lower(): value for name, value in seed.headers}.get("x-amz-target", "")


SEEDS = [seed for seed in corpus(_PREFIXES.values(), 20) if target(seed)]


def spoken(seed: Seed) -> JsonOperation:
    prefix, _, name = target(seed).partition(".")
    op = wire.op(_PREFIXES[prefix], name, "")
    assert isinstance(op, JsonOperation)
    return op


def long_way(op: JsonOperation, body: bytes) -> Any:
    """Members, or what is wrong."""
    try:
        return op.valid(op.codecs.json_reader.of(op.input)(jsons.loads(body)))
    except AwsError as problem:
        return problem.message


def short_way(op: JsonOperation, body: bytes) -> Any:
    """Members; None when they are not taken."""
    decode = op.codecs.json_types.decoder(op.input) if op.input else None
    try:
        return decode(body) if decode is not None else None
    except (*typed.REFUSED, RecursionError):
        return None


def test_what_clients_send_is_taken_at_one_go() -> None:
    taken = 0
    for seed in SEEDS:
        op = spoken(seed)
        members = short_way(op, seed.body)
        if members is not None:
            taken += 1
            assert members == long_way(op, seed.body), op.name
    assert taken > 0.8 * len(SEEDS)


def test_both_ways_are_of_one_mind() -> None:
    chance, damager = random.Random(1), Damager(SEEDS)
    taken = 0
    for _ in range(6_000):
        seed = chance.choice(SEEDS)
        op, body = spoken(seed), damager.damaged(chance, seed.body)
        members = short_way(op, body)
        if members is not None:
            found = long_way(op, body)
            if found != NOT_JSON:                # the text of members that nobody knows is passed over
                taken += 1
                assert repr(members) == repr(found), (op.name, body)
    assert taken > 300
