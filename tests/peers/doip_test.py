"""Third parties at our diagnostic entities: scapy asks, tshark listens and must understand every frame."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.car import BRAKES, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
TESTER = 0x0E80


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-peers-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        with open(cls.stage.car.folder / "bus.yaml", "a") as bus:
            bus.write("pcap: can0.pcap\n")
        for name in ("bus", "zone", BRAKES.id, HEAD.id):
            cls.stage.start(name)

    def ask(self, host, address):
        """What scapy's DoIP and UDS clients get as answers."""
        from scapy.contrib.automotive.doip import UDS_DoIPSocket
        from scapy.contrib.automotive.uds import UDS, UDS_DSC, UDS_RDBI, UDS_TP
        # 3E 80 has no answer, so the one after it must be the next request's.
        requests = [UDS() / UDS_RDBI(identifiers=[0xF190]), UDS() / UDS_RDBI(identifiers=[0xF189, 0xF18C]), UDS() / UDS_TP(),
                    UDS() / UDS_DSC(diagnosticSessionType=3), UDS() / UDS_RDBI(identifiers=[0x1234])]
        socket = UDS_DoIPSocket(host, source_address=TESTER, target_address=address)
        try:
            return [bytes(socket.sr1(request, timeout=3, verbose=False) or b"") for request in requests]
        finally:
            socket.close()

    def test_scapy_reads_each_ecu(self):
        for host, ecu in ((self.stage.car.head_host, HEAD), (self.stage.car.zone_host, BRAKES)):
            with self.subTest(ecu.id):
                vin, versions, present, session, unknown = self.ask(host, ecu.address)
                self.assertEqual(vin, b"\x62\xf1\x90" + VIN.encode())
                self.assertEqual(versions, b"\x62\xf1\x891.0.0\xf1\x8c" + f"SN-{ecu.number:04}-000001".encode())
                self.assertEqual(present, b"\x7e\x00")
                self.assertEqual(session[:2], b"\x50\x03")
                self.assertEqual(unknown, b"\x7f\x22\x31")

    def identify(self, **fields):
        """What scapy reads in the answer to an identification request."""
        from scapy.contrib.automotive.doip import DoIP
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(3)
            asking.sendto(bytes(DoIP(protocol_version=0xFF, inverse_version=0x00, **fields)), (self.stage.car.zone_host, 13400))
            return DoIP(asking.recv(512))

    def test_scapy_identifies_the_zone(self):
        first = self.identify(payload_type=0x0001)
        self.assertEqual((first.payload_type, first.vin, first.logical_address), (0x0004, VIN.encode(), 0x0091))
        self.assertEqual((first.further_action, first.vin_gid_status), (0x00, 0x00))
        self.assertEqual(bytes(self.identify(payload_type=0x0002, eid=bytes(first.eid))), bytes(first))
        self.assertEqual(bytes(self.identify(payload_type=0x0003, vin=VIN.encode())), bytes(first))

    def test_scapy_asks_the_zone_how_it_is(self):
        from scapy.contrib.automotive.doip import DoIP
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(3)
            asking.connect((self.stage.car.zone_host, 13400))
            asking.send(bytes(DoIP(protocol_version=2, inverse_version=0xFD, payload_type=0x4001)))
            status = DoIP(asking.recv(512))
            self.assertEqual((status.payload_type, status.node_type, status.max_open_sockets), (0x4002, 0, 16))
            asking.send(bytes(DoIP(protocol_version=2, inverse_version=0xFD, payload_type=0x4003)))
            self.assertEqual(DoIP(asking.recv(512)).diagnostic_power_mode, 1)

    def test_tshark_understands_every_frame_on_both_wires(self):
        if os.geteuid() != 0:
            self.skipTest("capturing on loopback needs root")
        capture = self.stage.folder / "doip.pcap"
        listener = subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", "port 13400", "-w", capture],
                                    stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for line in listener.stderr:
            if "Capturing" in line:
                break
        time.sleep(0.5)  # tshark says it captures a moment before it does
        for host, ecu in ((self.stage.car.head_host, HEAD), (self.stage.car.zone_host, BRAKES)):
            self.ask(host, ecu.address)
        self.identify(payload_type=0x0001)
        time.sleep(0.5)
        listener.terminate()
        listener.stderr.close()
        listener.wait(20)
        self.assertEqual(self.fields(capture, "_ws.malformed", "frame.number"), [])
        asked = self.fields(capture, "uds.reply == 0", "uds.sid")
        self.assertGreaterEqual(len(asked), 10)
        self.assertTrue(self.fields(capture, "udp && doip.type == 0x0004", "frame.number"))
        self.assert_acknowledged_before_answered(capture)

        can = self.stage.car.folder / "can0.pcap"
        self.stage.running["bus"].stop()  # which closes its capture
        self.assertEqual(self.fields(can, "_ws.malformed", "frame.number"), [])
        self.assertTrue(self.fields(can, "canfd", "can.id") or self.fields(can, "can", "can.id"))

    def assert_acknowledged_before_answered(self, capture):
        """Request, acknowledgement, answer: in this order on every connection."""
        lines = self.fields(capture, "tcp && doip", "tcp.stream", "tcp.dstport", "doip.type", whole_lines=True)
        open_since = {}
        for line in lines:
            stream, to_port, kinds = line.split("\t")
            for kind in (int(each, 16) for each in kinds.split(",")):
                if kind == 0x8001 and to_port == "13400":
                    self.assertNotEqual(open_since.get(stream), "asked", "one request at a time is acknowledged")
                    open_since[stream] = "asked"
                elif kind == 0x8002:
                    self.assertEqual(open_since.get(stream), "asked")
                    open_since[stream] = "acknowledged"
                elif kind == 0x8001:
                    self.assertEqual(open_since.get(stream), "acknowledged")
        self.assertTrue(open_since)
        self.assertNotIn("asked", open_since.values())

    def fields(self, capture, what, *names, whole_lines=False):
        wanted = [word for name in names for word in ("-e", name)]
        done = subprocess.run(["tshark", "-r", capture, "-Y", what, "-T", "fields", *wanted], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines() if whole_lines else done.stdout.split()


if __name__ == "__main__":
    unittest.main()
