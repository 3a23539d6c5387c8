"""One HTTP/2 connection (RFC 9113): what its frames say goes to the exchange of their stream, what exchanges write goes out.

Loaded when the first connection begins with HTTP/2's preface: few servers see any. Frames and header compression are `h2`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import FrameTooLargeError, ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import Frame, GoAwayFrame

from .connections import Connections
from .exchange import WINDOW, Exchange
from .fields import joined, request_of
from .message import Request
from .reader import Refused

_STREAMS = 100                       # at once, of one connection
_WINDOW = 1_048_576                  # bytes that a connection may send ahead of our telling it to go on
_DEFAULT_WINDOW = 65_535             # the same, before anything is told
_UNSENT = 1_048_576                  # of answers and acknowledgements; a client that takes none of them is not read

if TYPE_CHECKING:
    from h2._typing import Buffer


class _Frames(H2Connection):
    """h2's connection, except that a frame which is too long is refused before all of it has come, and that a client which
    says goodbye still gets what it has asked for."""

    parting = False

    def receive_data(self, data: Buffer) -> list[Event]:
        events = super().receive_data(data)
        if int.from_bytes(self.incoming_buffer._data[:3]) > self.max_inbound_frame_size:
            self.close_connection(ErrorCodes.FRAME_SIZE_ERROR)
            raise FrameTooLargeError
        return events

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        self.parting = True
        return [], []


class Http2Protocol(asyncio.Protocol):
    """The server's side of a connection. blocked: the transport's buffer is full."""

    __slots__ = ("_client", "_exchanges", "_feeding", "_leaving", "_mark", "_paused", "_taken", "_unsent", "blocked", "frames",
                 "secure", "shared", "transport")

    def __init__(self, shared: Connections, secure: bool) -> None:
        self.shared = shared
        self.secure = secure
        self.frames = _Frames(H2Configuration(client_side=False, header_encoding=None, validate_outbound_headers=False))
        self.frames.local_settings = Settings(client=False, initial_values={
            SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS, SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
            SettingCodes.MAX_HEADER_LIST_SIZE: shared.limits.head})
        self.frames.decoder.max_header_list_size = shared.limits.head
        self.blocked = False
        self._client = ""
        self._exchanges: dict[int, Exchange] = {}        # by the number of their stream
        self._feeding = False                            # frames are being read: what they lead to goes out together
        self._leaving = False                            # all is said: what still comes is read away
        self._paused = False                             # not reading
        self._taken = 0                                  # of bodies, since the client was last told that it may send more
        self._mark = shared.tick                         # when an exchange began or ended last
        self._unsent = 0                                 # what the transport's buffer held at the last tick

    # --- the connection ---

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.shared.add(self)
        if isinstance(peer := transport.get_extra_info("peername"), tuple):
            self._client = peer[0]
        self.frames.initiate_connection()
        self.frames.increment_flow_control_window(_WINDOW - _DEFAULT_WINDOW)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.shared.discard(self)
        self._leaving = True
        self._give_up()

    def shutdown(self) -> None:
        """The server stops: nothing new is taken, what is in progress is finished."""
        if not self._leaving:
            self._say_goodbye()
            self._look_for_end()

    def _say_goodbye(self) -> None:
        """Not through h2, which sends nothing more afterwards."""
        last = self.frames.highest_inbound_stream_id
        self.transport.write(GoAwayFrame(last_stream_id=last, error_code=ErrorCodes.NO_ERROR).serialize())

    def abort(self) -> None:
        self.transport.abort()

    def check(self, now: int) -> None:
        """Called once a tick: end what takes too long."""
        limits = self.shared.limits
        for exchange in list(self._exchanges.values()):
            exchange.check(now)
        age = (now - self._mark) * limits.tick
        if self.blocked or self._leaving:
            unsent = self.transport.get_write_buffer_size()
            if unsent != self._unsent:
                self._unsent, self._mark = unsent, now
            elif age > (limits.write_seconds if unsent else limits.linger_seconds):
                self.transport.abort()
        elif not self._exchanges and age > limits.idle_seconds:
            self._say_goodbye()
            self.transport.close()

    # --- frames in ---

    def data_received(self, data: bytes) -> None:
        if self._leaving:
            return
        try:
            events = self.frames.receive_data(data)
        except ProtocolError:                            # of which h2 has told the client
            self._end()
            return
        self._feeding = True
        try:
            gone = {event.stream_id for event in events if isinstance(event, StreamReset)}
            for number in gone:                          # first: h2 takes nothing more for them
                self._reset(number)
            for event in events:
                if not (isinstance(event, RequestReceived) and event.stream_id in gone):
                    self._take(event)
        finally:
            self._feeding = False
        self.flush()
        self._look_for_end()
        if self.blocked and not self._paused and self.transport.get_write_buffer_size() > _UNSENT:
            self._paused = True
            self.transport.pause_reading()

    def _take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._begin(event)
            return
        if isinstance(event, RemoteSettingsChanged) or (isinstance(event, WindowUpdated) and not event.stream_id):
            self._wake()
            return
        exchange = self._exchanges.get(getattr(event, "stream_id", 0) or 0)
        if isinstance(event, DataReceived):
            self._took(event.flow_controlled_length)
            if exchange is not None:
                exchange.feed(event.data, event.flow_controlled_length)
        elif exchange is None:
            return
        elif isinstance(event, StreamEnded):
            exchange.finish()
        elif isinstance(event, TrailersReceived):
            exchange.request.trailers.update(joined(event.headers))
        elif isinstance(event, WindowUpdated):
            exchange.wake()

    def _reset(self, number: int) -> None:
        exchange = self._exchanges.get(number)
        if exchange is not None:
            exchange.give_up("the client went away")
            self.drop(exchange)

    def _begin(self, event: RequestReceived) -> None:
        number = event.stream_id
        if self.shared.stopping:
            self.reset(number, ErrorCodes.REFUSED_STREAM)
            return
        ended = event.stream_ended is not None
        self._mark = self.shared.tick
        try:
            request = request_of(event.headers, "https" if self.secure else "http", self._client)
        except Refused as refused:
            self._exchanges[number] = exchange = Exchange(self, number, Request("GET", "/", {}), ended)
            exchange.refuse(refused.status)
            return
        self._exchanges[number] = exchange = Exchange(self, number, request, ended)
        if not ended:
            exchange.expect_body()

    def _took(self, size: int) -> None:
        """The connection's own window only bounds what comes at once: how much is held back, streams tell each for itself."""
        self._taken += size
        if self._taken >= _WINDOW // 2:
            self.frames.increment_flow_control_window(self._taken)
            self._taken = 0

    # --- frames out ---

    def allow(self, size: int, number: int) -> None:
        """So many bytes more may come on a stream."""
        if number in self.frames.streams:                # else h2 has forgotten it, by frames still to be told of here
            with contextlib.suppress(StreamClosedError):
                self.frames.increment_flow_control_window(size, number)
            self.flush()

    def reset(self, number: int, code: ErrorCodes) -> None:
        """End a stream abruptly."""
        with contextlib.suppress(StreamClosedError):
            self.frames.reset_stream(number, code)
        self.flush()

    def flush(self) -> None:
        """Send what was written."""
        if not self._feeding and (data := self.frames.data_to_send()) and not self.transport.is_closing():
            self.transport.write(data)

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        self._mark = self.shared.tick
        if self._paused:
            self._paused = False
            if not self.transport.is_closing():
                self.transport.resume_reading()
        self._wake()

    def _wake(self) -> None:
        for exchange in self._exchanges.values():
            exchange.wake()

    # --- the end ---

    def drop(self, exchange: Exchange) -> None:
        """An exchange is over."""
        self._exchanges.pop(exchange.number, None)
        self._mark = self.shared.tick
        if not self._feeding:
            self.flush()
            self._look_for_end()

    def _look_for_end(self) -> None:
        if self._exchanges or self._leaving:
            return
        if self.shared.stopping:
            self.transport.close()
        elif self.frames.parting:
            self._end()

    def _give_up(self) -> None:
        exchanges, self._exchanges = list(self._exchanges.values()), {}
        for exchange in exchanges:
            exchange.give_up("the client went away")

    def _end(self) -> None:
        """The last frame is written. What the client still sends is read away, lest a reset destroy it."""
        self.flush()
        self._leaving = True
        self._mark = self.shared.tick
        self._give_up()
        if self.secure or self.transport.is_closing():
            self.transport.close()
        else:
            self.transport.write_eof()
