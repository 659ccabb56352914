"""Third parties on the CAN bus: python-can joins through socketcand, scapy speaks ISO-TP and UDS, tshark reads the record."""
import logging
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
REQUEST, RESPONSE, FUNCTIONAL = 0x711, 0x719, 0x7DF
# How Wireshark is told what the bus carries: Decode As ISO-TP, and UDS above it.
TO_UDS = ["-d", "can.subdissector,iso15765", "-d", "iso15765.subdissector,uds"]


def a_free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class CanPeers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-can-peers-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Stage(PROGRAMS, folder.name, bus_time_scale=1)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        cls.port = a_free_port()
        with open(cls.stage.car.folder / "bus.yaml", "a") as bus:
            bus.write(f"pcap: can0.pcap\nsocketcand: {{ listen: 'tcp:127.0.0.1:{cls.port}', bus: can0 }}\n"
                      "faults: { seed: 4, error_per_million: 200000 }\nload_every_s: 1\n")
        ecu = cls.stage.car.folder / f"{BRAKES.id}.yaml"
        ecu.write_text(ecu.read_text().replace("  response_id: 0x719\n", "  response_id: 0x719\n  format: classic\n"))
        for name in ("bus", BRAKES.id):
            cls.stage.start(name)

    def join(self):
        import can
        bus = can.Bus(interface="socketcand", channel="can0", host="127.0.0.1", port=self.port, tcp_tune=True)
        self.addCleanup(bus.shutdown)
        return bus

    def hear(self, bus, limit_s=2.0):
        """The ECU's next frame, or None."""
        end = time.monotonic() + limit_s
        while (left := end - time.monotonic()) > 0:
            heard = bus.recv(left)
            if heard is not None and heard.arbitration_id == RESPONSE:
                return bytes(heard.data)
        return None

    def test_python_can_hears_what_python_can_says(self):
        import can
        one, other = self.join(), self.join()
        for message in (can.Message(arbitration_id=0x123, data=[2, 0x3E, 0x80], is_extended_id=False),
                        can.Message(arbitration_id=0x18DA11F1, data=[3, 0x22, 0xF1, 0x90], is_extended_id=True),
                        can.Message(arbitration_id=0x7E0, data=[7, 0x22, 0xF1, 0x90, 0xF1, 0x8C, 0xF1, 0x89], is_extended_id=False)):
            one.send(message)
            heard = other.recv(3)
            self.assertTrue(message.equals(heard, timestamp_delta=None, check_channel=False, check_direction=False), heard)
            self.assertLess(abs(heard.timestamp - time.time()), 5)

    def test_scapys_iso_tp_reads_the_ecu(self):
        answers = self.ask([b"\x22\xf1\x90", b"\x22\xf1\x89\xf1\x8c\xf1\x97", b"\x22" + b"\xf1\x90" * 9])
        self.assertEqual(answers[0], b"\x62\xf1\x90" + VIN.encode())
        self.assertIn(b"\xf1\x891.0.0", answers[1])
        self.assertEqual(answers[2], b"\x62" + (b"\xf1\x90" + VIN.encode()) * 9)

    def test_a_functional_request_reaches_the_ecu_and_what_it_does_not_know_stays_unanswered(self):
        import can
        bus = self.join()

        def functional(*message):
            data = bytes([len(message), *message]).ljust(8, b"\xcc")
            bus.send(can.Message(arbitration_id=FUNCTIONAL, data=data, is_extended_id=False))
            return self.hear(bus, 1.0)

        self.assertEqual(functional(0x3E, 0x00)[:3], b"\x02\x7e\x00")
        self.assertIsNone(functional(0xBA, 0x00), "serviceNotSupported is not said to a functional request")
        self.assertIsNone(functional(0x3E, 0x80))

    def test_a_slow_request_keeps_its_session_while_it_comes(self):
        import can
        bus = self.join()

        def send(*data):
            bus.send(can.Message(arbitration_id=REQUEST, data=bytes(data).ljust(8, b"\xcc"), is_extended_id=False))

        send(0x02, 0x10, 0x03)
        self.assertEqual(self.hear(bus)[1:3], b"\x50\x03")
        time.sleep(4.5)
        which_session = b"\x22" + b"\xf1\x86" * 9
        send(0x10, len(which_session), *which_session[:6])
        self.assertEqual(self.hear(bus)[0], 0x30)
        for number, part in enumerate((which_session[6:13], which_session[13:]), 1):
            time.sleep(0.8)  # below N_Cr; together beyond S3 of five seconds
            send(0x20 + number, *part)
        self.assertEqual(self.hear(bus)[2:6], b"\x62\xf1\x86\x03")
        send(0x30, 0, 0)
        self.assertIsNotNone(self.hear(bus))

    def test_tshark_dissects_the_record_down_to_uds(self):
        self.ask([b"\x22\xf1\x90", b"\x3e\x00", b"\x22\xf1\x89", b"\x22\x12\x34"])
        time.sleep(0.3)
        record = self.stage.car.folder / "can0.pcap"
        self.assertEqual(self.fields(record, "_ws.malformed", "frame.number"), [])
        self.assertTrue(self.fields(record, "can.flags.err == 1", "frame.number"), "the error frames are there")
        said = [line.split() for line in self.tshark(record, f"uds and can.id in {{{REQUEST}, {RESPONSE}}}", "-T", "fields", "-e", "can.id",
                                                     "-e", "uds.sid").splitlines()]
        asked = [place for place, (identifier, _) in enumerate(said) if int(identifier, 0) == REQUEST]
        self.assertGreaterEqual(len(asked), 4)
        for place in asked:
            self.assertIn(said[place + 1], ([str(RESPONSE), said[place][1]], [str(RESPONSE), "0x3f"]), "each request has its answer")
        self.assertIn(f"VIN: {VIN}", self.tshark(record, "uds.reply == 1", "-V"))

    def test_the_bus_says_how_busy_it_is(self):
        self.ask([b"\x22\xf1\x90"] * 3)
        self.stage.running["bus"].wait_for_log("error frames", 5)
        self.assertRegex(self.stage.running["bus"].said(), r"bus load \d+\.\d % since the last report, .* error frames")

    def ask(self, requests):
        """The ECU's answers to scapy's own ISO-TP on a python-can bus."""
        from scapy.config import conf
        conf.contribs["CANSocket"] = {"use-python-can": True}
        conf.contribs["ISOTP"] = {"use-can-isotp-kernel-module": False}
        from scapy.contrib.cansocket_python_can import PythonCANSocket
        from scapy.contrib.isotp import ISOTPSoftSocket
        below = PythonCANSocket(interface="socketcand", channel="can0", host="127.0.0.1", port=self.port, tcp_tune=True)
        link = ISOTPSoftSocket(below, tx_id=REQUEST, rx_id=RESPONSE, padding=True)
        answers = []
        try:
            for request in requests:
                link.send(request)
                deadline = time.monotonic() + 5
                heard = None
                while heard is None and time.monotonic() < deadline:
                    heard = link.recv() if link.select([link], 0.5) else None
                answers.append(bytes(heard.data) if heard is not None else b"")
        finally:
            link.close()
            below.close()
        return answers

    def tshark(self, record, what, *how):
        done = subprocess.run(["tshark", "-r", record, *TO_UDS, "-Y", what, *how], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def fields(self, record, what, field):
        return self.tshark(record, what, "-T", "fields", "-e", field).split()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    unittest.main()
