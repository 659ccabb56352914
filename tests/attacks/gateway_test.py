"""A compromised gateway against the ECUs behind it: each refuses by itself, takes the honest update afterwards, and tells."""
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools")]
from forger import FAMILIES, Forger, director_files, promise  # noqa: E402
from stage.car import BRAKES, ECUS, HEAD, ZONE  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402
from tester import CONDITIONS_NOT_CORRECT, Credential, Tester, attestation, bundle_for, image_files, record_of  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ENDS = ("verified", "failed", "rolled_back", "declined")
ERASE_REFUSED = bytes([0x7F, 0x31, CONDITIONS_NOT_CORRECT])
# core/flash/routine_status.cpp
WRONG_DIGEST, NOT_APPROVED, CLASSICAL_MISSING, POST_QUANTUM_MISSING, WRONG_VIN, NONCE_MISSING = 0x05, 0x0D, 0x28, 0x29, 0x38, 0x41
VERIFICATION = {BRAKES.id: "partial", HEAD.id: "full"}


class CompromisedGateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-gateway-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50, access=True)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        cls.stage.start_cloud()
        cls.stage.start_car()
        cls.campaigns = 0
        cls.update()
        cls.forger = Forger(PROGRAMS / "forge", cls.stage.cloud.repo / "keys" / "online")

    @classmethod
    def update(cls):
        """An honest campaign of its own, from the desk to verified."""
        cls.campaigns += 1
        name = f"honest-{cls.campaigns}"
        image = cls.stage.folder / f"{name}.img"
        image.write_bytes(os.urandom(100_000 + cls.campaigns))
        cls.stage.release(name, f"1.{cls.campaigns}.0", image)
        end = cls.stage.wait_for(name, ENDS)
        if end["phase"] != "verified":
            raise AssertionError(end)

    def setUp(self):
        self.stage.running["gateway"].stop()
        self.addCleanup(self.bring_back_the_gateway)
        self.before = {ecu.id: self.stage.read_ecu(ecu) for ecu in ECUS}
        self.director = director_files(self.stage.cloud, VIN)
        self.image = image_files(self.stage.cloud, VIN)

    def bring_back_the_gateway(self):
        if not self.stage.running["gateway"].running():
            self.stage.start("gateway")

    def host(self, ecu):
        return self.stage.car.head_host if ecu is HEAD else self.stage.car.zone_host

    def reach(self, ecu):
        """With the gateway's own credential, which whoever took it over holds too."""
        credential = Credential(self.stage.cloud.pki / "diagnostics" / f"{VIN}-gateway", VIN)
        return Tester(self.host(ecu), ecu.address, credential=credential)

    def honest_bundle(self, verification, nonce):
        return bundle_for(verification, attestation(self.stage.cloud, VIN, nonce), self.director, self.image)

    def open_zone(self, ecu):
        """The zone would stop most of this before it reaches the ECU: it is given what it believes."""
        if ecu is not BRAKES:
            return
        with Tester(self.stage.car.zone_host, int(ZONE[4:], 16)) as zone:
            self.assertEqual(zone.judge(self.honest_bundle("full", zone.begin_cycle())), 0)

    def forged(self, ecu, nonce, signer=None, families=FAMILIES, changes=None):
        """Targets as somebody with these keys would make them; what lists them is genuine, and newer than what was trusted."""
        def newer(role):
            return {"/version": json.loads(self.director[role])["signed"]["version"] + 1}
        targets = (signer or self.forger).sign("targets", self.director["targets"], families, newer("targets") | (changes or {}))
        snapshot = self.forger.sign("snapshot", self.director["snapshot"], changes=newer("snapshot") | promise("targets.json", targets))
        timestamp = self.forger.sign("timestamp", self.director["timestamp"], changes=newer("timestamp") | promise("snapshot.json", snapshot))
        director = {"targets": targets, "snapshot": snapshot, "timestamp": timestamp}
        return bundle_for(VERIFICATION[ecu.id], attestation(self.stage.cloud, VIN, nonce), director, self.image)

    def own_target(self, ecu):
        targets = json.loads(self.director["targets"])["signed"]["targets"].values()
        return next(target for target in targets if target["custom"]["ecuIdentifier"] == ecu.id)

    def assert_untouched(self):
        for ecu in ECUS:
            seen = self.stage.read_ecu(ecu)
            for member in ("version", "image_sha256"):
                self.assertEqual(seen[member], self.before[ecu.id][member])

    def for_each_ecu(self):
        for ecu in ECUS:
            with self.subTest(ecu.id):
                self.open_zone(ecu)
                with self.reach(ecu) as tester:
                    yield ecu, tester
        self.assert_untouched()

    def test_without_metadata_nothing_is_erased(self):
        for ecu in ECUS:
            self.stage.running[ecu.id].stop()  # forgets what it approved in the honest update
            self.stage.start(ecu.id)
        for ecu, tester in self.for_each_ecu():
            self.assertEqual(tester.erase(self.own_target(ecu)["length"]), ERASE_REFUSED)

    def test_the_zone_keeps_everybody_away_until_it_has_judged_for_itself(self):
        self.stage.running["zone"].stop()
        self.stage.start("zone")
        with self.reach(BRAKES) as tester:
            self.assertEqual(tester.judge(self.honest_bundle("partial", tester.begin_cycle())), 0, "metadata always passes")
            self.assertEqual(tester.erase(self.own_target(BRAKES)["length"]), ERASE_REFUSED)
        self.assertIn("erase or download refused", self.stage.running["zone"].said())
        self.assert_untouched()

    def test_metadata_signed_by_other_keys(self):
        own = Forger(PROGRAMS / "forge", self.stage.folder / "stolen")
        own.keys.mkdir(exist_ok=True)
        for family, half in (("classical", "classical"), ("pq", "pq")):
            (own.keys / f"director-targets-{family}.key").write_bytes((self.stage.car.keys / f"gateway-{half}.key").read_bytes())
            os.chmod(own.keys / f"director-targets-{family}.key", 0o600)
        for ecu, tester in self.for_each_ecu():
            self.assertEqual(tester.judge(self.forged(ecu, tester.begin_cycle(), signer=own)), CLASSICAL_MISSING)

    def test_metadata_signed_classically_only(self):
        for ecu, tester in self.for_each_ecu():
            self.assertEqual(tester.judge(self.forged(ecu, tester.begin_cycle(), families=["classical"])), POST_QUANTUM_MISSING)

    def test_metadata_of_another_vehicle(self):
        for ecu, tester in self.for_each_ecu():
            made = self.forged(ecu, tester.begin_cycle(), changes={"/vin": "WPTSTP00000000002"})
            self.assertEqual(tester.judge(made), WRONG_VIN)

    def test_an_old_bundle_played_again(self):
        for ecu, tester in self.for_each_ecu():
            old = self.honest_bundle(VERIFICATION[ecu.id], tester.begin_cycle())
            self.assertEqual(tester.judge(old), 0)
            tester.begin_cycle()
            self.assertEqual(tester.judge(old), NONCE_MISSING)

    def test_an_image_that_differs_from_the_approved_record(self):
        for ecu, tester in self.for_each_ecu():
            target = self.own_target(ecu)
            self.assertEqual(tester.judge(self.honest_bundle(VERIFICATION[ecu.id], tester.begin_cycle())), 0)
            self.assertEqual(tester.erase(target["length"] + 1), ERASE_REFUSED)
            self.assertEqual(tester.erase(target["length"])[-1], 0)
            evil = os.urandom(target["length"])
            self.assertEqual(tester.download(0, evil), b"\x77")
            described = record_of(target, ecu.hardware_id, sha256=hashlib.sha256(evil).hexdigest())
            self.assertEqual(tester.check_memory(described)[-1], NOT_APPROVED)
            self.assertEqual(tester.check_memory(record_of(target, ecu.hardware_id))[-1], WRONG_DIGEST)
            self.assertNotEqual(tester.ask(bytes.fromhex("3101f01001"))[-1], 0, "and it cannot be activated")
            tester.session(0x01)

    def test_z_the_honest_update_gets_through_and_the_server_shows_who_was_attacked(self):
        for ecu, tester in self.for_each_ecu():
            self.assertEqual(tester.judge(self.forged(ecu, tester.begin_cycle(), families=["pq"])), CLASSICAL_MISSING)
        self.bring_back_the_gateway()
        self.update()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            seen = {each["ecu_id"]: each for each in self.stage.cloud.ask("GET", f"/api/v1/vehicles/{VIN}/manifest")["ecus"]}
            if all(seen.get(ecu.id, {}).get("attacks", 0) > 0 for ecu in ECUS):
                break
            time.sleep(0.2)
        for ecu in ECUS:
            self.assertIn(seen[ecu.id]["verdict"], ("accepted", "repeated"), seen)
            self.assertEqual(seen[ecu.id]["previous_attack"], "uptane.classical-missing", seen)


if __name__ == "__main__":
    unittest.main()
