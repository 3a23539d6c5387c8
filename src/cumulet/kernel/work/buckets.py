"""Token buckets: how much somebody may still ask of a limited thing, refilled by the clock.

They are in memory, for every call passes one and none may cost a write. A restart fills them, and each node counts by itself:
what must be exact or outlive the process (a quota of a month) is a row.
"""

from __future__ import annotations

from collections import OrderedDict

MOST = 10_000            # buckets; the one that was asked for longest ago is forgotten first, and by then full


class Bucket:
    """Units that are left of `most`, as of a moment."""

    __slots__ = ("at", "most", "rate", "units")

    def __init__(self, rate: float, most: float, at: float) -> None:
        self.rate, self.most, self.units, self.at = rate, most, most, at

    def take(self, units: float = 1.0) -> bool:
        """Take so many, if there are."""
        if self.units < units:
            return False
        self.units -= units
        return True

    def spend(self, units: float) -> bool:
        """Take so many if there is any left, even more than are: the next ones wait for the debt."""
        if self.units <= 0:
            return False
        self.units -= units
        return True


class Buckets:
    """All buckets of a cloud, by name."""

    def __init__(self, most: int = MOST) -> None:
        self._known: OrderedDict[tuple[str, ...], Bucket] = OrderedDict()
        self._most = most

    def of(self, name: tuple[str, ...], rate: float, most: float, now: float) -> Bucket:
        """The bucket as it is now. rate: units a second.  most: what a full one holds; a new one is full."""
        bucket = self._known.get(name)
        if bucket is None:
            bucket = self._known[name] = Bucket(rate, most, now)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return bucket
        self._known.move_to_end(name)
        bucket.units = min(most, bucket.units + max(0.0, now - bucket.at) * bucket.rate)
        bucket.at, bucket.rate, bucket.most = now, rate, most
        return bucket

    def forget(self, account: str | None) -> None:
        """Fill those of an account, or all. Names begin with (service, account, region)."""
        for name in [name for name in self._known if account in (None, name[1])]:
            del self._known[name]
