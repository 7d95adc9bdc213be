"""The pytest plugin as its users meet it: pytest runs inside pytest, on small projects."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from xraytap.playback.server import PlaybackServer
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden
from xraytap.testing import fixture
from xraytap.testing.paths import file_name
from xraytap.testing.recording import RecordingHost

if TYPE_CHECKING:
    from pathlib import Path

# No cache of theirs in the inner runs; and Hypothesis, which they do not use, imports itself for their summary.
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
GOLDEN = """xraytap-golden: 1
api: xend 1.0
calls:
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- VM.get_all: [!session s1]
  answer: [!ref VM.1, !ref VM.2]
- VM.start: [!session s1, !ref VM.2, false]
  answer: ""
- VM.set_memory_static_max: [!session s1, !ref VM.2, "268435456"]
  answer: ""
"""
CLIENT = """
import pytest
from xmlrpc.client import ServerProxy

def value(answer):
    if answer["Status"] != "Success":
        raise RuntimeError(answer["ErrorDescription"][0])
    return answer["Value"]

class Client:
    def __init__(self, url):
        self.proxy = ServerProxy(url)
        self.token = value(self.proxy.session.login_with_password("root", "s3cret"))
    def __getattr__(self, name):
        part = getattr(self.proxy, name)
        class Class:
            def __getattr__(_, message):
                return lambda *params: value(getattr(part, message)(self.token, *params))
        return Class()

@pytest.fixture
def client(xen_host):
    made = Client(xen_host.url)
    yield made
    made.proxy("close")()
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a client and a golden `guest.yaml`."""
    pytester.makeconftest(CLIENT)
    goldens = pytester.mkdir("goldens")
    (goldens / "guest.yaml").write_text(GOLDEN)
    return pytester


def run(project: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    project.makepyfile(test_guest=test)
    return project.runpytest_inprocess(*QUIET, *arguments)


MARK = "import pytest\npytestmark = pytest.mark.xen_golden('guest.yaml')\n"


def test_a_test_plays_its_golden_and_asserts_on_its_calls(project: pytest.Pytester) -> None:
    result = run(
        project,
        MARK
        + """
def test_start(client, xen_host):
    guest = client.VM.get_all()[1]
    client.VM.start(guest, False)
    client.VM.set_memory_static_max(guest, "268435456")
    assert guest == xen_host.ref("VM.2") == xen_host.uuid("VM.2")
    assert xen_host.host == "127.0.0.1" and xen_host.port > 0
    assert [call.method for call in xen_host.calls][:2] == ["session.login_with_password", "VM.get_all"]
    assert xen_host.calls[0].params == {"uname": "root", "pwd": "s3cret"}
    call = xen_host.assert_called("VM.start", start_paused=False)
    assert (call.recorded, call.outcome, call.value) == (3, "success", "")
    xen_host.assert_called("VM.start", guest, False)
    xen_host.assert_called_once("VM.*set_memory*", value=268435456)
    xen_host.assert_called("VM.start", times=1)
    xen_host.assert_not_called("VM.start", start_paused=True)
    xen_host.assert_not_called("*.destroy")
    xen_host.assert_order("VM.get_all", "VM.start")
""",
    )
    result.assert_outcomes(passed=1)


def test_a_call_without_an_answer_fails_the_test_with_a_diff(project: pytest.Pytester) -> None:
    result = run(
        project,
        MARK
        + """
def test_swallows(client):
    try:
        client.VM.start(client.VM.get_all()[1], True)
    except RuntimeError:
        pass
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "1 call has no recorded answer in *goldens/guest.yaml:",
            "VM.start: nearest is recorded call 3: parameter 3 (start_paused) is false there, true here",
            "*  VM.start",
            "*    session: !session s1",
            "*    vm: !ref VM.2",
            "*-   start_paused: false",
            "*+   start_paused: true",
            "To record it: pytest 'test_guest.py::test_swallows' --xraytap-record=http://XENHOST --xraytap-mode=all",
        ]
    )


