"""kill -9 of one program at ten points spread over the journey: restarted, the campaign still ends verified, nothing is lost.

    survive_test.py server|gateway|zone|ECU_011|ECU_012
"""
import os
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import ECUS  # noqa: E402
from stage.program import StageError  # noqa: E402
from stage.stage import Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
VICTIM = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "gateway"
POINTS = 10
ENDS = ("verified", "failed", "rolled_back", "declined")
IMAGE_BYTES = 400_000


class Survive(unittest.TestCase):
    def test_ten_points(self):
        with tempfile.TemporaryDirectory(prefix="pitstop-survive-") as folder, \
                Stage(PROGRAMS, folder, bus_time_scale=0.3, boot_time_ms=100) as stage:
            stage.prepare()
            stage.start_cloud()
            stage.start_car()
            undisturbed = self.journey(stage, 1, None)
            for point in range(POINTS):
                with self.subTest(victim=VICTIM, point=point):
                    self.journey(stage, point + 2, undisturbed * (point + 0.5) / POINTS)

    def journey(self, stage, number, kill_after_s):
        """One campaign; gives back its duration. Each has an image of its own, so nothing can be a left-over."""
        image = stage.folder / f"image-{number}"
        image.write_bytes(os.urandom(IMAGE_BYTES))
        campaign, version = f"campaign-{number}", f"1.{number}.0"
        package = stage.build_package(campaign, version, image)
        stage.cloud.publish(package)
        stage.cloud.create_campaign(package, version, "")
        stage.cloud.deploy(campaign, stage.vin)
        started = time.monotonic()
        before = []
        if kill_after_s is not None:
            before = self.watch(stage, campaign, started + kill_after_s)
            stage.kill(VICTIM)
            time.sleep(0.3)  # the time it takes to come up again
            stage.start(VICTIM)
        end = stage.wait_for(campaign, ENDS, deadline_s=120)
        duration = time.monotonic() - started
        print(f"{VICTIM} killed after {kill_after_s or 0:.2f} s: {end['phase']} after {duration:.2f} s", flush=True)
        self.assertEqual(end["phase"], "verified", end)
        self.assertEqual(end["events"][:len(before)], before, "what the server had said is no longer there")
        for ecu in ECUS:
            self.assertEqual(stage.read_ecu(ecu)["version"], version)
        return duration

    @staticmethod
    def watch(stage, campaign, until):
        """The events that the server had acknowledged before the kill."""
        seen = []
        while time.monotonic() < until:
            try:
                seen = stage.assignment(campaign)["events"]
            except StageError:
                pass
            time.sleep(0.05)
        return seen


if __name__ == "__main__":
    unittest.main()
