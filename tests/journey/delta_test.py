"""The second update is a small one: a delta for one ECU, a compressed image for the other; and the full image where a delta does not fit."""
import hashlib
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES, ECUS, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")
OPENS = {BRAKES.id: "delta window=4096", HEAD.id: "zstd window=65536"}


class Delta(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-delta-")
        self.addCleanup(folder.cleanup)
        self.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50, opens=OPENS)
        self.addCleanup(self.stage.stop)
        self.stage.prepare()
        self.stage.start_cloud()
        self.stage.start_car()
        self.first_image = self.stage.image("1.1.0").read_bytes()
        self.stage.release("first", "1.1.0")
        self.assert_verified("first", "1.1.0", self.first_image)

    def next_build(self):
        """As a compiler leaves it after a small change: most of it is the same, some of it has moved."""
        image = bytearray(self.first_image)
        for place in range(5000, len(image), 100_000):
            image[place:place + 8] = os.urandom(8)
        image[300_000:300_000] = os.urandom(96)
        file = self.stage.folder / "next.bin"
        file.write_bytes(image)
        return file

    def assert_verified(self, campaign, version, image):
        end = self.stage.wait_for(campaign, ENDS, deadline_s=120)
        self.assertEqual(end["phase"], "verified", end)
        for ecu in ECUS:
            seen = self.stage.read_ecu(ecu)
            self.assertEqual((seen["version"], seen["image_sha256"]), (version, hashlib.sha256(image).hexdigest()))
        return end

    def deltas(self, campaign):
        return self.stage.cloud.ask("GET", f"/api/v1/campaigns/{campaign}/deltas")

    def assert_brakes_come_as_a_delta(self, image):
        made, = (each for each in self.deltas("second")["deltas"] if each["ecu_id"] == BRAKES.id)
        self.assertEqual(made["state"], "made", made)
        self.assertEqual(made["from"], hashlib.sha256(self.first_image).hexdigest())
        self.assertEqual(made["to"], hashlib.sha256(image).hexdigest())
        self.assertGreater(made["saving_percent"], 95)
        return made

    def test_the_next_version_travels_as_a_delta_and_compressed(self):
        inventory = self.stage.cloud.ask("GET", f"/api/v1/vehicles/{VIN}")["inventory"]
        self.assertEqual({ecu["ecu_id"]: ecu["opens"] for ecu in inventory["ecus"]}, OPENS)
        file = self.next_build()
        image = file.read_bytes()
        package = self.stage.build_package("second", "1.2.0", file, words=["--compress", f"--ecu-{HEAD.number:03}-opens", OPENS[HEAD.id]])
        self.stage.cloud.publish(package)
        self.stage.cloud.create_campaign(package, "Second", "")
        self.stage.cloud.deploy("second", VIN)
        self.assert_verified("second", "1.2.0", image)
        fetched = int(re.findall(r"(\d+) bytes are needed", self.stage.running["gateway"].said())[-1])
        made = self.assert_brakes_come_as_a_delta(image)
        self.assertEqual(self.stage.cloud.ask("GET", "/api/v1/campaigns/second")["deltas"]["refused"], 0)
        print(f"two images of {len(image)} bytes: {fetched} bytes were fetched, {made['size_bytes']} of them the delta", flush=True)
        self.assertLess(fetched, len(image) // 2, "a quarter of what two plain images are")

    def test_an_ecu_whose_base_has_rotted_gets_the_full_image(self):
        flash = self.stage.car.folder / f"{BRAKES.id}.flash"
        place = flash.read_bytes().index(self.first_image) + len(self.first_image) // 2
        with open(flash, "r+b") as cells:  # a cell that nobody reads while the software runs, and the delta has to
            cells.seek(place)
            cell = cells.read(1)[0]
            cells.seek(place)
            cells.write(bytes([cell ^ 0xFF]))
        file = self.next_build()
        self.stage.release("second", "1.2.0", file)
        end = self.assert_verified("second", "1.2.0", file.read_bytes())
        self.assert_brakes_come_as_a_delta(file.read_bytes())
        refused = [event for event in end["events"] if event.get("code")]
        self.assertEqual([(event["code"], event["ecu_id"]) for event in refused], [("flash.wrong-digest", BRAKES.id)], end)
        self.assertEqual(self.deltas("second")["totals"]["refused"], 1)


if __name__ == "__main__":
    unittest.main()
