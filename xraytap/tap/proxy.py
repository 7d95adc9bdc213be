"""The embedded proxy: mitmproxy's layers behind a listener of our own, with our recorder in them.

Of mitmproxy's addons only those that define options and layers are loaded. We listen ourselves, because
mitmproxy logs a port in use and runs on without a listener.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from mitmproxy import options
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.http import Headers, Response
from mitmproxy.master import Master
from mitmproxy.net.http import http1
from mitmproxy.net.http.status_codes import RESPONSES
from mitmproxy.proxy.layers import modes
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.mode_specs import ProxyMode

from xraytap.errors import PeerError
from xraytap.tap.config import host_of
from xraytap.tap.handler import CachedAddons, FastHandler
from xraytap.tap.lenient import be_lenient
from xraytap.tap.quick import QuickContext, speed_up_headers
from xraytap.tap.words import connect_reason

if TYPE_CHECKING:
    from mitmproxy.http import HTTPFlow

    from xraytap.tap.addon import Recorder
    from xraytap.tap.config import TapConfig

_proxyserver: Any = proxyserver  # mitmproxy is half typed
_untyped_http1: Any = http1

TIMEOUT_S = 30 * 24 * 3600
"""`event.next` and the like block for as long as nothing happens; mitmproxy's 600 s would cut them off."""
GRACE_S = 2.0
"""How long a stopping tap waits for answers that are under way."""
_BACKLOG = 512


class _Tls(tlsconfig.TlsConfig):
    def _warn_unsupported_version(self, *_arguments: object) -> None:
        """Mitmproxy tries the old version out, and fails at that with an OpenSSL that can speak it."""


class TapProxy:
    """One listener, one host. Only one per process: mitmproxy keeps its options in a global."""

    def __init__(self, config: TapConfig, recorder: Recorder, *, confdir: str) -> None:
        self._config = config
        self._recorder = recorder
        recorder.broken_off = self
        self._confdir = confdir
        self._handlers: dict[str, FastHandler] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns the bound address. Raises `PeerError` where that cannot be had."""
        config = self._config
        scheme, host, port = host_of(config.to)
        socket_path = host if scheme == "unix" else ""
        if socket_path:  # mitmproxy knows no such hosts: its layers see a name, the handler opens the socket
            scheme, host, port = "http", "localhost", 80
        shown = f"[{host}]" if ":" in host else host
        speed_up_headers()
        be_lenient()
        _speak_plainly(socket_path or f"{shown}:{port}")
        opts: Any = options.Options()
        master = self._master = Master(opts)
        master.addons = CachedAddons(master)
        master.addons.add(core.Core(), _proxyserver.Proxyserver(), next_layer.NextLayer())
        if scheme == "https":  # it makes a certificate authority at start, which takes its time
            master.addons.add(_Tls())
            if config.insecure:  # XenServer 6 speaks TLS 1.0, xend's TLS is of 2009, and so are its keys
                opts.update(tls_version_server_min="TLS1", ciphers_server="DEFAULT:@SECLEVEL=0")
        self._socket_path = socket_path
        master.addons.chain.insert(0, self._recorder)  # before NextLayer: who comes first decides the layer
        self._mode = ProxyMode.parse(f"reverse:{scheme}://{shown}:{port}")
        opts.update(
            mode=[self._mode.full_spec],
            server=False,
            confdir=self._confdir,
            connection_strategy="lazy",
            keep_host_header=True,
            tcp_timeout=TIMEOUT_S,
            ssl_insecure=config.insecure,
            http2=False,
            validate_inbound_headers=False,
            stream_large_bodies=str(config.max_body),
        )
        # Read many times per call, and mitmproxy copies a default deeply each time: a plain snapshot.
        self._options = SimpleNamespace(**{name: getattr(opts, name) for name in opts.keys()})  # noqa: SIM118
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        try:
            self._server = await asyncio.start_server(
                self._accept, config.listen_host, config.listen_port, backlog=_BACKLOG, limit=1 << 19
            )
        except OSError as problem:
            raise _cannot_listen(config, problem) from problem
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    async def stop(self) -> None:
        """Accept no more, let answers under way arrive, end the connections."""
        if self._server is not None:
            self._server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + GRACE_S
        while self._recorder.under_way and loop.time() < until:  # noqa: ASYNC110  rare, and many may end
            await asyncio.sleep(0.02)
        self._recorder.settle("the tap was stopped before the answer came")
        for handler in list(self._handlers.values()):
            handler.end()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_S)

    def heard(self, flow: HTTPFlow) -> bytes:
        """What the host has sent of an answer that broke off; nothing where TLS hides it."""
        handler = self._handlers.get(flow.client_conn.id)
        return b"" if handler is None or flow.server_conn.tls else handler.heard()

    def pass_on(self, flow: HTTPFlow, data: bytes) -> None:
        """Send the client what there was of it."""
        handler = self._handlers.get(flow.client_conn.id)
        if handler is not None and not flow.client_conn.tls:
            handler.pass_on(data)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = FastHandler(self._master, reader, writer, self._options, self._mode)
        handler.socket_path = self._socket_path
        handler.layer = modes.ReverseProxy(QuickContext.of(handler.layer.context))
        task = asyncio.current_task()
        self._handlers[handler.client.id] = handler
        if task is not None:
            self._tasks.add(task)
        try:
            await handler.handle_client()
        finally:
            self._handlers.pop(handler.client.id, None)
            if task is not None:
                self._tasks.discard(task)


def _cannot_listen(config: TapConfig, problem: OSError) -> PeerError:
    where = f"{config.listen_host}:{config.listen_port}"
    if problem.errno == errno.EADDRINUSE:
        error = PeerError(f"cannot listen on {where}: the port is in use.")
        error.kind = "port-in-use"  # type: ignore[attr-defined]
    elif problem.errno == errno.EACCES:
        error = PeerError(f"cannot listen on {where}: not permitted. Ports below 1024 need privileges.")
    else:
        error = PeerError(f"cannot listen on {where}: {problem.strerror or problem}.")
    return error


def _speak_plainly(host: str) -> None:
    """Have errors that the proxy itself must answer say so in plain text; mitmproxy writes a HTML page."""

    def error_response(status_code: int, message: str = "") -> bytes:
        if status_code == 502:
            text = f"xraytap: the host {host} could not be reached: {connect_reason(message)}.\n"
        else:
            text = f"xraytap: {status_code} {RESPONSES.get(status_code, '')}: {message}\n"
        headers = Headers(content_type="text/plain; charset=utf-8", connection="close")
        raw: bytes = _untyped_http1.assemble_response(Response.make(status_code, text, headers))
        return raw

    _http1.make_error_response = error_response


def quiet_logging(handler: logging.Handler) -> None:
    """Mitmproxy's warnings go to `handler`; what it says of every connection goes nowhere."""
    for name in ("mitmproxy", "asyncio"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addHandler(handler)
        logger.propagate = False
