"""A car from its description, smaller than a hundred but of the same kind: many ECUs in a process, every kind of bus, one ECU dead."""
import os
import pathlib
import struct
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "attacks")]
from stage.whole_car import WholeCar  # noqa: E402
from tester import Tester  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")
DEAD = "ECU_006"
CAR = """
vin: WPTSTP00000000012
makes:
  sensor: { bank_kib: 64, sector_kib: 16, boot_time_ms: 50 }
  controller: { bank_kib: 128, sector_kib: 16, boot_time_ms: 50, opens: gzip zstd delta window=4096 }
  computer: { bank_kib: 1024, sector_kib: 64, boot_time_ms: 50, verification: full }
  gateway: { bank_kib: 256, sector_kib: 64, boot_time_ms: 50, verification: full, opens: zstd delta window=4096 }
zones:
  - name: front
    gateway: ECU_091
    software_version: 1.0.0
    hardware_id: zone-gateway-1
    make: gateway
    buses: [ { name: front-fd, bitrate: 500_000, data_bitrate: 2_000_000 }, { name: front-can, kind: can, bitrate: 500_000 } ]
    ecus:
      - { first: ECU_001, last: ECU_003, name: controller, hardware_id: controller-1, make: controller, bus: front-fd }
      - { first: ECU_004, last: ECU_006, name: sensor, hardware_id: sensor-1, make: sensor, bus: front-can }
  - name: middle
    gateway: ECU_092
    software_version: 1.0.0
    buses: [ { name: middle-fd, bitrate: 500_000, data_bitrate: 5_000_000 } ]
    ecus:
      - { first: ECU_007, last: ECU_009, name: controller, hardware_id: controller-1, make: controller, bus: middle-fd }
      - { id: ECU_010, name: head unit, hardware_id: head-1, make: computer }
  - name: rear
    gateway: ECU_093
    software_version: 1.0.0
    hardware_id: zone-gateway-1
    make: gateway
    buses: [ { name: rear-can, kind: can, bitrate: 500_000 } ]
    ecus:
      - { first: ECU_011, last: ECU_012, name: sensor, hardware_id: sensor-1, make: sensor, bus: rear-can }
"""


def collection(host, zone, start, send):
    """What the zone collected, as docs/formats/vci.md has it: {ECU: (kind, body)}."""
    with Tester(host, int(zone[4:], 16), own_address=0x0EF1) as tester:  # 0x0E80 is the gateway's
        assert tester.ask(bytes.fromhex(f"3101{start}"))[:4] == bytes.fromhex(f"7101{start}")
        whole = b""
        while True:
            answer = tester.ask(bytes.fromhex(f"3101{send}") + struct.pack(">L", len(whole)))
            assert answer[:4] == bytes.fromhex(f"7101{send}"), answer.hex()
            status, total = struct.unpack(">BL", answer[4:9])
            if status == 1:
                continue
            assert status == 0, status
            whole += answer[9:]
            if len(whole) == total:
                break
    assert whole[0] == 1
    entries, at = {}, 2
    for _ in range(whole[1]):
        address, kind, size = struct.unpack(">HBH", whole[at:at + 5])
        entries[f"ECU_{address:03x}"] = (kind, whole[at + 5:at + 5 + size])
        at += 5 + size
    assert at == len(whole)
    return entries


class WholeCarTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-hundred-")
        self.addCleanup(folder.cleanup)
        description = pathlib.Path(folder.name) / "car.yaml"
        description.write_text(CAR)
        self.car = WholeCar(PROGRAMS, pathlib.Path(folder.name) / "stage", description, bus_time_scale=0.2, without=[DEAD])
        self.addCleanup(self.car.stop)
        self.car.prepare()
        self.car.start_cloud()
        self.car.start_car()

    def versions(self):
        return {ecu["ecu_id"]: ecu["version"] for ecu in self.car.inventory()["ecus"]}

    def test_every_ecu_is_heard_or_missed_and_one_campaign_updates_all_that_live(self):
        living = {ecu["ecu_id"] for ecu in self.car.ecus} - {DEAD}
        self.assertTrue({"ECU_091", "ECU_093"} < living, "zonal gateways are ECUs too, where they have an image")
        inventory = self.car.wait_for_inventory()
        self.assertEqual({ecu["ecu_id"] for ecu in inventory["ecus"]}, living)
        self.assertEqual([(ecu["ecu_id"], ecu["code"].partition(".")[0] != "") for ecu in inventory["missing"]], [(DEAD, True)],
                         "a missing ECU is reported as missing, with its reason")
        self.zone_collects(living)
        self.nobody_without_a_certificate_is_let_in()

        self.car.make_images(1.0, 0.5)
        self.car.release("all", "1.1.0")
        self.car.cloud.deploy("all", self.car.vin)
        end = self.car.wait_for("all", ENDS, deadline_s=150)
        self.assertEqual(end["phase"], "verified", end)
        self.assertEqual(self.versions(), {ecu: "1.1.0" for ecu in living})

    def zone_collects(self, living):
        host = f"127.0.{self.car.network}.91"
        said = collection(host, "ECU_091", "f001", "f002")
        self.assertEqual(set(said), {f"ECU_{number:03}" for number in range(1, 7)})
        for ecu, (kind, body) in said.items():
            self.assertEqual(kind, 0 if ecu in living else 1, ecu)
        self.assertEqual(said["ECU_001"][1][:9], bytes.fromhex("f1890005") + b"1.0.0", "F189 comes first")
        ready = collection(host, "ECU_091", "f003", "f004")
        self.assertEqual(ready["ECU_001"], (0, bytes.fromhex("000000")), "ready, and no trouble codes")
        self.assertEqual(ready[DEAD][0], 1)
        alone = collection(f"127.0.{self.car.network}.10", "ECU_010", "f001", "f002")
        self.assertEqual({ecu: kind for ecu, (kind, _) in alone.items()}, {"ECU_010": 0}, "an ECU for itself")

    def nobody_without_a_certificate_is_let_in(self):
        erase, order_zone_work = bytes.fromhex("3101ff0044" "00000000" "00001000"), bytes.fromhex("3101f020")
        for ecu, session, request in (("ECU_091", 0x02, erase), ("ECU_010", 0x02, erase), ("ECU_092", 0x03, order_zone_work)):
            with self.subTest(ecu), Tester(f"127.0.{self.car.network}.{int(ecu[4:])}", int(ecu[4:], 16), own_address=0x0EF1) as tester:
                tester.session(session)
                self.assertEqual(tester.ask(request), bytes.fromhex("7f3134"), "authenticationRequired")


if __name__ == "__main__":
    unittest.main()
