"""The second door: HTTP and streams on 127.0.0.1, for an unmodified pybit.

Law: nothing outside the loopback interface is ever listened on; the venue is touched by one thread.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import WSMsgType, web

from tools.fakebybit.auth import Request
from tools.fakebybit.control import books, perform, switch
from tools.fakebybit.faults import Fault
from tools.fakebybit.links import Channel, Connection
from tools.fakebybit.refusals import Refused
from tools.fakebybit.venue import Venue
from tools.fakebybit.wire import Row

HOST = "127.0.0.1"
PUMP_S = 0.004
T = TypeVar("T")


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Server:
    """Serves one venue. `speed`: venue time per wall time (0 = it stands until told to go on).

    `ack_ms`: how long stream acknowledgements wait. Plain pybit notes a subscription only after it
    has sent it, so an answer that is too quick kills its socket.
    """

    def __init__(self, venue: Venue, *, speed: float = 1.0, ack_ms: int = 20) -> None:
        self.venue = venue
        self._speed = speed
        self._ack_s = ack_ms / 1_000
        self._runner: web.AppRunner | None = None
        self._pump: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""
        app = web.Application()
        for path in ("/v5/public/linear", "/v5/private", "/v5/trade"):
            app.router.add_get(path, self._stream)
        app.router.add_route("*", "/fake/{tail:.*}", self._control)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        self._pump = asyncio.create_task(self._run())
        server = site._server
        assert isinstance(server, asyncio.Server)
        return int(server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close everything."""
        if self._pump is not None:
            self._pump.cancel()
        for connection in list(self.venue.hub.connections):
            self.venue.hub.close(connection)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _run(self) -> None:
        """Let the venue's time follow the wall clock."""
        before = time.monotonic()
        debt = 0.0
        while True:
            await asyncio.sleep(PUMP_S)
            at = time.monotonic()
            debt += (at - before) * 1_000 * self._speed
            before = at
            step = int(debt)
            debt -= step
            self.venue.advance(self.venue.now + step)

    # -- HTTP ---------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        reply = self.venue.request(
            Request(
                method=request.method,
                path=request.path,
                query=request.raw_path.partition("?")[2],
                body=await request.read(),
                headers=dict(request.headers),
                received_ms=wall_ms(),
            )
        )
        if reply.delay_ms:
            await asyncio.sleep(reply.delay_ms / 1_000)
        if reply.is_lost:
            _abort(request)
            return web.Response()
        if reply.is_cut:
            half = web.StreamResponse(headers=reply.headers)
            half.content_length = len(reply.body)
            await half.prepare(request)
            await half.write(reply.body[: len(reply.body) // 2])
            _abort(request)
            return half
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

    async def _control(self, request: web.Request) -> web.Response:
        """Answer a test: `now`, `books`, `faults`, `advance`, and every act by its name."""
        name = request.match_info["tail"]
        raw = await request.read()
        try:
            return web.json_response(self._do(name, json.loads(raw) if raw else {}))
        except (Refused, ValueError, KeyError, ArithmeticError) as error:
            return web.json_response({"error": str(error)}, status=400)

    def _do(self, name: str, row: Row) -> Row:
        venue = self.venue
        match name:
            case "now":
                return {"now": venue.now, "wall": wall_ms()}
            case "books":
                return books(venue)
            case "faults":
                given = row.get("switches", [])
                venue.faults.clear()
                for one in given if isinstance(given, list) else []:
                    venue.faults.add(switch(one))
                return {"switches": len(venue.faults.switches)}
            case "advance":
                venue.advance(venue.now + int(str(row.get("ms", 0))))
                return {"now": venue.now}
            case _:
                return perform(venue, name, row)

    # -- streams ------------------------------------------------------------------------------

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        channel = Channel(request.path.split("/")[2])
        connection = self.venue.connect(channel)
        if connection is None:
            _abort(request)
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        news = asyncio.Event()
        connection.wake = news.set
        writer = asyncio.create_task(_write(request, socket, connection, news))
        try:
            await self._read(socket, connection)
        finally:
            self.venue.hub.close(connection)
            await writer
        return socket

    async def _read(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        async for message in socket:
            if connection.is_closed:
                return
            if connection.is_frozen:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                state = self.venue.state
                if not state.fault(Fault.ZERO_LATENCY, connection.channel.value):
                    await asyncio.sleep(self._ack_s)
                self.venue.hub.receive(connection, message.data, wall_ms())


async def _write(
    request: web.Request, socket: web.WebSocketResponse, connection: Connection, news: asyncio.Event
) -> None:
    while not connection.is_closed:
        await news.wait()
        news.clear()
        for frame in connection.take():
            if socket.closed:
                return
            try:
                await socket.send_str(frame)
            except ConnectionError:
                return
    _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _end_all() -> None:
    """End what still waits, as an answer that was to be late does."""
    mine = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not mine]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs in its own thread."""

    venue: Venue
    port: int
    _loop: asyncio.AbstractEventLoop

    @property
    def http(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def streams(self) -> str:
        return f"ws://{HOST}:{self.port}"

    def do(self, act: Callable[[Venue], T]) -> T:
        """Do something to the venue in its own thread and return what came of it."""

        async def run() -> T:
            return act(self.venue)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)


@contextmanager
def serving(
    venue: Venue, *, speed: float = 0.0, ack_ms: int = 20, port: int = 0
) -> Iterator[Served]:
    """Serve a venue from a thread of its own while the block runs."""
    loop = asyncio.new_event_loop()
    server = Server(venue, speed=speed, ack_ms=ack_ms)
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="fakebybit")
    thread.start()
    bound = asyncio.run_coroutine_threadsafe(server.start(port), loop).result(timeout=10)
    try:
        yield Served(venue, bound, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=10)
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
