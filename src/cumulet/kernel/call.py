"""One call: who, where, when; its scoped tables, its peers, its timers, tasks, signals and events."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .access.contract import Principal, service_principal
from .access.posted import signer
from .declare import BACKGROUND, Background, Resource, about
from .errors import AwsError, error
from .http import client
from .http.message import FileSlice
from .record import mailbox
from .record.contributors import Contributors
from .record.metrics import Metrics
from .resources import arns
from .wire import expressions
from .work import unfinished, waiting, words
from .work.envelopes import Envelopes
from .work.unfinished import Finisher
from .work.waiting import Wait

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from .cloud import Cloud, Driver
    from .http.message import Request
    from .store.contract import Blobs, Table, Transaction
    from .work.buckets import Bucket

T = TypeVar("T")
R = TypeVar("R", bound=Resource)
D = TypeVar("D", bound="Driver")


_ASIDE = 60.0                  # seconds that work aside may take at most


class Then:
    """What an operation answers whose work begins when its transaction is committed: `call.then(fn, *args)`."""

    __slots__ = ("_args", "_call", "_fn")

    def __init__(self, call: Call, fn: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> None:
        self._call = call
        self._fn = fn
        self._args = args

    def __await__(self) -> Generator[Any, None, Any]:
        return self._fn(self._call, *self._args).__await__()


class Page(Generic[T]):
    """One page of a listing. As a parameter's default, `page: Page[X] = Page(100)` says the default size (and the largest).

    The kernel reads the model's paginators: it fills `limit` and `after` from the request and writes the token of `next`.
    """

    __slots__ = ("after", "limit", "most", "next")

    def __init__(self, limit: int, most: int = 0, after: Any = None) -> None:
        self.limit = limit
        self.most = most or limit
        self.after = after            # where the page before ended: a value or tuple of str, int; None at the start
        self.next: Any = None

    def cut(self, rows: Sequence[T], key: Callable[[T], Any]) -> Sequence[T]:
        """Of rows fetched with `limit + 1`, those of this page; `key` of the last one is where the next begins."""
        if len(rows) > self.limit:
            rows = rows[: self.limit]
            self.next = key(rows[-1])
        return rows


class Call:
    """What an operation knows of the world. Made by the pipeline, once a request, timer, task or inner call."""

    __slots__ = ("account", "again", "cloud", "endpoint", "now", "operation", "patient", "principal", "region", "request",
                 "request_id", "service", "source_arn", "trace", "tx", "via")

    def __init__(self, cloud: Cloud, tx: Transaction, service: str, operation: str, account: str, region: str,
                 principal: Principal, now: float, request: Request | None = None, request_id: str = "",
                 endpoint: str = "", again: bool = False, source_arn: str = "", via: tuple[str, ...] = ()) -> None:
        self.cloud = cloud
        self.tx = tx
        self.service = service
        self.operation = operation
        self.account = account
        self.region: str = region     # these are told in full for mypy: kernel/access reads them before it has read this
        self.principal: Principal = principal
        self.now: float = now         # virtual time, seconds; the same throughout the call
        self.request: Request | None = request        # None for inner calls, timers and tasks
        self.request_id = request_id
        self.endpoint = endpoint      # "http://localhost:4566": as the client reached us
        self.again = again            # True when a `wait` of this operation has run out of time
        self.source_arn: str = source_arn
        self.patient = False          # peers may wait: see `poll`
        self.trace = ""               # X-Ray's header of what a task comes of, as it says itself; peers are told
        self.via: tuple[str, ...] = via               # the services that the caller's rights came through, the first one first

    # --- state ---

    def table(self, kind: type[T]) -> Table[T]:
        """The rows of a kind in this account and region (or as wide as its `@stored` scope says)."""
        return self.tx.table(kind, self.account, self.region)

    def get(self, kind: type[R], *key: Any) -> R:
        """A resource by its id; raises the error that its declaration names when there is none."""
        row = self.tx.table(kind, self.account, self.region).get(*key)
        if row is None:
            said = about(kind)
            raise AwsError(said.missing, said.missing_message.format(id=key[0]))
        return row

    def put(self, row: T) -> T:
        """Insert or replace."""
        return self.tx.table(type(row), self.account, self.region).put(row)

    def arn(self, row: Resource) -> str:
        """The ARN of a resource of this account and region."""
        return arns.arn(row, self.account, self.region)

    @property
    def blobs(self) -> Blobs:
        return self.cloud.store.blobs

    @staticmethod
    def slice(fd: int, offset: int, length: int, on_sent: Callable[[], None]) -> FileSlice:
        """A piece of a file, to be answered with."""
        return FileSlice(fd, offset, length, on_sent)

    @staticmethod
    def read(body: Any) -> bytes:
        """All bytes of a streaming result that a peer answered with (bytes, or pieces of bytes and files)."""
        if isinstance(body, bytes):
            return body
        out = []
        for piece in body:
            if isinstance(piece, bytes):
                out.append(piece)
            else:
                out.append(os.pread(piece.fd, piece.length, piece.offset))
                if piece.on_sent is not None:
                    piece.on_sent()
        return b"".join(out)

    def elsewhere(self, account: str = "", region: str = "") -> Call:
        """The same call seen from another account or region. Authorise by `call.aws` where AWS would."""
        there = Call(self.cloud, self.tx, self.service, self.operation, account or self.account, region or self.region,
                     self.principal, self.now, self.request, self.request_id, self.endpoint, self.again, self.source_arn,
                     self.via)
        there.patient, there.trace = self.patient, self.trace
        return there

    # --- secrets ---

    def seal(self, plain: bytes, context: bytes = b"") -> bytes:
        """Encrypted under the machine's key: for what must not lie readable in the state. Needs the same context again."""
        return self.cloud.sealing.seal(self.tx, plain, context)

    def unseal(self, sealed: bytes, context: bytes = b"") -> bytes:
        """What `seal` was given."""
        return self.cloud.sealing.unseal(self.tx, sealed, context)

    def envelopes(self, context: str, refused: Callable[[AwsError], AwsError], seconds: float = 300.0, proven: bool = False,
                  as_service: bool = False) -> Envelopes:
        """Encryption under users' KMS keys, with this caller's rights or as the service: see `work.envelopes`."""
        return Envelopes(self, context, seconds, refused, proven, as_service)

    def authority(self) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
        """Key and certificate of this installation's authority, whose certificates its clients trust."""
        return self.cloud.authority.pair()

    # --- chance ---

    def uuid(self) -> str:
        """A new UUID, as text."""
        return self.cloud.chance.uuid()

    def token(self, length: int, alphabet: str = "0123456789abcdef", prefix: str = "") -> str:
        """A random identifier: `call.token(17, prefix="vpc-")`, `call.token(16, BASE32, "AKIA")`."""
        return prefix + self.cloud.chance.token(length, alphabet)

    def as_signer(self, credential: str, token: str, text: str, signature: str) -> Call:
        """This call as who signed a text (a POST form's policy): `x-amz-credential` and `x-amz-signature`, verified."""
        found = signer(self.cloud, self.tx, credential, token, text, signature)
        account = found.principal.account or self.account
        return Call(self.cloud, self.tx, self.service, self.operation, account, found.region or self.region, found.principal,
                    self.now, self.request, self.request_id, self.endpoint, self.again, self.source_arn)

    # --- work ---

    def signal(self, *channel: str, count: int = 1) -> None:
        """After the commit, wake up to `count` waits on this channel, in order of arrival (on every node)."""
        name = "\x1f".join((self.service, self.account, self.region, *channel))
        cloud, tx = self.cloud, self.tx
        tx.after_commit(partial(cloud.signals.wake, name, count))
        cloud.store.notify(tx, name)

    def wait(self, *channel: str, seconds: float, until: float | None = None) -> None:
        """Nothing yet: stop here, and run this operation anew when the channel is signalled or the virtual clock reaches
        `until`; after `seconds` it runs a last time with `call.again` true, and `wait` returns. Call it before any write."""
        if not self.again:
            raise Wait("\x1f".join((self.service, self.account, self.region, *channel)), seconds, until)

    def aside(self, fn: Callable[..., T], *args: Any) -> T:
        """What `fn` gives, where it takes long and reads no state: made in a thread while others are answered. This operation
        stops here and runs anew when it is there. Once in an operation, and before any write."""
        if self.request is None or self.again or self.tx.store.blocking:
            return fn(*args)                 # for a peer, or in a thread anyway
        channel = "\x1f".join(("aside", self.request_id))
        if (made := self.cloud.aside.made(channel)) is not None:
            found: T = made.result()
            return found
        self.cloud.aside.make(channel, partial(fn, *args))
        raise Wait(channel, _ASIDE, None)

    def matches(self, pattern: str, text: str) -> bool:
        """Does a regular expression of a user's describe all of the text? ValueError says why that cannot be told in time."""
        return expressions.matches(pattern, text)

    @staticmethod
    def words(text: str) -> list[str]:
        """The words of a text by Unicode's rules, in small letters."""
        return words.split(text)

    @staticmethod
    def stems(found: list[str]) -> list[str]:
        """English words without their endings."""
        return words.stems(found)

    def at(self, when: float, what: Callable[..., Any], /, *, name: str = "", **args: Any) -> None:
        """A durable timer: `what` (a `@timer` of this service) runs at virtual time `when`. A second one of the same
        `name` replaces the first."""
        self.cloud.jobs.put(self, _background(what), args, when, name)

    def cancel(self, what: Callable[..., Any], name: str) -> None:
        """Forget a named timer."""
        self.cloud.jobs.cancel(self, _background(what), name)

    def task(self, what: Callable[..., Any], /, **args: Any) -> None:
        """A durable task: `what` (a `@task` of this service) runs after this transaction's commit, at least once."""
        self.cloud.jobs.put(self, _background(what), args, self.now)

    def always(self, what: Callable[..., Any]) -> None:
        """As task, without arguments, and again whenever the cloud starts: for what goes on in a process's memory."""
        self.cloud.jobs.stand(self, _background(what))

    finishes = staticmethod(unfinished.finishes)

    def unfinished(self, what: Callable[..., Any], more: int) -> Callable[[str], str]:
        """What makes texts for a peer to keep, each to be made whole by `what` (a `@Call.finishes` of this service) when it is
        read, which adds `more` bytes."""
        return unfinished.kind(f"{self.service}:{what.__name__}", more)

    @staticmethod
    def finisher(text: str) -> Finisher | None:
        """What makes a text of a peer's whole; None when it is that already."""
        return None if type(text) is str else getattr(text, "finisher", None)

    def finished(self, finisher: str, text: str) -> str:
        """The whole of a text that was kept with its finisher."""
        return unfinished.finished(self, finisher, text)

    def bucket(self, *name: str, rate: float, most: float) -> Bucket:
        """A token bucket of this service, account and region: `rate` units a second come, `most` at most are kept. Taking is
        not undone with the transaction, and is forgotten by a restart."""
        return self.cloud.buckets.of((self.service, self.account, self.region, *name), rate, most, self.now)

    def note(self, what: Callable[..., Any], /, *items: Any) -> None:
        """Have `what` (a `@task` of this service) hear of these a moment later, `what(call, items)`, with those of other calls:
        for counts. Noting is not undone with the transaction; what was not told yet is forgotten by a restart."""
        self.cloud.notes.add(self, what, items)

    @property
    def contributors(self) -> Contributors:
        """Rules of who contributes to what a service counts, and their counts by the minute, for CloudWatch to tell."""
        return Contributors(self)

    def metrics(self, namespace: str) -> Metrics:
        """Samples of this service's metrics in this account and region, to be summed up and told to CloudWatch."""
        return Metrics(self, namespace)

    def emit(self, kind: str, detail: dict[str, Any], resources: Sequence[str] = (), source: str = "") -> None:
        """An event in AWS's envelope, from this service (`source` by default "aws." + service), after the commit."""
        self.cloud.bus.emit(self, source or "aws." + self.service, kind, detail, resources)

    def mail(self, kind: mailbox.Kind, sender: str, to: Sequence[str], subject: str, raw: bytes, problem: str = "") -> int:
        """What AWS would send to people goes into the mailbox (`cumulet mail`): a mail (MIME), sms or push; its number.
        problem: why it would not reach them."""
        return mailbox.put(self.tx, mailbox.Sent(
            account=self.account, region=self.region, at=self.now, service=self.service, kind=kind, sender=sender, to=list(to),
            subject=subject, raw=raw, problem=problem)).id

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """For operations and tasks that wait (`async def`): `fn(call, *args)` in a short transaction of its own."""
        return await self.cloud.store.run(lambda tx: fn(self.within(tx), *args))

    async def poll(self, fn: Callable[..., T], *args: Any, seconds: float) -> T:
        """As run, but where a peer's operation would wait for something to happen (a long poll), this waits as a client would,
        `seconds` at most, and runs `fn` again."""
        return await waiting.run(self, fn, args, seconds)

    def then(self, fn: Callable[..., Awaitable[Any]], *args: Any) -> Then:
        """Return this from an operation that has looked and must now wait: `await fn(call, *args)` gives the result, after the
        commit. A peer awaits it as well, outside of its transaction."""
        return Then(self, fn, args)

    def driver(self, kind: type[D]) -> D:
        """For operations and tasks that wait: the one driver of a kind (`cumulet.drivers`) in this cloud. The first who asks
        makes it; it ends with the cloud."""
        return self.cloud.driver(kind)

    async def fetch(self, url: str) -> bytes | None:
        """For operations and tasks that wait: the page at an address of elsewhere, a MiB at most; None when there is none."""
        return await client.get(url)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float,
                   method: str = "POST") -> client.Answer:
        """For tasks that wait: send this to somebody's server. `status` is 0 when none answered in time."""
        from cryptography.hazmat.primitives.serialization import Encoding

        trusted = self.authority()[1].public_bytes(Encoding.PEM).decode() if url.startswith("https:") else ""
        return await client.ask(method, url, headers, body, seconds, trusted)

    def within(self, tx: Transaction) -> Call:
        """This call in another transaction, at the present moment."""
        return Call(self.cloud, tx, self.service, self.operation, self.account, self.region, self.principal,
                    self.cloud.clock.now(), self.request, self.request_id, self.endpoint, self.again, self.source_arn,
                    self.via)

    # --- peers ---

    @property
    def aws(self) -> Peers:
        """Other services, with this caller's own rights: `call.aws.kms.decrypt(CiphertextBlob=…)`. Same transaction."""
        return Peers(self, self.principal)

    def as_service(self, source_arn: str = "", account: str = "", region: str = "", name: str = "") -> Peers:
        """Other services, as this service's principal, in the account and region given (or these). name: another principal
        that the service has for this ("logging.s3.amazonaws.com")."""
        principal = service_principal(name or self.cloud.catalog.load(self.service).principal, self.account)
        here = account in ("", self.account) and region in ("", self.region)
        return Peers(self if here else self.elsewhere(account, region), principal, source_arn)


class Peers:
    """`peers.<service>.<operation>(**members)`: names as boto3 has them, results as dicts, errors as AwsError."""

    __slots__ = ("_call", "_principal", "_source")

    def __init__(self, call: Call, principal: Principal, source_arn: str = "") -> None:
        self._call = call
        self._principal = principal
        self._source = source_arn

    def __getattr__(self, service: str) -> Any:
        return _Peer(self._call, self._principal, self._source, service.replace("_", "-"))


class _Peer:
    __slots__ = ("_call", "_principal", "_service", "_source")

    def __init__(self, call: Call, principal: Principal, source: str, service: str) -> None:
        self._call = call
        self._principal = principal
        self._source = source
        self._service = service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return self._call.cloud.peer(self._call, self._principal, self._source, self._service, operation)


def _background(what: Callable[..., Any]) -> Background:
    said = getattr(what, BACKGROUND, None)
    if said is None:
        raise TypeError(f"{what!r} is neither a @timer nor a @task")
    return cast(Background, said)


__all__ = ["Call", "Page", "Peers", "Wait", "error"]
