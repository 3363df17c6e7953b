"""deploy/: checked by the tools that read it, as far as they are installed."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from operations.exposition import exposition
from operations.status import status

DEPLOY = Path(__file__).parents[2] / "deploy"
TOKEN = "invented-token-that-no-log-may-show"


def tool(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return found


@pytest.mark.parametrize("name", ["hiring-receiver.service", "hiring-worker.service"])
def test_systemd_finds_no_fault_in_the_units(name, tmp_path):
    analyze = tool("systemd-analyze", "systemd")
    unit = (DEPLOY / "systemd" / name).read_text()
    assert "/opt/hiring/.venv/bin/hiring" in unit
    here = tmp_path / name  # the program must exist where the unit says
    here.write_text(unit.replace("/opt/hiring/.venv/bin/hiring", sys.executable))
    done = subprocess.run([analyze, "verify", here], capture_output=True, text=True, timeout=60)
    own = [line for line in done.stderr.splitlines() if name in line]
    assert (done.returncode, own) == (0, [])


def test_prometheus_accepts_the_rules():
    promtool = tool("promtool", "prometheus")
    done = subprocess.run(
        [promtool, "check", "rules", DEPLOY / "prometheus-rules.yml"], capture_output=True
    )
    assert done.returncode == 0, done.stdout


def test_rules_and_dashboard_name_only_metrics_that_exist(home):
    home.settled(3)
    home.note("worker.json", jobs={"sync": {"runs": 1, "failures": 0}})
    home.note("receiver/w0.json", last_event=time.time())
    ours = exposition(status(home.settings, quarantined=1)).decode()
    receiver = (DEPLOY.parent / "receiver" / "metrics.py").read_text()
    texts = [
        (DEPLOY / name).read_text() for name in ("prometheus-rules.yml", "grafana-dashboard.json")
    ]
    used = {m for text in texts for m in re.findall(r"\bhiring_\w+", text)}
    assert len(used) > 10
    for metric in used:
        if metric.startswith("hiring_receiver_"):
            name = metric.removeprefix("hiring_receiver_")
            assert f'"{re.sub("_(total|bucket)$", "", name)}"' in receiver, metric
        else:
            assert re.search(rf"^{metric}\b", ours, re.MULTILINE), metric


def test_the_dashboards_panels_do_not_cover_one_another():
    panels = json.loads((DEPLOY / "grafana-dashboard.json").read_text())["panels"]
    cells = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_containers_run_without_root_and_copy_every_room():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())
    rooms = [r.rstrip(".*") for r in project["tool"]["setuptools"]["packages"]["find"]["include"]]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert [r for r in rooms if f"COPY {r} {r}" not in dockerfile or f"!{r}" not in ignored] == []
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services) == {"receiver", "worker", "proxy"}
    for name in ("receiver", "worker"):
        assert services[name]["read_only"]
        assert services[name]["volumes"] == ["data:/data"]


def test_cron_calls_commands_that_exist():
    from hiring import app

    known = {c.name or c.callback.__name__ for c in app.registered_commands}
    lines = re.findall(r"^[^#].*", (DEPLOY / "crontab").read_text(), re.MULTILINE)
    called = {re.search(r"bin/hiring (\w+)", line)[1] for line in lines}
    assert called == {"sync", "report", "status"}
    assert called - {"status"} <= known


class Upstream(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["content-length"])
        self.server.seen.append((self.path, self.rfile.read(length), dict(self.headers)))
        self.send_response(200)
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - its interface

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy(tmp_path):
    """nginx by deploy/nginx.conf, on loopback, with a receiver behind it and its logs in files."""
    nginx, openssl = tool("nginx", "nginx-light"), tool("openssl", "openssl")
    subprocess.run(
        f"{openssl} req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost"
        " -keyout privkey.pem -out fullchain.pem".split(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    upstream.seen = []
    threading.Thread(target=upstream.serve_forever, args=(0.02,), daemon=True).start()
    tls, plain = free_port(), free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "127.0.0.1:8000": f"127.0.0.1:{upstream.server_port}",
        "/etc/hiring/tls": str(tmp_path),
        "/dev/stderr": str(tmp_path / "error.log"),
        "/dev/stdout": str(tmp_path / "access.log"),
        "/tmp/hiring": str(tmp_path / "nginx"),  # noqa: S108 - what the file says
    }.items():
        assert old in text
        text = text.replace(old, new)
    conf = tmp_path / "nginx.conf"
    conf.write_text("daemon off;\n" + text)
    subprocess.run(
        [nginx, "-t", "-c", conf, "-e", tmp_path / "start.log"], check=True, capture_output=True
    )
    server = subprocess.Popen([nginx, "-c", conf, "-e", tmp_path / "start.log"])
    try:
        wait_for(tls)
        yield Proxy(tls, plain, upstream, tmp_path)
    finally:
        server.terminate()
        server.wait(10)
        upstream.server_close()


class Proxy:
    def __init__(self, tls, plain, upstream, folder):
        self.tls, self.plain, self.upstream, self.folder = tls, plain, upstream, folder

    def post(self, path, body=b"{}", scheme="https"):
        port = self.tls if scheme == "https" else self.plain
        with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 - our own certificate
            return client.post(f"{scheme}://127.0.0.1:{port}{path}", content=body)

    def logs(self):
        time.sleep(0.2)
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError


def test_no_log_of_the_proxy_shows_the_token_whatever_goes_wrong(proxy):
    hook = f"/webhooks/occupop/{TOKEN}"
    assert proxy.post(hook, b'{"a":1}').status_code == 200
    path, body, headers = proxy.upstream.seen[0]
    assert (path, body) == (hook, b'{"a":1}')
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert proxy.post(hook + "?x=" + TOKEN).status_code == 200
    assert proxy.post(hook, b"x" * (3 << 20)).status_code == 413
    assert proxy.post(hook, scheme="http").status_code == 404
    assert proxy.post("/" + "x" * 40000 + TOKEN).status_code == 414
    assert proxy.post("/webhooks//occupop/" + TOKEN).status_code in (200, 404)
    proxy.upstream.shutdown()
    proxy.upstream.server_close()
    assert proxy.post(hook).status_code == 502
    logs = proxy.logs()
    assert "POST /webhooks/occupop/*** 200" in logs
    assert "502" in logs
    assert TOKEN not in logs


def test_metrics_and_docs_are_not_reached_from_outside(proxy):
    for path in ("/metrics", "/docs", "/readyz", "/openapi.json", "/webhooks"):
        assert proxy.post(path).status_code == 404
    assert proxy.upstream.seen == []
