"""The main job from end to end, through the running programs: what the README promises."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES, ECUS, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")


class Journey(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-journey-")
        self.addCleanup(folder.cleanup)
        self.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50)
        self.addCleanup(self.stage.stop)
        self.stage.prepare()
        self.stage.start_cloud()
        self.stage.start_car()

    def assert_runs(self, version, image):
        digest = hashlib.sha256(pathlib.Path(image).read_bytes()).hexdigest()
        for ecu in ECUS:
            seen = self.stage.read_ecu(ecu)
            self.assertEqual((seen["version"], seen["image_sha256"]), (version, digest))

    def test_an_image_travels_and_a_second_one_follows(self):
        stage = self.stage
        stage.release("first", "1.1.0")
        end = stage.wait_for("first", ENDS)
        self.assertEqual(end["phase"], "verified", end)
        self.assert_runs("1.1.0", stage.image("1.1.0"))

        phases = [event["phase"] for event in end["events"]]
        for phase in ("assigned", "notified", "accepted", "downloading", "downloaded", "installing", "installed", "activated", "verified"):
            self.assertIn(phase, phases)
        self.assertEqual({event["ecu_id"] for event in end["events"] if event.get("ecu_id")}, {BRAKES.id, HEAD.id})

        channels = stage.cloud.ask("GET", f"/api/v1/vehicles/{VIN}")["channels"]
        for name in ("https", "mqtt"):
            self.assertEqual(channels[name]["group"], "X25519MLKEM768")
            self.assertIn("TLS_AES_256_GCM", channels[name]["cipher"])

        own_file = stage.folder / "own.bin"  # not an ELF, an odd size, larger than the factory's
        own_file.write_bytes(os.urandom(1_500_001))
        stage.release("second", "1.2.0.7", own_file)
        self.assertEqual(stage.wait_for("second", ENDS)["phase"], "verified")
        self.assert_runs("1.2.0.7", own_file)

    def test_the_package_is_downloaded_by_range_as_it_was_built(self):
        stage = self.stage
        package = stage.build_package("ranges", "1.1.0", stage.image("1.1.0"))
        stage.cloud.publish(package)
        stage.cloud.create_campaign(package, "Ranges", "")
        stage.cloud.deploy("ranges", VIN)
        built = (package / "full_package.bin").read_bytes()
        path = "/packages/ranges/full_package.bin"
        for first, last in ((0, 63), (64, 100_000), (len(built) - 10, len(built) - 1)):
            call = stage.cloud.curl(path, "--range", f"{first}-{last}", as_vehicle=VIN)
            self.assertEqual(subprocess.run(call, capture_output=True).stdout, built[first:last + 1])
        self.assertEqual(stage.cloud.request("GET", path, as_vehicle=VIN), (200, built))
        self.assertEqual(stage.wait_for("ranges", ENDS)["phase"], "verified")

    def test_a_car_that_is_not_ready_waits_says_why_and_goes_on(self):
        stage = self.stage
        stage.set_conditions(battery_percent=10)
        stage.release("waits", "1.1.0")
        waiting = stage.wait_for("waits", ("waiting",))
        self.assertEqual(waiting["code"], "vehicle.not-ready")
        self.assertIn("battery", waiting["detail"])
        self.assertEqual(stage.read_ecu(HEAD)["version"], "1.0.0")
        stage.set_conditions(battery_percent=90)
        self.assertEqual(stage.wait_for("waits", ENDS, deadline_s=90)["phase"], "verified")

    def test_a_dead_broker_comes_back(self):
        stage = self.stage
        children = pathlib.Path(f"/proc/{stage.running['server'].process.pid}/task").glob("*/children")
        brokers = [int(pid) for child in children for pid in child.read_text().split()]
        self.assertEqual(len(brokers), 1)
        os.kill(brokers[0], 9)
        stage.release("after-broker", "1.1.0")
        self.assertEqual(stage.wait_for("after-broker", ENDS, deadline_s=90)["phase"], "verified")

    def test_the_desk_and_the_server_refuse_what_does_not_fit(self):
        stage = self.stage
        package = stage.build_package("refused", "1.1.0", stage.image("1.1.0"))
        metadata = json.loads((package / "campaign_metadata.json").read_text())
        self.assert_problem(400, 499, "POST", "/api/v1/campaigns", {"campaign_metadata": metadata | {"campaign_id": "another"}, "title": "x",
                                                                    "release_notes": "", "priority": "minor"})
        self.assert_problem(404, 404, "GET", "/api/v1/campaigns/nowhere")
        self.assert_problem(404, 404, "GET", "/api/v1/vehicles/WPTSTP00000000009")
        self.assert_problem(400, 404, "GET", "/api/v1/vehicles/..%2f..%2fetc")

    def assert_problem(self, least, most, method, path, body=None):
        status, content = self.stage.cloud.request(method, path, body)
        self.assertTrue(least <= status <= most, (status, content))
        self.assertRegex(json.loads(content)["code"], r"^[a-z]+\.[a-z-]+$")


if __name__ == "__main__":
    unittest.main()
