"""A gateway and a zone at ECUs that ask who programs them (docs/formats/access.md): with their credentials, and without."""
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES, FACTORY_VERSION, HEAD  # noqa: E402
from stage.stage import Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")


class WayIn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-way-in-")
        self.addCleanup(folder.cleanup)
        self.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50, access=True)
        self.addCleanup(self.stage.stop)
        self.stage.prepare()
        self.stage.start_cloud()

    def without_credential(self, name):
        file = self.stage.car.folder / f"{name}.yaml"
        lines = file.read_text().splitlines(keepends=True)
        at = lines.index("diagnostics:\n")
        file.write_text("".join(lines[:at] + lines[at + 2:]))

    def run_campaign(self):
        self.stage.start_car()
        self.stage.release("way-in", "1.1.0")
        return self.stage.wait_for("way-in", ENDS)

    def test_with_their_credentials_they_program_both_ecus(self):
        self.assertEqual(self.run_campaign()["phase"], "verified")
        self.assertIn(f"{BRAKES.id}: authenticate", self.stage.running["zone"].said())
        self.assertIn(f"{HEAD.id}: authenticate", self.stage.running["gateway"].said())

    def test_a_gateway_without_one_changes_nothing(self):
        self.without_credential("gateway")
        end = self.run_campaign()
        self.assertEqual((end["phase"], end["code"]), ("failed", "uds.refused"), end)
        self.assertEqual(self.stage.read_ecu(HEAD)["version"], FACTORY_VERSION)

    def test_a_zone_without_one_changes_nothing(self):
        self.without_credential("zone")
        end = self.run_campaign()
        self.assertEqual((end["phase"], end["code"]), ("failed", "uds.refused"), end)
        self.assertEqual(self.stage.read_ecu(BRAKES)["version"], FACTORY_VERSION)


if __name__ == "__main__":
    unittest.main()
