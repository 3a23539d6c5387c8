"""A reset of an account reaches everything: rows of the partition's scope say whose they are, or their service forgets them."""

from __future__ import annotations

import msgspec
import pytest

from cumulet.kernel.catalog import PACKAGE, Catalog
from cumulet.kernel.declare import stored_kinds, stored_of

CATALOG = Catalog(lambda kinds: None)
FORGETTING = {loaded.folder for loaded, _ in CATALOG.forgetting()}
# Rows that are nobody's.
THE_PARTITIONS = {"SigningKey": "SNS signs the notifications of all accounts with one key"}


@pytest.mark.parametrize("folder", CATALOG.folders)
def test_rows_of_the_partition_have_owners(folder: str) -> None:
    CATALOG.load(CATALOG.declared[folder].api)
    for kind in stored_kinds(f"{PACKAGE}.{folder}"):
        if stored_of(kind).scope == "global" and kind.__name__ not in THE_PARTITIONS:
            fields = {field.name for field in msgspec.structs.fields(kind)}
            assert "account" in fields or folder in FORGETTING, f"{kind.__name__} of {folder} stays when its account is reset"


def test_who_forgets() -> None:
    assert "s3" in FORGETTING
