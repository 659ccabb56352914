"""Somebody at the diagnostic plug of a running car: whom its ECUs let program them, and whom not (docs/formats/access.md)."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools")]
from forger import FAMILIES  # noqa: E402
from stage.car import BRAKES, ECUS, FACTORY_VERSION, HEAD, ZONE  # noqa: E402
from stage.program import StageError  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402
from tester import AUTHENTICATED, ID_SHA256, RETURNS, Credential, Tester, return_links, sized  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
ZONE_ADDRESS = int(ZONE[4:], 16)
OTHER_VIN = "WPTSTP00000000002"
BUSY, OUT_OF_TURN, NOT_NOW, S3_S = 0x21, 0x24, 0x7E, 5
ROLL_BACK, ROLLED_BACK = bytes.fromhex("3101f011"), bytes.fromhex("7101f011")
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

    def test_a_zone_works_for_nobody_whose_credential_it_has_not_seen(self):
        orders = [bytes.fromhex(words) for words in ("3101f020", "3101f022", "3101f023" + 36 * "00")]
        for credential, may in ((None, False), (self.issue("onlooker", "diagnostic"), False), (self.issue("chief", "programming"), True)):
            with Tester(self.stage.car.zone_host, ZONE_ADDRESS, credential=credential) as tester:
                tester.session(EXTENDED)
                if credential:
                    self.assertEqual(tester.authenticate(), AUTHENTICATED)
                for order in orders:
                    answer = tester.ask(order)
                    self.assertEqual(answer != refused(order, REQUIRED), may, answer.hex())
                self.assertEqual(tester.ask(bytes.fromhex("3101f021"))[:4], bytes.fromhex("7101f021"), "everybody may look on")

    def test_a_workshop_at_the_command_line(self):
        cloud, credential = self.stage.cloud, self.issue("line", "diagnostic", "programming").folder
        for ecu in ECUS:
            host = self.stage.car.head_host if ecu is HEAD else self.stage.car.zone_host

            def diag(*words):
                return cloud.pitstop("diag", *words, "--host", host, "--ecu", ecu.id)
            with self.subTest(ecu.id):
                with self.assertRaisesRegex(StageError, r"authenticationRequired \(0x34\)"):
                    diag("routine", "--start", "F011", "--session", "extended")
                with self.assertRaisesRegex(StageError, "nothing-to-roll-back"):  # it may ask
                    diag("routine", "--start", "F011", "--credential", credential, "--json")
                self.assertEqual(json.loads(diag("read", "--credential", credential, "--json"))["vin"], VIN)
                self.assertEqual(json.loads(diag("read", "--did", "F186", "--json"))["session"], "01", "it left the ECU as it was")
                diag("dtc", "clear")
                listed = json.loads(diag("dtc", "list", "--json"))["dtcs"]
                self.assertTrue(all("confirmedDTC" not in dtc["status_bits"] for dtc in listed), listed)
                self.assertIn("session entered", diag("session", "extended"))

    def test_a_return_ticket_opens_to_its_owner_only(self):
        for number, (ecu, tester) in enumerate(self.for_each_ecu(self.issue("traveller", "programming"))):
            links = return_links(bytes([number]) * 32, VIN, ecu.address)
            self.assertEqual(tester.leave_ticket(links[-1]), refused(b"\x29", REQUIRED), "nobody is in yet")
            self.assertEqual(tester.authenticate(), AUTHENTICATED)
            self.assertEqual(tester.leave_ticket(links[-1]), bytes.fromhex("690413"))
            tester.session(DEFAULT)
            for left in range(RETURNS, 0, -1):
                self.come_back_once(tester, links[left], links[left - 1])
                if left > 1:  # played again
                    tester.session(EXTENDED)
                    tester.expected_link()
                    self.assertEqual(tester.come_back(links[left - 1]), refused(b"\x29", DENIED_PROOF))
            tester.session(EXTENDED)
            self.assertEqual(tester.expected_link(), refused(b"\x29", OUT_OF_TURN), "it is used up")
            self.assert_locked(tester, ecu)

    def come_back_once(self, tester, expected, link):
        tester.session(EXTENDED)
        self.assertEqual(tester.expected_link(), b"\x69\x05\x00" + ID_SHA256 + sized(expected) + sized(b""))
        self.assertEqual(tester.come_back(expected), refused(b"\x29", DENIED_PROOF), "what everybody can ask for")
        self.assertEqual(tester.come_back(link), refused(b"\x29", OUT_OF_TURN), "one try for each question")
        self.assertEqual(tester.ask(ROLL_BACK), refused(ROLL_BACK, REQUIRED))
        tester.expected_link()
        self.assertEqual(tester.come_back(link), b"\x69\x06\x12" + ID_SHA256 + sized(b""))
        self.assertEqual(tester.ask(ROLL_BACK)[:4], ROLLED_BACK)
        self.assertEqual(tester.leave_ticket(expected), refused(b"\x29", REQUIRED), "a ticket begets no other")
        tester.session(DEFAULT)

    def test_a_return_ticket_outlives_a_restart_and_ends_when_its_owner_leaves(self):
        credential = self.issue("restarted", "programming")
        for ecu in ECUS:
            links = return_links(b"r" * 32, VIN, ecu.address)
            with self.subTest(ecu.id):
                first, _ = self.two_at(ecu, credential)
                self.assertEqual(first.authenticate(), AUTHENTICATED)
                self.assertEqual(first.leave_ticket(links[-1]), bytes.fromhex("690413"))
                first.close()
                self.stage.running[ecu.id].kill()
                self.stage.start(ecu.id)
                with Tester(self.stage.car.head_host if ecu is HEAD else self.stage.car.zone_host, ecu.address) as again:
                    self.assertEqual(self.ask_when_free(lambda: again.session(EXTENDED))[0], 0x50)
                    self.assertEqual(again.expected_link()[:3], bytes.fromhex("690500"))
                    self.assertEqual(again.come_back(links[-2])[:3], bytes.fromhex("690612"))
                    self.assertEqual(again.ask(ROLL_BACK)[:4], ROLLED_BACK)
                    self.assertEqual(again.ask(b"\x29\x00"), bytes.fromhex("690010"))
                    self.assertEqual(again.expected_link(), refused(b"\x29", OUT_OF_TURN))

    def two_at(self, ecu, credential):
        """The tester who comes first, and somebody at another connection."""
        host = self.stage.car.head_host if ecu is HEAD else self.stage.car.zone_host
        first, second = Tester(host, ecu.address, credential=credential), Tester(host, ecu.address, 0x0E81, credential=credential)
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        first.session(PROGRAMMING)
        return first, second

    @staticmethod
    def ask_when_free(ask):
        """The entity may read a request before it sees that the owner's connection was closed: 0x21 asks to repeat it."""
        end = time.monotonic() + 2
        while (answer := ask())[2:] == bytes([BUSY]) and time.monotonic() < end:
            time.sleep(0.01)
        return answer

    def assert_kept_away(self, tester):
        for words in ("1001", "1003", "1101", "2901", "3101f011", "2ef15a20261121", "14ffffff", "2f01100330d4", "280301"):
            request = bytes.fromhex(words)
            self.assertEqual(tester.ask(request), refused(request, BUSY), words)
        self.assertEqual(tester.ask(bytes.fromhex("22f190")), bytes.fromhex("62f190") + VIN.encode(), "reading disturbs nobody")
        self.assertEqual(tester.ask(bytes.fromhex("19012f"))[:2], bytes.fromhex("5901"))

    def test_what_one_connection_opened_and_proved_is_no_other_ones(self):
        credential = self.issue("first", "programming")
        for ecu in ECUS:
            with self.subTest(ecu.id):
                first, second = self.two_at(ecu, credential)
                self.assertEqual(first.authenticate(), AUTHENTICATED)
                self.assert_kept_away(second)
                self.assertEqual(first.ask(ROLL_BACK)[:4], ROLLED_BACK, "the first one still may")
                first.close()
                self.assertEqual(self.ask_when_free(lambda: second.session(PROGRAMMING))[0], 0x50)
                self.assert_locked(second, ecu)

    def test_no_second_connection_completes_what_the_first_one_began(self):
        credential = self.issue("half", "programming")
        for ecu in ECUS:
            with self.subTest(ecu.id):
                first, second = self.two_at(ecu, credential)
                self.assertEqual(first.authenticate(FAMILIES[:1]), ONE_FAMILY_PROVED)
                self.assertEqual(second.authenticate(FAMILIES[1:]), refused(b"\x29", BUSY))
                first.close()
                self.assertEqual(self.ask_when_free(lambda: second.authenticate(FAMILIES[1:])), refused(b"\x29", NOT_NOW), "the session is over")
                second.session(PROGRAMMING)
                self.assertEqual(second.authenticate(FAMILIES[1:]), ONE_FAMILY_PROVED)
                self.assert_locked(second, ecu)

    def test_nobody_else_keeps_a_session_awake(self):
        credential = self.issue("silent", "programming")
        pairs = [(ecu, *self.two_at(ecu, credential)) for ecu in ECUS]
        for _, first, _ in pairs:
            self.assertEqual(first.authenticate(), AUTHENTICATED)
        end = time.monotonic() + S3_S + 0.7
        while time.monotonic() < end:
            for ecu, _, second in pairs:
                self.assertEqual(second.ask(bytes.fromhex("3e00")), bytes.fromhex("7e00"))
                second.ask(bytes.fromhex("22f190"))
            time.sleep(0.5)
        for ecu, first, second in pairs:
            with self.subTest(ecu.id):
                self.assertEqual(second.ask(bytes.fromhex("22f186"))[3], DEFAULT)
                self.assertEqual(first.ask(ROLL_BACK), refused(ROLL_BACK, REQUIRED), "silent for S3, it has to begin anew")

    def test_a_zone_that_is_cut_off_leaves_no_session_behind(self):
        first, _ = self.two_at(BRAKES, self.issue("cut", "programming"))
        self.assertEqual(first.authenticate(), AUTHENTICATED)
        self.stage.running["zone"].kill()
        self.stage.start("zone")
        with Tester(self.stage.car.zone_host, BRAKES.address) as tester:
            self.assertEqual(tester.ask(bytes.fromhex("22f186"))[3], DEFAULT)
            self.assertEqual(tester.ask(ROLL_BACK), refused(ROLL_BACK, REQUIRED))


if __name__ == "__main__":
    unittest.main()
