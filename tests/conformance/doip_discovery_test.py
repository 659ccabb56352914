"""ISO 13400-2 over UDP as raw sockets see it: identification, announcements, status; IPv4 and IPv6."""
import contextlib
import socket
import struct
import time
import unittest

from doip_ground import DATA_BYTES_MAX, EID, SOCKETS_MAX, VIN, ZONE, Ground, activation, diagnostic, frame, main


class Discovery(Ground):
    def announcement(self, answer):
        version, kind, payload = answer
        self.assertEqual((kind, len(payload)), (0x0004, 33))
        self.assertEqual(payload[:17], VIN.encode())
        self.assertEqual(payload[17:19], struct.pack(">H", ZONE))
        self.assertEqual(payload[19:25], EID)
        self.assertEqual(payload[31:], b"\x00\x00", "no further action, synchronised")
        return version

    def test_identification(self):
        rows = (("version 2", frame(1, version=2), 2), ("version 3", frame(1), 3), ("any version", frame(1, version=0xFF), 3),
                ("by EID", frame(2, EID), 3), ("by EID, any version", frame(2, EID, version=0xFF), 3), ("by VIN", frame(3, VIN.encode()), 3),
                ("by VIN, version 2", frame(3, VIN.encode(), version=2), 2))
        for what, request, version in rows:
            with self.case(what=what):
                heard = self.datagram(request)
                self.assertEqual(len(heard), 1)
                self.assertEqual(self.announcement(heard[0]), version)

    def test_silence(self):
        rows = (("another EID", frame(2, b"\x02\0\0\0\0\x92")), ("another VIN", frame(3, b"WPTSTP00000000002")), ("nothing", b""),
                ("half a header", frame(1)[:7]), ("an announcement", frame(4, bytes(33))), ("a status", frame(0x4002, bytes(7))),
                ("a power mode", frame(0x4004, bytes(1))), ("a refusal", frame(0, b"\x01")))
        for what, request in rows:
            with self.case(what=what):
                self.assertEqual(self.datagram(request, wait_s=0.25), [])

    def test_refusals(self):
        rows = (("wrong inverse", frame(1, inverse=0x11), 0x00), ("version 1", frame(1, version=1), 0x00),
                ("any version outside identification", frame(0x4001, version=0xFF), 0x00), ("unknown type", frame(0x7777), 0x01),
                ("activation over UDP", activation(), 0x01), ("diagnostics over UDP", diagnostic(b"\x3e\x00"), 0x01),
                ("alive check over UDP", frame(7), 0x01), ("4 GiB", frame(1, size=0xFFFFFFFF), 0x02), ("EID of 5 bytes", frame(2, bytes(5)), 0x04),
                ("VIN of 18 bytes", frame(3, bytes(18)), 0x04), ("identification with a payload", frame(1, b"\0"), 0x04),
                ("status with a payload", frame(0x4001, b"\0"), 0x04), ("less than it says", frame(2, bytes(3), size=6), 0x04),
                ("more than it says", frame(1, bytes(3), size=0), 0x04))
        for what, request, code in rows:
            with self.case(what=what):
                heard = self.datagram(request)
                self.assertEqual([(kind, payload) for _, kind, payload in heard], [(0x0000, bytes([code]))])

    def test_entity_status(self):
        def sockets_open():
            (_, kind, payload), = self.datagram(frame(0x4001))
            self.assertEqual((kind, payload[:2], payload[3:]), (0x4002, bytes((0, SOCKETS_MAX)), struct.pack(">L", DATA_BYTES_MAX)))
            return payload[2]
        before = sockets_open()
        with self.line() as line:
            line.activate()
            self.assertEqual(sockets_open(), before + 1)

    def test_power_mode(self):
        self.assertEqual([answer[1:] for answer in self.datagram(frame(0x4003))], [(0x4004, b"\x01")])

    def test_everybody_is_asked_by_broadcast(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            asking.settimeout(2)
            asking.sendto(frame(1, version=0xFF), ("127.255.255.255", 13400))
            while True:
                answer, sender = asking.recvfrom(512)
                if sender == (self.host, 13400):
                    break
            self.announcement((3, 4, answer[8:]))

    def test_three_announcements_at_the_start(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.255.255.255", 13400))
            self.zone.stop()
            start = time.monotonic()
            self.zone.start()
            self.zone.wait_for_log("ready")
            heard = []
            listener.settimeout(0.3)
            while time.monotonic() - start < 4:
                with contextlib.suppress(TimeoutError):
                    answer, sender = listener.recvfrom(512)
                    if sender[0] == self.host:
                        self.announcement((answer[0], struct.unpack(">H", answer[2:4])[0], answer[8:]))
                        heard.append(time.monotonic() - start)
            self.assertEqual(len(heard), 3)
            for earlier, later in zip(heard, heard[1:]):
                self.assertTrue(0.4 <= later - earlier <= 0.8, heard)


class Ipv6(Ground):
    @classmethod
    def setUpClass(cls):
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 13400))
            except OSError as error:
                raise unittest.SkipTest(f"::1 port 13400: {error}") from error
        super().setUpClass()

    @classmethod
    def prepare(cls):
        cls.host = "'::1'"

    @classmethod
    def start(cls):
        super().start()
        cls.host = "::1"

    def test_activation_and_diagnostics(self):
        with self.line() as line:
            self.assertEqual(line.activate(), 0x10)
            self.assertEqual(line.ask(b"\x3e\x00"), b"\x7e\x00")

    def test_identification_and_multicast(self):
        for to in (("::1", 13400), ("ff02::1", 13400, 0, socket.if_nametoindex("lo"))):
            with self.case(to=to), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asking:
                asking.settimeout(2)
                try:
                    asking.sendto(frame(1, version=0xFF), to)
                except OSError as error:
                    self.skipTest(f"no way to {to[0]}: {error}")
                answer, sender = asking.recvfrom(512)
                self.assertEqual((answer[3], sender[0]), (4, "::1"))


if __name__ == "__main__":
    main(35)
