"""A call copied as curl sends the same bytes, from any shell, whatever is in them."""

from __future__ import annotations

import http.server
import os
import shlex
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recorded import EVERY, IDS, exchanges
from xraytap.errors import UsageError
from xraytap.protocol.call import Message
from xraytap.protocol.copying import as_curl, secret_names, shell_body
from xraytap.protocol.messages import Request
from xraytap.protocol.redact import redact_request
from xraytap.protocol.xmlrpc_encode import encode_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import Exchange

HEAD = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n\r\n"
# Stands for curl: prints its words, each after a NUL, then what it is given on stdin.
FAKE = (
    'curl() { for word; do printf "\\0%s" "$word"; done; if [ "$word" = @- ]; then printf "\\0"; cat; fi; }\n'
)
SHELLS = [each for each in ("dash", "bash") if shutil.which(each)]


def message(body: bytes, head: bytes = HEAD) -> Message:
    return Message(head=head, body=body, size=len(body))


def words_of(command: str, shell: str = "sh", **environment: str) -> list[bytes]:
    """The words that curl gets."""
    done = subprocess.run(
        [shell], input=(FAKE + command).encode(), capture_output=True, check=True,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip
    assert done.stderr == b""
    words, piped, body = done.stdout.partition(b"\0@-\0")
    return [*words.split(b"\0")[1:], *([body] if piped else [])]


def body_of(words: list[bytes]) -> bytes:
    """The body that curl would send."""
    return words[-1]


@pytest.mark.parametrize("exchange", [each for _, _, each in EVERY], ids=IDS)
def test_curl_is_given_the_recorded_body(exchange: Exchange) -> None:
    if not exchange.request.body:
        assert "--data" not in as_curl(exchange.request, "http://h:9363")
        return
    command = as_curl(exchange.request, "http://h:9363")
    words = words_of(command)
    assert body_of(words) == exchange.request.body
    assert b"http://h:9363" + exchange.request.head.split()[1] in words
    if "base64" not in command:
        assert [word.encode() for word in shlex.split(command)[1:] if word != "\n"] == words


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'\"\\\n\t$`!@#&;|<>*?[]{}")))
@settings(max_examples=300, deadline=None)
def test_any_text_is_one_word(text: str) -> None:
    _, option = shell_body(text.encode() or b"x")
    assert shlex.split(option) == ["--data-raw", text or "x"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "body",
    [
        b"\x1b[201~\nrm -rf /\n",
        b"\xff\xfe\x00",
        "\x9b31m".encode(),
        b"'; touch pwned; '",
        b"@/etc/passwd",
        b"$HOME `id` \\ !!",
    ],
)
def test_no_body_escapes_its_quotes(body: bytes, shell: str) -> None:
    command = as_curl(message(body), "http://h")
    assert body_of(words_of(command, shell)) == body
    assert "\x1b" not in command
    assert "\x9b" not in command


@pytest.mark.parametrize("shell", SHELLS)
def test_head_and_path_stay_what_they_were(shell: str) -> None:
    head = b"PUT /a'b$(id)/../[1]?x={y}&z HTTP/1.1\r\nHost: x\r\n"
    head += b"X-It's: `id` \xe9\x1b[0m%s\\\r\nX-Empty:\r\nTE: x\r\n\r\n"
    words = words_of(as_curl(message(b"", head), "http://h"), shell)
    assert words == [
        b"--silent", b"--show-error", b"--globoff", b"--path-as-is", b"http://h/a'b$(id)/../[1]?x={y}&z",
        b"--request", b"PUT", b"--header", b"X-It's: `id` \xe9\x1b[0m%s\\", b"--header", b"X-Empty;",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("password", ["plain", "", "a&b<c>d]]>'\"$`\\", "é %s\\n"])
def test_a_secret_comes_from_the_environment_escaped_for_xml(password: str, shell: str) -> None:
    body = encode_request("session.login_with_password", ["it's", password, "1.0", "<redactedly>"])
    kept = redact_request(HEAD, body)
    assert kept.names
    command = as_curl(message(kept.body, kept.head), "http://h")
    assert body_of(words_of(command, shell, XRAYTAP_PASSWORD=password)) == body


def test_a_secret_in_json_is_escaped_for_json() -> None:
    body = b'{"method": "session.login_with_password", "params": ["root", "<redacted>"], "id": 1}'
    command = as_curl(message(body), "http://h")
    sent = body_of(words_of(command, XRAYTAP_PASSWORD='a"b\\c'))
    assert sent == body.replace(b"<redacted>", b'a\\"b\\\\c')


def test_without_the_secret_nothing_is_sent() -> None:
    command = as_curl(message(encode_request("session.slave_login", ["x", "<redacted>"])), "http://h")
    done = subprocess.run(
        ["sh"],
        input=FAKE + command,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert (done.stdout, done.returncode != 0) == ("", True)
    assert "XRAYTAP_PASSWORD: the secret that the capture lacks" in done.stderr


def test_secrets_are_named_after_parameter_or_member() -> None:
    request = Request(
        method="PBD.create",
        params=("T", {"host": "h", "device_config": "<redacted>", "x": [{"y": "<redacted>"}]}, "<redacted>"),
    )
    assert secret_names(request) == ["device_config", "y", "secret 3"]


def test_known_texts_stand_outside_the_quotes() -> None:
    _, option = shell_body(
        b"<a>OpaqueRef:1</a>'OpaqueRef:12'", known={"OpaqueRef:1": '"$a"', "OpaqueRef:12": '"$b"'}
    )
    assert option == "--data-raw '<a>'\"$a\"'</a>'\"'\"''\"$b\"''\"'\"''"


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (Message(head=b"", body=b"x", size=1), "no HTTP"),
        (Message(head=HEAD, body=b"x", size=9, cut=True), "only 1 of the body's 9 bytes"),
    ],
)
def test_what_curl_cannot_send_is_said(kept: Message, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        as_curl(kept, "http://h")


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    got: list[tuple[str, str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.got.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def recorder() -> Iterator[tuple[str, list[tuple[str, str, dict[str, str], bytes]]]]:
    got: list[tuple[str, str, dict[str, str], bytes]] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("R", (Recorder,), {"got": got}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_real_curl_sends_the_recorded_call(
    recorder: tuple[str, list[tuple[str, str, dict[str, str], bytes]]],
) -> None:
    url, got = recorder
    each = exchanges("py27-survey")[20].request
    subprocess.run(["sh"], input=as_curl(each, url), text=True, check=True, env={"PATH": os.environ["PATH"]})
    subprocess.run(
        ["sh"],
        input=as_curl(message(b"@\x1bx"), None),
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "XRAYTAP_URL": url},
    )
    assert [(method, path, head["Content-Type"], body) for method, path, head, body in got] == [
        ("POST", each.head.split()[1].decode(), "text/xml", each.body),
        ("POST", "/RPC2", "text/xml", b"@\x1bx"),
    ]
