"""For the conformance tests of DoIP: a running zonal gateway, and connections that say and hear single bytes."""
import contextlib
import os
import pathlib
import socket
import ssl
import struct
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from stage.program import Program  # noqa: E402
from stage.stage import take_network  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
VIN = "WPTSTP00000000001"
ZONE, BUS_ECU, TESTER = 0x0091, 0x0011, 0x0E80
EID = bytes((2, 0, 0, 0, 0x00, 0x91))
DATA_BYTES_MAX = 128 * 1024 + 4
SOCKETS_MAX = 16
CASES = [0]


def frame(kind, payload=b"", version=3, inverse=None, size=None):
    header = struct.pack(">BBHL", version, version ^ 0xFF if inverse is None else inverse, kind, len(payload) if size is None else size)
    return header + payload


def activation(source=TESTER, kind=0, oem=b"", version=3):
    return frame(0x0005, struct.pack(">HBL", source, kind, 0) + oem, version)


def diagnostic(uds, target=ZONE, source=TESTER, version=3):
    return frame(0x8001, struct.pack(">HH", source, target) + uds, version)


def alive_response(source):
    return frame(0x0008, struct.pack(">H", source))


class Line:
    """One TCP connection, byte by byte."""

    def __init__(self, host, port=13400, wrap=None):
        self.stream = socket.create_connection((host, port), timeout=20)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if wrap:
            self.stream = wrap(self.stream)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()

    def send(self, data):
        self.stream.sendall(data)
        return self

    def exactly(self, size):
        content = b""
        while len(content) < size:
            piece = self.stream.recv(size - len(content))
            if not piece:
                raise EOFError(content)
            content += piece
        return content

    def receive(self):
        """(type, payload)"""
        version, inverse, kind, size = struct.unpack(">BBHL", self.exactly(8))
        assert version ^ 0xFF == inverse, "an answer has a right pattern"
        self.version = version
        return kind, self.exactly(size)

    def activate(self, source=TESTER, kind=0, oem=b"", version=3):
        self.send(activation(source, kind, oem, version))
        said, payload = self.receive()
        assert said == 0x0006, hex(said)
        return payload[4]

    def ask(self, uds, target=ZONE, source=TESTER):
        """What the ECU says after the acknowledgement."""
        self.send(diagnostic(uds, target, source))
        kind, payload = self.receive()
        assert kind == 0x8002, (hex(kind), payload)
        kind, payload = self.receive()
        assert kind == 0x8001, hex(kind)
        return payload[4:]

    def is_closed(self, within_s=3.0):
        self.stream.settimeout(within_s)
        try:
            while self.stream.recv(4096):
                pass
            return True
        except (ConnectionError, ssl.SSLError):
            return True
        except TimeoutError:
            return False

    def is_silent(self, for_s=0.3):
        self.stream.settimeout(for_s)
        try:
            return self.stream.recv(1) is None
        except TimeoutError:
            return True
        finally:
            self.stream.settimeout(20)


class Ground(unittest.TestCase):
    """Starts one zone with `LISTEN` under its listen key, without buses that exist."""
    LISTEN = ""
    NAME = "zone"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-doip-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        network, claim = take_network()
        cls.addClassCleanup(claim.close)
        cls.network = network
        cls.host = f"127.0.{network}.91"
        cls.prepare()
        cls.start()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def start(cls):
        config = cls.folder / "zone.yaml"
        config.write_text(f"""id: ECU_091
vin: {VIN}
name: {cls.NAME}
software_version: 1.0.0
listen:
  host: {cls.host}
{cls.LISTEN.format(folder=cls.folder)}
buses:
  - {{ name: can0, address: "unix:{cls.folder}/nobody.sock" }}
ecus:
  - {{ id: ECU_011, bus: can0, request_id: 0x711, response_id: 0x719 }}
""")
        cls.zone = Program("zone", [PROGRAMS / "pitstop-zone", "--config", config], cls.folder)
        cls.zone.start()
        cls.addClassCleanup(cls.zone.stop)
        cls.zone.wait_for_log("ready")

    def setUp(self):
        CASES[0] += 1
        self.zone.check()

    @contextlib.contextmanager
    def case(self, **what):
        CASES[0] += 1
        with self.subTest(**what):
            yield

    def line(self, **how):
        return Line(self.host, **how)

    def datagram(self, data, answers=1, wait_s=1.0):
        """What comes back, as (type, payload)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(wait_s)
            asking.sendto(data, (self.host, 13400))
            heard = []
            with contextlib.suppress(TimeoutError):
                for _ in range(answers):
                    answer, sender = asking.recvfrom(512)
                    self.assertEqual(sender[1], 13400)
                    version, _, kind, size = struct.unpack(">BBHL", answer[:8])
                    self.assertEqual(size, len(answer) - 8)
                    heard.append((version, kind, answer[8:]))
            return heard

    def memory_kib(self):
        for line in pathlib.Path(f"/proc/{self.zone.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def assert_serves(self):
        deadline = time.monotonic() + 40
        while True:
            try:
                with self.line() as line:
                    self.assertEqual(line.activate(0x0EFE), 0x10)
                    self.assertEqual(line.ask(b"\x3e\x00", source=0x0EFE), b"\x7e\x00")
                return
            except (OSError, EOFError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def select_readable(stream):
    stream.settimeout(0)
    try:
        return stream.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    finally:
        stream.settimeout(20)


def main(cases_min):
    """A row of a table is a case like a function; that none got lost is a test too."""
    done = unittest.main(module="__main__", exit=False).result
    print(f"{CASES[0]} cases", file=sys.stderr)
    sys.exit(0 if done.wasSuccessful() and (done.testsRun < 5 or CASES[0] >= cases_min) else 1)
