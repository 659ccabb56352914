"""Reports of vehicles until they are committed, beside the same road without a database."""
import json
import os
import sqlite3
import subprocess

from figures import Figure, NotMeasured, alternate, median, progress, wait_for_port
from stage.program import Program
from stage.network import free_port

SECONDS = 5
PACE_PER_S = 500
PACE_SECONDS = 3
BUDGET_PER_S = 20_000
CAMPAIGN = "reports"


class PeerBroker:
    """Mosquitto with the very configuration that the server wrote for its own, at another port, with nobody behind it."""

    def __init__(self, ground, stage):
        own = stage.folder / "server" / "broker"
        folder = ground.folder / "peer-broker"
        (folder / "sessions").mkdir(parents=True)
        self.port = free_port()
        for name in ("mosquitto.conf", "access.list", "openssl.cnf"):
            text = (own / name).read_text()
            text = text.replace(str(own), str(folder)).replace(f"listener {stage.cloud.mqtt_port} ", f"listener {self.port} ")
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(text)
        argv = ["env", f"OPENSSL_CONF={folder / 'openssl.cnf'}", f"PATH={os.environ['PATH']}:/usr/sbin",
                "mosquitto", "-c", folder / "mosquitto.conf"]
        self.program = Program("peer-broker", argv, ground.folder)

    def start(self):
        self.program.start()
        wait_for_port(self.program, self.port)
        return self

    def stop(self):
        self.program.stop()


def prepare(ground):
    stage = ground.running_stage()
    image = ground.folder / "image-1.bin"
    image.write_bytes(os.urandom(1_000_000))
    package = stage.build_package(CAMPAIGN, "1.1.0", image, ecus=ground.one_ecu())
    stage.cloud.publish(package)
    stage.cloud.create_campaign(package, "Reports", "For the benchmark.")
    stage.cloud.deploy(CAMPAIGN, *ground.vins)
    return stage, ground.keep(PeerBroker(ground, stage).start())


def figures(ground):
    progress("mqtt: a campaign for the vehicles")
    stage, peer = prepare(ground)
    argv = [ground.programs / "bench-reports", "--pki", stage.cloud.pki, "--profile", stage.cloud.profile, "--campaign", CAMPAIGN]
    for vin in ground.vins:
        argv += ["--vin", vin]
    answered = 0

    def run(port, *words):
        done = subprocess.run([str(word) for word in (*argv, "--port", port, *words)], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise NotMeasured(done.stderr.strip()[-300:] or f"bench-reports ended with status {done.returncode}")
        return json.loads(done.stdout)

    def ours(*words):
        nonlocal answered
        taken = run(stage.cloud.mqtt_port, *words)
        answered += taken["answered"]
        return taken

    def theirs(*words):
        return run(peer.port, "--subscriber", *words)

    progress("mqtt: as fast as answered")
    fast = ("--seconds", SECONDS)
    full = alternate(3, lambda: ours(*fast), lambda: theirs(*fast))
    progress(f"mqtt: {PACE_PER_S} a second")
    slow = ("--seconds", PACE_SECONDS, "--rate", PACE_PER_S)
    paced = alternate(3, lambda: ours(*slow), lambda: theirs(*slow))
    ground.after_stop(lambda: check_committed(stage, answered))
    return [throughput(full), *latencies(paced)]


def throughput(full):
    mine, theirs = (median([one["per_second"] for one in side]) for side in full)
    return Figure(f"mqtt: reports committed, {full[0][0]['message_bytes']} bytes, QoS 1", mine, theirs, "Mosquitto → a subscriber", "/s",
                  mine / theirs, f"≥ {BUDGET_PER_S:,}/s", mine >= BUDGET_PER_S, {"ours": full[0], "peer": full[1]})


def latencies(paced):
    for name, part in (("p50", "p50_ms"), ("p99", "p99_ms")):
        mine, theirs = (median([one[part] for one in side]) for side in paced)
        yield Figure(f"mqtt: report → acknowledged, {PACE_PER_S}/s, {name}", mine, theirs, "Mosquitto → a subscriber", "ms", mine / theirs,
                     "< 10 ms" if name == "p99" else "", mine < 10 if name == "p99" else None, {"ours": paced[0], "peer": paced[1]})


def check_committed(stage, answered):
    """The database is opened when the server has closed it: every report that was acknowledged stands in it."""
    with sqlite3.connect(stage.folder / "server" / "pitstop.db") as database:
        rows, = database.execute("SELECT COUNT(*) FROM events WHERE campaign = ? AND phase = 'downloading'", (CAMPAIGN,)).fetchone()
    if rows < answered:
        raise NotMeasured(f"{answered} reports were acknowledged, {rows} are in the database")
