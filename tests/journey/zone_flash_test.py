"""A zone flashes its own ECUs: four of them behind one zone, on a CAN FD and a classic bus. Gateway and cloud may vanish; a dead ECU fails alone."""
import os
import pathlib
import re
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "attacks")]
from stage.program import Program, StageError  # noqa: E402
from stage.stage import Stage  # noqa: E402
from stage.whole_car import WholeCar  # noqa: E402
from tester import Tester  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")
ECUS = ("ECU_011", "ECU_012", "ECU_013", "ECU_014")
VICTIM = "ECU_012"
CAR = """vin: WPTSTP00000000100
makes:
  controller: { bank_kib: 1024, sector_kib: 64, boot_time_ms: 100 }
  sensor: { bank_kib: 128, sector_kib: 16, boot_time_ms: 100 }
zones:
  - name: body
    gateway: ECU_091
    software_version: 1.0.0
    buses:
      - { name: body-fd, kind: can-fd, bitrate: 500_000, data_bitrate: 2_000_000 }
      - { name: body-can, kind: can, bitrate: 500_000 }
    ecus:
      - { id: ECU_011, name: body controller, hardware_id: body-controller-2, make: controller, bus: body-fd }
      - { id: ECU_012, name: climate, hardware_id: climate-controller-2, make: controller, bus: body-fd }
      - { id: ECU_013, name: doors, hardware_id: door-controller-5, make: sensor, bus: body-can }
      - { id: ECU_014, name: seats, hardware_id: seat-controller-3, make: sensor, bus: body-can }
"""
SECONDS_ON_A_BUS = 8
FACTORY, NEW = "1.0.0", "2.0.0"
PHASES = ("settled", "checked", "armed", "trial", "returning")
DEFAULT_SESSION = 1


