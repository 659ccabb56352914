"""Somebody at the diagnostic plug of a running car: whom its ECUs let program them, and whom not (docs/formats/access.md)."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools")]
from forger import FAMILIES  # noqa: E402
from stage.car import BRAKES, ECUS, FACTORY_VERSION, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402
from tester import AUTHENTICATED, Credential, Tester  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
OTHER_VIN = "WPTSTP00000000002"
REQUIRED, DENIED_CHAIN, DENIED_SCOPE, DENIED_PROOF = 0x34, 0x52, 0x56, 0x58
ONE_FAMILY_PROVED = bytes.fromhex("6903000000")
DEFAULT, EXTENDED, PROGRAMMING = 0x01, 0x03, 0x02
# What changes an ECU: (in which session, the request).
WORK = [
    (PROGRAMMING, "3101ff0044" "00000000" "00001000"),  # erase
    (PROGRAMMING, "340044" "00000000" "00001000"),      # download
    (PROGRAMMING, "3601" "00"),
    (PROGRAMMING, "37"),
    (PROGRAMMING, "31010202"),                          # check memory
    (PROGRAMMING, "3101ff01"),                          # check dependencies
    (PROGRAMMING, "2ef15a" "20261121"),                 # fingerprint
    (EXTENDED, "3101f010" "01"),                        # activate
    (EXTENDED, "3101f011"),                             # roll back
    (EXTENDED, "2ef15a" "20261121"),
]


def refused(request, code):
    return bytes([0x7F, request[0], code])


class Intruder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-intruder-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50, access=True)
        cls.stage.cloud.vins.append(OTHER_VIN)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        for name in ("bus", "zone", *(ecu.id for ecu in ECUS)):  # nobody else at the plug
            cls.stage.start(name)

    def tearDown(self):
        for ecu in ECUS:
            self.assertEqual(self.stage.read_ecu(ecu)["version"], FACTORY_VERSION)

    def of_car(self, name, pki="pki", vin=VIN):
        return Credential(self.stage.folder / pki / "diagnostics" / name, vin)

    def issue(self, name, *roles):
        words = [word for role in roles for word in ("--role", role)]
        self.stage.cloud.pitstop("pki", "tester", "--dir", self.stage.cloud.pki, "--name", name, *words)
        return self.of_car(name)

    def for_each_ecu(self, credential=None):
        for ecu in ECUS:
            host = self.stage.car.head_host if ecu is HEAD else self.stage.car.zone_host
            with self.subTest(ecu.id), Tester(host, ecu.address, credential=credential) as tester:
                tester.session(DEFAULT)  # whatever the one before proved is forgotten
                tester.session(PROGRAMMING)
                yield ecu, tester

    def assert_locked(self, tester, ecu):
        for session, words in WORK:
            request = bytes.fromhex(words)
            # The zone lets nobody erase or download whose metadata it has not believed: it is asked before the ECU is.
            by_zone = [refused(request, 0x22)] if ecu is BRAKES and words.startswith(("3101ff00", "34")) else []
            tester.session(session)
            self.assertIn(tester.ask(request), [refused(request, REQUIRED), *by_zone], words)

    def test_without_a_credential_nothing_can_be_changed_and_all_can_be_read(self):
        for ecu, tester in self.for_each_ecu():
            self.assert_locked(tester, ecu)
            self.assertEqual(tester.ask(bytes.fromhex("22f190")), bytes.fromhex("62f190") + VIN.encode())
            tester.begin_cycle()  # metadata proves itself
            self.assertEqual(tester.ask(b"\x27\x11"), refused(b"\x27", 0x11), "it has no keys that could be guessed")

    def test_a_credential_of_another_authority(self):
        subprocess.run([PROGRAMS / "pitstop", "pki", "init", "--dir", self.stage.folder / "other", "--vin", VIN], check=True, capture_output=True)
        for ecu, tester in self.for_each_ecu(self.of_car(f"{VIN}-gateway", "other")):
            for family in FAMILIES:
                self.assertEqual(tester.authenticate([family]), refused(b"\x29", DENIED_CHAIN))
            self.assert_locked(tester, ecu)

    def test_the_credential_of_another_vehicles_gateway(self):
        for ecu, tester in self.for_each_ecu(self.of_car(f"{OTHER_VIN}-gateway")):
            self.assertEqual(tester.authenticate(), refused(b"\x29", DENIED_SCOPE))
            self.assert_locked(tester, ecu)

    def test_one_family_alone_whichever_was_broken(self):
        for family in FAMILIES:
            for ecu, tester in self.for_each_ecu(self.of_car(f"{VIN}-gateway")):
                self.assertEqual(tester.authenticate([family]), ONE_FAMILY_PROVED)
                self.assert_locked(tester, ecu)

    def test_the_certificate_without_its_key(self):
        copied, own = self.of_car(f"{VIN}-gateway"), self.issue("somebody", "programming")
        copied.prove = own.prove
        for ecu, tester in self.for_each_ecu(copied):
            for family in FAMILIES:
                self.assertEqual(tester.authenticate([family]), refused(b"\x29", DENIED_PROOF))
            self.assert_locked(tester, ecu)

    def test_a_proof_played_again(self):
        credential = self.of_car(f"{VIN}-gateway")
        honest, heard = credential.prove, {}

        def overheard(family, *of):
            heard[family] = honest(family, *of)
            return heard[family]
        credential.prove = overheard
        for ecu, tester in self.for_each_ecu(credential):
            self.assertEqual(tester.authenticate(), AUTHENTICATED)
            self.assertEqual(tester.ask(b"\x29\x00")[:2], b"\x69\x00")
            for family in FAMILIES:
                self.assertEqual(tester.show(credential.chain(family))[:3], bytes.fromhex("690111"))
                self.assertEqual(tester.prove(heard[family]), refused(b"\x29", DENIED_PROOF))
            self.assert_locked(tester, ecu)

    def test_a_workshop_that_may_not_program(self):
        for ecu, tester in self.for_each_ecu(self.issue("reader", "diagnostic")):
            self.assertEqual(tester.authenticate(), AUTHENTICATED)
            self.assert_locked(tester, ecu)

    def test_who_was_let_in_is_out_with_the_default_session(self):
        for ecu, tester in self.for_each_ecu(self.issue("workshop", "programming")):
            self.assertEqual(tester.authenticate(), AUTHENTICATED)
            self.assertEqual(tester.ask(bytes.fromhex("3101f011"))[:4], bytes.fromhex("7101f011"), "it may")
            tester.session(DEFAULT)
            self.assert_locked(tester, ecu)


if __name__ == "__main__":
    unittest.main()
