"""What exists in STS: sessions. The kernel owns their table, because every call needs it."""

from cumulet.kernel import principals

Session = principals.Session