class ZoneFlash(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-zone-flash-")
        self.addCleanup(folder.cleanup)
        description = pathlib.Path(folder.name) / "car.yaml"
        description.write_text(CAR)
        self.car = WholeCar(PROGRAMS, folder.name, description)
        self.addCleanup(self.car.stop)
        self.car.prepare()
        with open(self.car.car / "gateway.yaml", "a") as settings:
            settings.write("ecu_retries: 1\n")
        self.car.start_cloud()

    def start_car(self):
        self.car.start_car()
        self.car.wait_for_inventory()

    def deploy(self, campaign):
        self.car.make_images(SECONDS_ON_A_BUS, SECONDS_ON_A_BUS)
        self.car.release(campaign, NEW)
        self.car.cloud.deploy(campaign, self.car.vin)

    def wait_until(self, what, is_so, deadline_s=120):
        end = time.monotonic() + deadline_s
        while not is_so():
            self.assertLess(time.monotonic(), end, f"not within {deadline_s} s: {what}")
            time.sleep(0.05)

    def zone_log(self):
        return self.car.running["zone body"].log.read_text(errors="replace")

    def steps(self, ecu, step):
        """How often the zone came to this step of an ECU's programming."""
        return len(re.findall(rf"{ecu}: {step}$", self.zone_log(), re.M))

    def wait_for(self, campaign, deadline_s=120):
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            try:
                seen = self.car.assignment(campaign)
                if seen["phase"] in ENDS:
                    return seen
            except StageError:
                pass  # the server is starting
            time.sleep(0.2)
        raise StageError(f"{campaign} came to no end within {deadline_s} s")

    def ask(self, tester, request):
        """Again while the gateway is being answered: busyRepeatRequest."""
        end = time.monotonic() + 20
        while True:
            answer = tester.ask(request)
            if answer[:1] != b"\x7f" or time.monotonic() > end:
                return answer
            time.sleep(0.2)

    def read(self, ecu):
        """What the ECU itself says, asked by another tester: (version, phase of its banks, session)."""
        with Tester(f"127.0.{self.car.network}.91", int(ecu[4:], 16), own_address=0x0E81) as tester:
            version, banks, session = (self.ask(tester, bytes([0x22, did >> 8, did & 0xFF])) for did in (0xF189, 0xF1A1, 0xF186))
            return version[3:].rstrip(b"\0 ").decode(), PHASES[banks[5]], session[3]

    def test_staging_goes_on_without_gateway_and_cloud_and_a_new_gateway_finishes(self):
        self.start_car()
        self.deploy("alone")
        self.wait_until("all ECUs are being programmed", lambda: all(self.steps(ecu, "transfer") for ecu in ECUS))
        self.car.running["gateway"].kill()
        self.car.running["server"].kill()
        self.assertFalse(all(self.steps(ecu, "check dependencies") for ecu in ECUS), "they are at it, not done")
        self.wait_until("the zone has staged them all", lambda: all(self.steps(ecu, "default session") for ecu in ECUS))
        for ecu in ECUS:  # in the default session communication and DTC setting are as after power-on (ISO 14229-1)
            self.assertEqual(self.read(ecu), (FACTORY, "checked", DEFAULT_SESSION))
        self.car.start("server")
        self.car.start("gateway")
        self.assertEqual(self.wait_for("alone")["phase"], "verified")
        self.assertEqual([self.steps(ecu, "transfer") for ecu in ECUS], [1] * len(ECUS), "nothing was programmed twice")
        for ecu in ECUS:
            self.assertEqual(self.read(ecu), (NEW, "settled", DEFAULT_SESSION))

    def start_victim_apart(self):
        """In a program of its own, so that it can die alone."""
        kept, self.car.without = self.car.without, tuple(ecu for ecu in ECUS if ecu != VICTIM)
        self.car.running["victim"] = Program("victim", self.car.argv("ecu body"), self.car.logs).start()
        self.car.without = kept
        self.car.running["victim"].wait_for_log("ready")

    def test_a_dead_ecu_fails_alone_and_the_set_returns(self):
        self.car.without = (VICTIM,)
        zones = [zone["name"] for zone in self.car.zones]
        self.assertEqual(zones, ["body"])
        self.car.start("bus body")
        self.start_victim_apart()
        self.car.start("ecu body", "zone body")
        self.car.without = ()  # the campaign is for all of them
        self.car.start("gateway")
        self.car.wait_for_inventory()
        self.deploy("dead")
        self.wait_until("the victim is being programmed", lambda: self.steps(VICTIM, "transfer"))
        self.car.running["victim"].kill()
        died = time.monotonic()
        others = [ecu for ecu in ECUS if ecu != VICTIM]
        self.wait_until("the others are staged", lambda: all(self.steps(ecu, "default session") for ecu in others))
        staged_s = time.monotonic() - died
        end = self.wait_for("dead", deadline_s=180)
        self.assertEqual(end["phase"], "failed", end)
        self.assertIn(VICTIM, str(end), "the operator sees who it was")
        print(f"the others were staged {staged_s:.1f} s after one died; the set was back after {time.monotonic() - died:.1f} s", flush=True)
        self.assertLess(staged_s, 2 * SECONDS_ON_A_BUS)
        for ecu in others:
            self.assertEqual(self.read(ecu), (FACTORY, "settled", DEFAULT_SESSION), "as it was")
        self.start_victim_apart()
        self.assertEqual(self.read(VICTIM)[0], FACTORY, "its old software starts again")


class OldZone(unittest.TestCase):
    def test_a_zone_without_a_store_is_flashed_through(self):
        with tempfile.TemporaryDirectory(prefix="pitstop-old-zone-") as folder, \
                Stage(PROGRAMS, folder, bus_time_scale=0.1, boot_time_ms=50, zone_store=False) as stage:
            stage.prepare()
            stage.start_cloud()
            stage.start_car()
            stage.release("routed", "1.1.0")
            self.assertEqual(stage.wait_for("routed", ENDS)["phase"], "verified")
            self.assertIn("routes only", stage.running["gateway"].said())


if __name__ == "__main__":
    unittest.main()
