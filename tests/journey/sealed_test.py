"""An image that was sealed at the desk reaches its ECU, and nobody on the way can read it."""
import hashlib
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES, HEAD  # noqa: E402
from stage.stage import Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")
OPENS = {BRAKES.id: "zstd hpke window=65536", HEAD.id: "hpke"}
PIECE = 4096


class Sealed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-sealed-")
        self.addCleanup(folder.cleanup)
        self.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50, opens=OPENS)
        self.addCleanup(self.stage.stop)
        self.stage.prepare()
        self.stage.start_cloud()
        self.stage.start_car()
        self.image = self.stage.image("1.1.0").read_bytes() + os.urandom(4 * PIECE)  # no packing hides what is random
        self.file = self.stage.folder / "secret.bin"
        self.file.write_bytes(self.image)

    def seal_key(self, ecu):
        return f"{self.stage.car.keys / ecu.id}-seal.seal"

    def release(self, campaign, keys):
        words = ["--compress"]
        for ecu, key in keys:
            words += [f"--ecu-{ecu.number:03}-seal-to", self.seal_key(key), f"--ecu-{ecu.number:03}-opens", OPENS[ecu.id]]
        self.stage.release(campaign, "1.1.0", self.file, words=words)
        return self.stage.wait_for(campaign, ENDS, deadline_s=120)

    def files_with(self, bytes_of_the_image, folder):
        return [str(file) for file in folder.rglob("*") if file.is_file() and file != self.file and bytes_of_the_image in file.read_bytes()]

    def test_only_its_ecu_can_read_a_sealed_image(self):
        end = self.release("secret", [(BRAKES, BRAKES), (HEAD, HEAD)])
        self.assertEqual(end["phase"], "verified", end)
        for ecu in (BRAKES, HEAD):
            self.assertEqual(self.stage.read_ecu(ecu)["image_sha256"], hashlib.sha256(self.image).hexdigest())
        self.stage.stop()
        known = self.files_with(self.image[-PIECE:], self.stage.folder)
        flashes = [str(self.stage.car.folder / f"{ecu.id}.flash") for ecu in (BRAKES, HEAD)]
        self.assertEqual(sorted(known), sorted(flashes), "in the ECUs' flash, and nowhere else: not in server, package or gateway")

    def test_an_ecu_refuses_what_was_sealed_for_another_and_keeps_its_software(self):
        before = self.stage.read_ecu(BRAKES)["image_sha256"]
        end = self.release("strangers", [(BRAKES, HEAD), (HEAD, HEAD)])
        self.assertNotEqual(end["phase"], "verified", end)
        self.assertIn("seal.not-for-us", [event.get("code") for event in end["events"]], end)
        self.assertEqual(self.stage.read_ecu(BRAKES)["image_sha256"], before)


if __name__ == "__main__":
    unittest.main()
