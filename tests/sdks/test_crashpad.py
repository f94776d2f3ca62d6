"""A process that truly dies, and the real crashpad_handler that tells of it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from tests.sdks.dying import ELECTRON, die
from tests.sdks.sdks import Receiver, until


@pytest.mark.parametrize("option", ["--no-identify-client-via-url", "--no-upload-gzip"])
def test_a_process_that_died_is_a_crash_with_its_place(
    start_receiver, proxy, program, handler, option
):
    receiver: Receiver = start_receiver()
    url = f"{proxy.url}/api/minidump?app_key={receiver.key}"
    die(program, handler, url, option, **ELECTRON, process_type="renderer", switch="--unsaid")
    [crash] = until(receiver.crashes)
    assert crash["error_message"].startswith("SIGSEGV in stories-recorder+0x")
    assert (crash["crash_type"], crash["app_version"]) == ("renderer_crash", "1.4.2")
    assert crash["os_version"].startswith("Linux ")
    assert "unsaid" not in str(crash)
    [exchange] = proxy.sent()
    assert exchange.headers["transfer-encoding"] == "chunked"
    assert exchange.coding == (None if option == "--no-upload-gzip" else "gzip")
    assert exchange.answer_headers["content-type"].startswith("text/plain")
    again = proxy.forward("POST", exchange.path, exchange.headers, exchange.body)
    assert again.status == 200
    assert len(receiver.crashes()) == 1


def test_the_same_fault_of_two_people_is_one_issue(start_receiver, proxy, program, handler):
    receiver: Receiver = start_receiver()
    people = ["jane@example.org", str(UUID(int=7))]
    for person in people:
        url = f"{proxy.url}/api/{receiver.app_id}/minidump/?sentry_key={receiver.key}"
        die(program, handler, url, **ELECTRON, user_id=person)
    crashes = until(lambda: (rows := receiver.crashes()) and len(rows) == 2 and rows)
    assert len({crash["user_id"] for crash in crashes}) == 2
    assert str(UUID(int=7)) in {crash["user_id"] for crash in crashes}
    # Once both are folded.
    [issue] = until(lambda: [each for each in receiver.issues() if each["crashes"] == 2])
    assert issue["culprit"].startswith("stories-recorder+0x")


def test_a_wrong_key_is_refused(start_receiver, proxy, program, handler):
    receiver: Receiver = start_receiver()
    key = "0" * 32
    for path, status in (
        (f"/api/minidump?app_key={key}", 401),
        (f"/api/{receiver.app_id}/minidump/?sentry_key={key}", 403),
    ):
        die(program, handler, proxy.url + path, **ELECTRON)
        until(partial(proxy.has_answered, status))
    assert receiver.crashes() == []


@pytest.mark.parametrize("fault", ["away", "503", "lost answer"])
def test_a_report_that_could_not_be_sent_goes_with_the_next_one(
    start_receiver, proxy, lone_server, program, handler, fault
):
    receiver: Receiver = start_receiver()
    url = f"{proxy.url}/api/minidump?app_key={receiver.key}"
    own_port = proxy.server_port
    if fault == "away":
        proxy.go_away()
    elif fault == "503":
        proxy.server_port = lone_server.port
    else:
        proxy.losing = "minidump"
    die(program, handler, url, **ELECTRON)
    if fault == "away":
        proxy.come_back()
    else:
        until(proxy.sent)
    proxy.server_port = own_port
    die(program, handler, url, **ELECTRON, process_type="renderer")
    until(lambda: 200 in proxy.statuses()[1 if fault == "lost answer" else 0 :])
    kinds = [crash["crash_type"] for crash in receiver.crashes()]
    assert kinds.count("main_crash") == 1
    assert kinds.count("renderer_crash") <= 1  # it may wait for the next start of all