def test_a_test_that_fails_by_itself_shows_them_too(project: pytest.Pytester) -> None:
    result = run(project, MARK + "def test_raises(client):\n    client.VM.get_record('nosuch')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *RuntimeError: XRAYTAP_NO_MATCH",
            "*xraytap*",
            "VM.get_record: the golden has no VM.get_record; *",
        ]
    )


def test_a_fixture_that_is_asked_for_by_name_only_while_the_test_runs_counts_too(
    project: pytest.Pytester,
) -> None:
    result = run(
        project,
        MARK
        + """
def test_late(request):
    client = request.getfixturevalue("client")
    with pytest.raises(RuntimeError):
        client.VM.get_nothing()
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["VM.get_nothing: the golden has no VM.get_nothing; *"])


def test_a_client_that_fails_in_a_fixture_shows_them_too(project: pytest.Pytester) -> None:
    result = run(
        project,
        MARK
        + """
@pytest.fixture
def guest(client):
    return client.VM.get_by_uuid("x")

def test_it(guest):
    pass
""",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*xraytap setup*", "VM.get_by_uuid: the golden has no VM.get_by_uuid; *"])


def test_secrets_stand_in_no_report(project: pytest.Pytester) -> None:
    test = MARK + "def test_it(client):\n    client.session.change_password('s3cret', 'n3w')\n"
    result = run(project, test, "--tb=line")
    result.assert_outcomes(failed=1)
    assert "s3cret" not in result.stdout.str()
    assert "n3w" not in result.stdout.str()


@pytest.mark.parametrize(
    ("unused", "outcome"), [("fail", {"passed": 1, "errors": 1}), ("ignore", {"passed": 1})]
)
def test_unused_calls_fail_where_that_is_asked_for(
    project: pytest.Pytester, unused: str, outcome: dict[str, int]
) -> None:
    result = run(
        project,
        f"import pytest\n@pytest.mark.xen_golden('guest.yaml', unused='{unused}')\n"
        "def test_it(client):\n    client.VM.get_all()\n",
    )
    result.assert_outcomes(**outcome)
    if unused == "fail":
        result.stdout.fnmatch_lines(["2 recorded calls were never asked for, of *:", "  call 3, VM.start"])


def test_what_a_clients_teardown_asks_for_counts(project: pytest.Pytester) -> None:
    golden = GOLDEN.replace("- VM.start: [!session s1, !ref VM.2, false]", "- session.logout: [!session s1]")
    golden = golden.partition("- VM.set_memory")[0]
    (project.path / "goldens" / "guest.yaml").write_text(golden)
    result = run(
        project,
        """
import pytest

@pytest.fixture
def leaving(client):
    yield client
    client.session.logout()

@pytest.mark.xen_golden("guest.yaml", unused="fail")
def test_it(leaving):
    leaving.VM.get_all()

@pytest.fixture
def late(client):
    yield client
    with pytest.raises(RuntimeError):
        client.VM.get_nothing()

@pytest.mark.xen_golden("guest.yaml")
def test_late(late):
    pass
""",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["at the test's end: 1 call has no recorded answer in *"])


def test_modes_are_those_of_playback(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
import pytest

@pytest.mark.xen_golden("guest.yaml", mode="strict")
def test_strict(client):
    client.VM.start(client.VM.get_all()[1], False)
    client.VM.get_all()
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*strict order: due is recorded call 4, VM.set_memory_static_max*"])


def test_goldens_are_found_by_module_class_and_parameters(project: pytest.Pytester) -> None:
    folder = project.path / "goldens" / "test_guest"
    folder.mkdir()
    for name in ("test_plain", "TestGuest.test_inside", "test_each-one", file_name("test_each[a/b]")):
        (folder / f"{name}.yaml").write_text(GOLDEN)
    result = run(
        project,
        """
import pytest

def test_plain(xen_host):
    assert xen_host.golden.name == "test_plain.yaml"

class TestGuest:
    def test_inside(self, xen_host):
        assert xen_host.golden.name == "TestGuest.test_inside.yaml"

@pytest.mark.parametrize("name", ["one", "a/b"])
def test_each(xen_host, name):
    assert xen_host.golden.name.startswith("test_each-")
""",
    )
    result.assert_outcomes(passed=4)


def test_the_folder_is_a_setting(project: pytest.Pytester) -> None:
    (project.path / "goldens").rename(project.path / "recorded")
    project.makeini("[pytest]\nxraytap_goldens = recorded\n")
    result = run(project, MARK + "def test_it(client):\n    client.VM.get_all()\n")
    result.assert_outcomes(passed=1)


def test_a_shipped_golden_is_named_as_such(project: pytest.Pytester) -> None:
    result = run(
        project,
        "import pytest\n@pytest.mark.xen_golden('shipped:example-session')\n"
        "def test_it(client):\n    assert len(client.VM.get_all()) == 2\n",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "arguments", "reason"),
    [
        ("'none.yaml'", (), "the golden *goldens/none.yaml is not there.*"),
        ("'none.yaml'", ("--xraytap-mode=once",), "--xraytap-mode=once needs --xraytap-record=URL*"),
        ("'shipped:none'", (), "no shipped golden 'none'. Those that ship: *"),
        ("'guest.yaml', mode='odd'", (), "*xen_golden has mode='odd'; expected match or loop or strict."),
        ("'guest.yaml', unused='odd'", (), "*xen_golden has unused='odd'; expected ignore or fail."),
        ("'guest.yaml', 'b.yaml'", (), "*xen_golden has 2 paths; expected one path, mode, unused, network."),
        ("'guest.yaml', moed='x'", (), "*xen_golden has moed; expected one path, mode, unused, network."),
        ("'broken.yaml'", (), "*broken.yaml, line 2: this is no YAML*"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(
    project: pytest.Pytester, marker: str, arguments: tuple[str, ...], reason: str
) -> None:
    (project.path / "goldens" / "broken.yaml").write_text("calls: [")
    result = run(
        project,
        f"import pytest\n@pytest.mark.xen_golden({marker})\ndef test_it(xen_host):\n    pass\n",
        *arguments,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([reason])
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()


def test_asyncio_clients_play_too(project: pytest.Pytester) -> None:
    result = run(
        project,
        MARK
        + """
import asyncio
from xmlrpc.client import dumps, loads

async def ask(host, method, *params):
    reader, writer = await asyncio.open_connection(host.host, host.port)
    body = dumps(params, method).encode()
    head = f"POST / HTTP/1.0\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return loads(answer.partition(b"\\r\\n\\r\\n")[2])[0][0]["Value"]

async def session(host):
    token = await ask(host, "session.login_with_password", "root", "x")
    return await asyncio.gather(*(ask(host, "VM.get_all", token) for _ in range(5)))

def test_it(xen_host):
    assert len({tuple(each) for each in asyncio.run(session(xen_host))}) == 1
    xen_host.assert_called("VM.get_all", times=5)
""",
    )
    result.assert_outcomes(passed=1)


def test_no_other_host_can_be_reached(project: pytest.Pytester) -> None:
    result = run(
        project,
        MARK
        + """
import socket

def test_refused(xen_host):
    with pytest.raises(RuntimeError, match=r"tried to reach 192\\.0\\.2\\.1:443; while it runs only loopback"):
        socket.create_connection(("192.0.2.1", 443), timeout=1)

def test_swallowed(xen_host):
    try:
        socket.create_connection(("xenhost.example", 443), timeout=1)
    except RuntimeError:
        pass

@pytest.mark.xen_golden("guest.yaml", network=True)
def test_open(xen_host):
    with socket.socket() as client:
        assert type(client).connect is type(client).__mro__[1].connect

def test_without_the_fixture():
    with socket.socket() as client:
        assert type(client).connect is type(client).__mro__[1].connect
""",
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["the test tried to reach xenhost.example:443, and went on when that was refused."]
    )


def test_goldens_are_recorded_from_a_host_and_then_played_without_it(project: pytest.Pytester) -> None:
    test = """
import pytest

@pytest.mark.parametrize("name", ["a"])
def test_look(client, xen_host, name):
    guest = client.VM.get_all()[-1]
    assert client.VM.get_name_label(guest) == "guest002"
    xen_host.assert_called("VM.get_name_label")
"""
    golden = project.path / "goldens" / "test_guest" / "test_look-a.yaml"
    with PlaybackServer(load_golden(shipped_capture("example-session"))) as host:
        result = run(project, test, f"--xraytap-record={host.url}")
        text = golden.read_text()
        again = run(project, test, f"--xraytap-record={host.url}", "--xraytap-mode=all")
    for each in (result, again):
        each.assert_outcomes(passed=1)
        each.stdout.fnmatch_lines(
            ["*goldens recorded by xraytap*", "*goldens/test_guest/test_look-a.yaml: 3 calls"]
        )
    assert "s3cret" not in text
    assert "VM.get_name_label: [!session s1, !ref VM.2]" in text
    assert golden.read_text() == text
    # Nobody listens there any more, and nobody is asked: the golden is there.
    run(project, test, f"--xraytap-record={host.url}").assert_outcomes(passed=1)


def test_the_golden_of_a_test_that_fails_is_not_written(tmp_path: Path) -> None:
    golden = tmp_path / "some.yaml"
    host = RecordingHost("http://127.0.0.1:9", golden, tmp_path / "calls.db")
    assert fixture._save(host, "test_it", passed=False) == f"not recorded, as test_it did not pass: {golden}"
    assert not golden.exists()


@pytest.mark.parametrize(
    ("arguments", "there", "records"),
    [
        ([], False, False),
        (["--xraytap-record=URL"], False, True),
        (["--xraytap-record=URL"], True, False),
        (["--xraytap-record=URL", "--xraytap-mode=once"], True, False),
        (["--xraytap-record=URL", "--xraytap-mode=all"], True, True),
        (["--xraytap-record=URL", "--xraytap-mode=none"], False, False),
        (["--xraytap-mode=once"], True, False),
    ],
)
def test_modes_of_recording_are_as_in_pytest_recording(
    pytester: pytest.Pytester, tmp_path: Path, arguments: list[str], there: bool, records: bool
) -> None:
    golden = tmp_path / "some.yaml"
    if there:
        golden.write_text("")
    config = pytester.parseconfig(*arguments)
    assert fixture._records(config, fixture._Wish(), golden, "test") is records


def test_many_processes_play_at_once(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_guest=MARK
        + """
@pytest.mark.parametrize("number", range(6))
def test_each(client, xen_host, number):
    assert len(client.VM.get_all()) == 2
    xen_host.assert_called_once("VM.get_all")
"""
    )
    result = project.runpytest_subprocess(*QUIET, "-n", "2")
    result.assert_outcomes(passed=6)


def test_a_project_that_does_not_use_it_loads_nothing_for_it(pytester: pytest.Pytester) -> None:
    test = pytester.makepyfile("def test_it():\n    import sys\n    print(*sorted(sys.modules))\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", *QUIET, str(test)],
        capture_output=True,
        text=True,
        check=True,
        cwd=pytester.path,
    )
    loaded = {
        name for line in done.stdout.splitlines() for name in line.split() if name.startswith("xraytap")
    }
    assert loaded == {"xraytap", "xraytap.pytest_plugin"}


def test_its_options_and_marker_are_documented(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--help")
    result.stdout.fnmatch_lines(["*--xraytap-record=URL*", "*--xraytap-mode=*"])
    pytester.runpytest_inprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.xen_golden(path, *"])
