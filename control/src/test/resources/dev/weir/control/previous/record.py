#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records a store and a gateway's snapshot with the Weir of another checkout. README.md explains it."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
GATEWAY = pathlib.Path(*HERE.parts[: HERE.parts.index("control")]) / "gateway/src/test/resources/dev/weir/gateway/previous"
KEY = "fixture-key-of-no-value"
KINDS = {
    "models": True, "modelversions": True, "services": True, "rollouts": True, "routes": True,
    "rolebindings": True, "apikeys": True, "targets": False, "policies": False, "principals": False,
    "alertchannels": False,
}


def call(base, key, method, path, body=None):
    request = urllib.request.Request(base + path, method=method, data=body, headers={"authorization": "Bearer " + key})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused


def until(what, condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("not within %d s: %s" % (seconds, what))
        time.sleep(0.2)


class Weir:
    def __init__(self, checkout, data):
        self.data = data
        environment = dict(os.environ, WEIR_NO_BUILD="1", WEIR_CONFIG_DIR=str(data / "context"),
                           FIXTURE_TOKEN="none", FIXTURE_HOOK="none")
        self.process = subprocess.Popen(
            [str(checkout / "weir"), "up", "--data", str(data), "--gateway", "127.0.0.1:0", "--control", "127.0.0.1:0"],
            env=environment, stdout=open(data / "up.log", "w"), stderr=subprocess.STDOUT)
        until("weir up", lambda: (data / "weir.json").exists())
        ready = json.loads((data / "weir.json").read_text())
        self.gateway, self.control = ready["gateway"], ready["control"]
        self.admin = pathlib.Path(ready["adminKeyFile"]).read_text().strip()

    def end(self):
        """Kills Weir in the middle of what it does, and then the engines, which survive it."""
        engines = [replica["pid"] for replica in self.api("GET", "/replicas")["items"] if "pid" in replica]
        self.process.kill()
        self.process.wait()
        for pid in engines:
            os.kill(pid, signal.SIGKILL)

    def api(self, method, path, body=None):
        return call(self.control, self.admin, method, "/api/v1" + path, body)

    def apply(self, version):
        hashed = "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()
        text = (HERE / "manifests.yaml").read_text().replace("{version}", version).replace("{hash}", hashed)
        self.api("POST", "/apply?reason=fixture", text.encode())

    def one(self, plural, name):
        return self.api("GET", f"/namespaces/default/{plural}/{name}")

    def phase(self, name):
        try:
            return self.one("rollouts", name)["status"].get("phase", "")
        except RuntimeError:
            return ""

    def traffic(self, requests):
        body = json.dumps({"model": "assistant", "max_tokens": 8, "stream": False,
                           "messages": [{"role": "user", "content": "hello"}]}).encode()

        def one(_):
            request = urllib.request.Request(
                self.gateway + "/v1/chat/completions", data=body,
                headers={"authorization": "Bearer " + KEY, "content-type": "application/json"})
            try:
                urllib.request.urlopen(request, timeout=30).read()
            except urllib.error.HTTPError as refused:
                refused.read()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(requests)))

    def resources(self):
        found = []
        for plural, namespaced in KINDS.items():
            path = ("/namespaces/default/" if namespaced else "/") + plural
            found += self.api("GET", path)["items"]
        return found


def record(checkout, data):
    weir = Weir(checkout, data)
    try:
        weir.apply("1")
        until("chat@1 serves", lambda: weir.one("services", "chat")["status"].get("stable"))
        weir.apply("3")
        until("chat@3 gets requests", lambda: weir.phase("chat-1") == "Progressing")
        weir.api("POST", "/namespaces/default/rollouts/chat-1/abort?reason=fixture")
        until("chat-1 ends", lambda: weir.phase("chat-1") in ("Aborted", "RolledBack"))
        weir.apply("2")
        until("chat@2 gets requests", lambda: weir.phase("chat-2") == "Progressing")
        fault = {"target": "hosted", "kind": "health", "says": "unready", "duration": "1h", "acknowledgeRealTraffic": True}
        weir.api("POST", "/namespaces/default/faults?reason=fixture", json.dumps(fault).encode())
        weir.api("POST", "/namespaces/default/replicas/chat-1-1/cordon?reason=fixture")
        for _ in range(12):
            weir.traffic(50)
            time.sleep(0.5)
        until("the analysis has a state", lambda: rows(data, "select count(*) from analysis_state")[0][0] > 0)
        expected = weir.resources()
        return expected
    finally:
        weir.end()


def rows(data, query):
    database = sqlite3.connect(f"file:{data}/weir.db?mode=ro", uri=True)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def fold(data):
    """Moves the write-ahead log into the database, as the next start does: it is a multiple of the size."""
    database = sqlite3.connect(data / "weir.db")
    database.execute("pragma wal_checkpoint(truncate)")
    database.close()


def main():
    checkout = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder)
        expected = record(checkout, data)
        fold(data)
        with zipfile.ZipFile(HERE / "store.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in ("weir.db", "store.id"):
                archive.write(data / name, name)
            archive.writestr("resources.json", json.dumps(expected, indent=1))
        GATEWAY.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(GATEWAY / "gateway.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in ("snapshot.json", "store", "gateway-id"):
                archive.write(data / "gateway" / name, name)


if __name__ == "__main__":
    main()
