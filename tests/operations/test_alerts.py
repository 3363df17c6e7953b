"""Alerts, over real HTTP and SMTP on loopback: once until it changes, and nothing personal."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from operations.alerts import NotSent, mail, post, tell
from operations.concerns import Concern
from operations.watch import watch

SYNC = Concern("sync_late", "the last good sync was 2 h ago: `hiring sync`", 7200)
DISK = Concern("disk", "only 1.0 MB of disk are free: make room")


@pytest.fixture
def slack():
    """An HTTP server that takes messages; `answer` is its status."""

    class Slack(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.bodies.append(json.loads(body))
            self.send_response(self.server.answer)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    server.bodies, server.answer = [], 200
    server.url = SecretStr(f"http://127.0.0.1:{server.server_port}/services/secret")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def post_office():
    """A mail server that keeps what it takes."""

    class Office:
        def __init__(self):
            self.mails = []

        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - its interface
            self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 OK"

    office = Office()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    office.url = SecretStr(f"smtp://127.0.0.1:{controller.port}")
    yield office
    controller.stop()


@pytest.fixture
def settings(changed, slack):
    return changed(alert_webhook=slack.url)


def test_a_concern_is_told_once_until_it_doubles_and_once_more_when_it_is_over(settings, slack):
    assert tell(settings, [SYNC]).new == ("sync_late",)
    assert tell(settings, [SYNC]).new == ()
    grown = Concern(SYNC.key, "now 3 h", 10000)
    assert tell(settings, [grown]).new == ()
    doubled = Concern(SYNC.key, "now 4 h", 14400)
    assert tell(settings, [doubled]).new == ("sync_late",)
    assert tell(settings, []).over == ("sync_late",)
    assert tell(settings, []).over == ()
    assert [body["text"] for body in slack.bodies] == [
        f"• {SYNC.text}",
        "• now 4 h",
        "✓ over: sync_late",
    ]


def test_another_concern_is_told_alone(settings, slack):
    tell(settings, [SYNC])
    assert tell(settings, [SYNC, DISK]).new == ("disk",)
    assert slack.bodies[-1] == {"text": f"• {DISK.text}"}


def test_what_comes_back_is_told_again(settings, slack):
    for concerns in ([SYNC], [], [SYNC]):
        tell(settings, concerns)
    assert len(slack.bodies) == 3


def test_a_message_that_was_not_taken_is_tried_again(settings, slack):
    slack.answer = 500
    assert tell(settings, [SYNC]).failed == ("webhook",)
    slack.answer = 200
    assert tell(settings, [SYNC]).failed == ()
    assert len(slack.bodies) == 2
    assert tell(settings, [SYNC]).new == ()


def test_mails_go_to_every_address_with_a_subject(changed, post_office):
    settings = changed(
        alert_emails=("a@example.com", "b@example.com"),
        smtp_url=post_office.url,
        alert_sender="hiring@example.com",
    )
    assert tell(settings, [SYNC, DISK]).failed == ()
    ((receivers, message),) = post_office.mails
    assert receivers == ["a@example.com", "b@example.com"]
    assert message["Subject"] == "hiring: 2 need attention"
    assert message["From"] == "hiring@example.com"
    text = message.get_payload(decode=True).decode()
    assert SYNC.text in text
    assert DISK.text in text


def test_one_channel_that_fails_does_not_stop_the_other_nor_repeat_it(changed, slack, post_office):
    slack.answer = 404
    settings = changed(
        alert_webhook=slack.url, alert_emails=("a@example.com",), smtp_url=post_office.url
    )
    assert tell(settings, [SYNC]).failed == ("webhook",)
    assert tell(settings, [SYNC]).new == ()
    assert len(post_office.mails) == 1


def test_an_error_of_a_channel_tells_neither_address_nor_password():
    for send in (
        lambda: post("http://127.0.0.1:1/services/secret", "text"),
        lambda: post("http://[secret", "text"),
        lambda: mail("smtp://user:secret@127.0.0.1:1", "s@example.com", ["r@example.com"], "", ""),
        lambda: mail("gopher://secret", "s@example.com", ["r@example.com"], "", ""),
    ):
        with pytest.raises(NotSent) as error:
            send()
        assert "secret" not in str(error.value)
        assert "example" not in str(error.value)


def test_without_a_channel_nothing_is_noted(home):
    assert tell(home.settings, [SYNC]).new == ()
    assert not (home.settings.state / "operations").exists()


def test_watching_a_home_tells_what_its_status_says_and_writes_its_metrics(home, settings, slack):
    home.settled(3)
    home.publish(3, quality=[("unmapped status", "Jane Example", 1)])
    told = watch(settings, quarantined=2)
    assert told.new == ("quarantine", "unmapped status")
    (body,) = slack.bodies
    assert "2 deliveries in quarantine" in body["text"]
    assert "Jane" not in body["text"]
    metrics = (home.settings.state / "metrics" / "hiring.prom").read_text()
    assert 'hiring_ledger_events{place="landed"} 3.0' in metrics
    assert 'hiring_concern{key="quarantine"} 1.0' in metrics
    assert "Jane" not in metrics


def test_a_creation_that_was_never_received_is_told_by_count(home, settings, slack):
    home.settled(3)
    at = datetime.now(UTC) - timedelta(days=3)
    home.publish(3, applications=[("uuid-of-jane", "job", at, at, True, "open")])
    home.ran()
    assert watch(settings, quarantined=0).new == ("missed",)
    assert "uuid-of-jane" not in slack.bodies[0]["text"]
