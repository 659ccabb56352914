"""kill -9 of an ECU at 200 random moments while a tester programs it again and again: it always starts again, with one of its two images,
and is updated in the end.

The flash is a file. The tester goes on where an interrupted transfer stopped, takes an image on trial back or commits it, and then has the
next one. Each image is directed and judged as in a car. SEED=n plays other moments.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import struct
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "attacks")]
from forger import Forger, director_files  # noqa: E402
from stage.car import BRAKES, FACTORY_VERSION, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402
from tester import Tester, attestation, bundle_for, record_of  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
SEED = int(os.environ.get("SEED", "1"))
KILLS = 200
LIMIT_S = 200                     # afterwards it is too slow to tell anything
LIFE_S_MAX = 0.7                  # a whole round takes about half of it
BOOT_S = 0.02
ANSWER_S_MAX = 3                  # what is asked while it restarts is not answered at all
IMAGE_BYTES = 600_000
SETTLED, CHECKED, ARMED, TRIAL, RETURNING = range(5)
BOOT_LOADER = 0xFF
GOES_ON = 2


class Gone(Exception):
    """The ECU does not answer (any more)."""


class Programming:
    """What is directed, and how far it came over all lives."""

    def __init__(self, stage, seed):
        self.cloud = stage.cloud
        self.host = stage.car.head_host
        self.dice = random.Random(seed)
        self.forger = Forger(PROGRAMS / "forge", stage.cloud.repo / "keys" / "online")
        self.honest = director_files(stage.cloud, VIN)["targets"]
        name, self.target = next((name, target) for name, target in json.loads(self.honest)["signed"]["targets"].items()
                                 if target["custom"]["ecuIdentifier"] == HEAD.id)
        self.pointer = f"/targets/{name.replace('/', '~1')}"
        self.counts = dict.fromkeys(("transfers begun", "transfers gone on", "activations", "roll-backs", "commits"), 0)
        self.edition = 0
        self.committed = hashlib.sha256(stage.image(FACTORY_VERSION).read_bytes()).digest()
        self.direct_another()

    def direct_another(self):
        self.edition += 1
        self.image = self.dice.randbytes(IMAGE_BYTES)
        self.digest = hashlib.sha256(self.image).digest()
        counter = self.target["custom"]["releaseCounter"] + self.edition
        # Both digests and everything else that the record says.
        described = {"length": len(self.image), "sha256": self.digest.hex(), "version": f"2.{self.edition}.0", "counter": counter}
        self.record = record_of(self.target, HEAD.hardware_id, **described)
        self.targets = self.forger.sign("targets", self.honest, changes={
            "/version": json.loads(self.honest)["signed"]["version"] + self.edition,
            f"{self.pointer}/length": len(self.image), f"{self.pointer}/hashes/sha256": self.digest.hex(),
            f"{self.pointer}/hashes/sha512": hashlib.sha512(self.image).hexdigest(),
            f"{self.pointer}/custom/version": described["version"], f"{self.pointer}/custom/releaseCounter": counter})

    # --- one conversation ------------------------------------------------------------------------------------------
    def reach(self):
        try:
            tester = Tester(self.host, HEAD.address)
        except (OSError, AssertionError) as gone:
            raise Gone from gone
        tester.stream.settimeout(ANSWER_S_MAX)
        return tester

    def ask(self, tester, request, expected):
        try:
            answer = tester.ask(request)
        except (OSError, AssertionError) as gone:
            raise Gone from gone
        if not answer.startswith(expected):
            raise AssertionError(f"{request[:8].hex()}… was answered {answer.hex()}, not {expected.hex()}…")
        return answer[len(expected):]

    def routine(self, tester, rid, option=b""):
        head = bytes([0x31, 0x01]) + struct.pack(">H", rid)
        self.ask(tester, head + option, bytes([0x71]) + head[1:] + b"\x00")

    def read(self, tester, did):
        return self.ask(tester, b"\x22" + struct.pack(">H", did), b"\x62" + struct.pack(">H", did))

    def session(self, tester, which):
        self.ask(tester, bytes([0x10, which]), bytes([0x50, which]))

    def look(self, tester):
        """Its phase, and which image runs."""
        state = self.read(tester, 0xF1A1)
        return state[2], None if state[0] == BOOT_LOADER else self.read(tester, 0xF1A2)

    # --- what a tester does -----------------------------------------------------------------------------------------
    def one_round(self):
        with contextlib.closing(self.reach()) as tester:
            phase, running = self.look(tester)
            if phase == TRIAL:
                self.end_trial(tester, running)
            elif phase == RETURNING:
                self.reset(tester)
            else:
                if phase == SETTLED:
                    self.bring(tester)
                self.session(tester, 0x03)
                self.routine(tester, 0xF010, b"\x01")
                self.counts["activations"] += 1
                self.reset(tester)

    def end_trial(self, tester, running):
        self.session(tester, 0x03)
        if running == self.digest and self.dice.random() < 0.3:
            self.commit(tester)
        else:
            self.counts["roll-backs"] += 1
            self.routine(tester, 0xF011)
            self.reset(tester)

    def commit(self, tester):
        self.routine(tester, 0xF010, b"\x02")
        self.counts["commits"] += 1
        self.committed = self.digest
        self.direct_another()

    def bring(self, tester):
        self.approve(tester)
        self.session(tester, 0x02)
        self.routine(tester, 0xFF00, bytes.fromhex("4400000000") + struct.pack(">LB", len(self.image), 0) + self.digest)
        resume = self.read(tester, 0xF1A5)
        again, payload, image = struct.unpack(">LLL", resume[34:46]) if resume[0] == GOES_ON else (0, 0, 0)
        self.counts["transfers gone on" if image > 0 else "transfers begun"] += 1
        content = self.image[:again] + self.image[payload:]
        answer = self.ask(tester, bytes.fromhex("340044") + struct.pack(">LL", payload, len(self.image) - image), b"\x74")
        block = min(int.from_bytes(answer[1:], "big") - 2, 8000)
        for number, at in enumerate(range(0, len(content), block), 1):
            self.ask(tester, bytes([0x36, number & 0xFF]) + content[at:at + block], b"\x76")
        self.ask(tester, b"\x37", b"\x77")
        self.routine(tester, 0x0202, self.record)
        self.routine(tester, 0xFF01)

    def approve(self, tester):
        try:
            nonce = tester.begin_cycle()
            status = tester.judge(bundle_for("partial", attestation(self.cloud, VIN, nonce), {"targets": self.targets}, {}))
        except (OSError, AssertionError) as gone:
            raise Gone from gone
        if status != 0:
            raise AssertionError(f"the ECU does not believe its Director: status {status:#x}")

    def reset(self, tester):
        self.ask(tester, b"\x11\x01", b"\x51\x01")
        time.sleep(2 * BOOT_S)


class CutsByKill(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-cuts-")
        self.addCleanup(folder.cleanup)
        self.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=round(BOOT_S * 1000))
        self.addCleanup(self.stage.stop)
        self.stage.prepare()
        yaml = self.stage.car.folder / f"{HEAD.id}.yaml"
        made = re.sub(r"  image_root: .*\n  state: .*\n", "  verification: partial\n", yaml.read_text())
        yaml.write_text(made.replace("count: 128, size_kib: 256", "count: 64, size_kib: 64"))
        self.stage.start_cloud()
        self.stage.start_car()
        self.stage.release("first", "1.1.0", ecus=[HEAD])
        self.stage.wait_for("first", ("downloading", "downloaded", "installing", "installed", "verified"))  # there is a directory to change
        for name in ("gateway", "zone", "bus", BRAKES.id, HEAD.id):
            self.stage.running[name].stop()
        (self.stage.car.folder / f"{HEAD.id}.flash").unlink()
        self.stage.start(HEAD.id)
        self.work = Programming(self.stage, SEED)
        self.failure = None

    def program_until_gone(self, is_over):
        while not is_over.is_set():
            try:
                self.work.one_round()
            except Gone:
                is_over.wait(0.01)
            except Exception as failure:  # noqa: BLE001  (it is told by the thread that waits for this one)
                self.failure = failure
                return

    def look_after_start(self):
        """Which of the two runs. A commit whose answer was lost counts."""
        with contextlib.closing(self.work.reach()) as tester:
            phase, running = self.work.look(tester)
        self.assertIn(running, (self.work.committed, self.work.digest), f"phase {phase}")
        if phase == SETTLED and running == self.work.digest:
            self.work.counts["commits"] += 1
            self.work.committed = self.work.digest
            self.work.direct_another()
            return "new"
        return "new" if running == self.work.digest else "old"

    def test_two_hundred(self):
        moments = random.Random(SEED + 1)
        ran, began = {"old": 0, "new": 0}, time.monotonic()
        for kill in range(1, KILLS + 1):
            is_over = threading.Event()
            tester = threading.Thread(target=self.program_until_gone, args=(is_over,))
            tester.start()
            time.sleep(moments.uniform(0, LIFE_S_MAX))
            self.stage.kill(HEAD.id)
            is_over.set()
            tester.join(30)
            self.assertIsNone(self.failure, f"before kill {kill}, seed {SEED}")
            self.assertLess(time.monotonic() - began, LIMIT_S, f"only {kill} kills in that time")
            self.stage.start(HEAD.id)  # and waits until it says that it is there
            ran[self.look_after_start()] += 1
        self.update_at_last()
        print(f"{KILLS} kills in {time.monotonic() - began:.0f} s; after them ran the old image {ran['old']} times, the new one {ran['new']} "
              f"times; {self.work.counts}", flush=True)
        for what, count in self.work.counts.items():
            self.assertGreater(count, 0, what)

    def update_at_last(self):
        wanted, end = self.work.digest, time.monotonic() + 30
        while self.work.committed != wanted:
            self.assertLess(time.monotonic(), end, "it is not updated at last")
            with contextlib.suppress(Gone):
                self.work.one_round()


if __name__ == "__main__":
    unittest.main()
