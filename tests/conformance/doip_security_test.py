"""Who is routed: authentication, confirmation, TLS where it is required."""
import contextlib
import ssl
import struct
import subprocess
import time

from doip_ground import PROGRAMS, TESTER, VIN, ZONE, Ground, activation, diagnostic, frame, main


class Permission(Ground):
    LISTEN = """  routing:
    also: [central-security, 0xE1, 0xE2]
    authenticate: [central-security]
    confirm: [regulated, 0xE1]
    confirmed_after_ms: 200
    echo_bytes: 2
"""

    def test_missing_authentication_keeps_the_socket_and_routes_nothing(self):
        with self.line() as line:
            self.assertEqual(line.activate(kind=0xE0), 0x04)
            self.assertFalse(line.is_closed(0.3))
            self.assertEqual(line.activate(kind=0xE0), 0x04)
            line.send(diagnostic(b"\x3e\x00"))
            self.assertEqual(line.receive()[1][4], 0x02)
            self.assertTrue(line.is_closed(1.5))

    def test_a_confirmation_comes_later(self):
        with self.line() as line:
            self.assertEqual(line.activate(kind=0x01), 0x11)
            self.assertEqual(line.receive()[1][4], 0x10)
            line.send(diagnostic(b"\x3e\x00"))
            self.assertEqual(line.receive(), (0x8002, struct.pack(">HHB", ZONE, TESTER, 0) + b"\x3e\x00"))

    def test_nothing_is_routed_before_the_confirmation(self):
        with self.line() as line:
            self.assertEqual(line.activate(kind=0xE1), 0x11)
            line.send(diagnostic(b"\x3e\x00"))
            self.assertEqual(line.receive()[1][4], 0x02)

    def test_a_manufacturers_type_and_the_further_action(self):
        with self.line() as line:
            self.assertEqual(line.activate(kind=0xE2), 0x10)
        self.assertEqual(self.datagram(frame(1))[0][2][31], 0x10)


class Rejection(Ground):
    LISTEN = """  announce: no
  routing:
    confirm: [default]
    confirmation: rejected
"""

    def test_a_rejected_confirmation_ends_the_connection(self):
        with self.line() as line:
            self.assertEqual(line.activate(), 0x05)
            self.assertTrue(line.is_closed(1.5))


class Tls(Ground):
    LISTEN = """  tls:
    certificate: {folder}/pki/server/server.crt
    private_key: {folder}/pki/server/server.key
    trust_anchors: {folder}/pki/ca/ca.crt
"""

    @classmethod
    def prepare(cls):
        subprocess.run([PROGRAMS / "pitstop", "pki", "init", "--dir", cls.folder / "pki", "--host", cls.host, "--vin", VIN], check=True,
                       stdout=subprocess.DEVNULL)

    def context(self, certificate=True):
        context = ssl.create_default_context(cafile=self.folder / "pki/ca/ca.crt")
        if certificate:
            vehicle = self.folder / "pki/vehicles" / VIN
            context.load_cert_chain(vehicle / "vehicle.crt", vehicle / "vehicle.key")
        return context

    def tls_line(self, **how):
        context = self.context(**how)
        return self.line(port=3496, wrap=lambda stream: context.wrap_socket(stream, server_hostname=self.host))

    def test_plain_activation_is_referred_to_tls(self):
        with self.line() as line:
            self.assertEqual(line.activate(), 0x07)
            self.assertTrue(line.is_closed(1.5))

    def test_plain_diagnostics_are_refused(self):
        with self.line() as line:
            line.send(diagnostic(b"\x3e\x00"))
            self.assertEqual(line.receive()[1][4], 0x02)
            self.assertTrue(line.is_closed(1.5))

    def test_discovery_asks_for_no_central_security_that_is_not_offered(self):
        self.assertEqual(self.datagram(frame(1))[0][2][31], 0x00)
        with self.tls_line() as line:
            self.assertEqual(line.activate(kind=0xE0), 0x06)

    def test_a_tester_with_a_certificate_is_served(self):
        with self.tls_line() as line:
            self.assertEqual(line.stream.version(), "TLSv1.3")
            self.assertEqual(line.activate(), 0x10)
            self.assertEqual(line.ask(b"\x22\xf1\x90")[3:], VIN.encode())

    def test_the_negotiated_group_is_the_profiles_and_logged(self):
        with self.tls_line() as line:
            line.activate()
        self.zone.wait_for_log("X25519MLKEM768")

    def test_header_rules_hold_inside_tls(self):
        with self.tls_line() as line:
            line.send(frame(0x8001, size=0xFFFFFFFF))
            self.assertEqual(line.receive(), (0x0000, b"\x02"))
        with self.tls_line() as line:
            line.send(frame(0x0005, bytes(6)))
            self.assertEqual(line.receive(), (0x0000, b"\x04"))
            self.assertTrue(line.is_closed(2))

    def test_a_tester_without_certificate_is_not_served(self):
        with self.assertRaises((OSError, EOFError)), self.tls_line(certificate=False) as line:
            line.activate()

    def test_older_tls_and_classical_groups_are_refused(self):
        old = self.context()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises(OSError), self.line(port=3496, wrap=lambda stream: old.wrap_socket(stream, server_hostname=self.host)):
            pass
        done = subprocess.run(["openssl", "s_client", "-connect", f"{self.host}:3496", "-groups", "X25519"], input=b"", capture_output=True)
        self.assertIn(b"alert", done.stderr + done.stdout)

    def test_plain_doip_on_the_tls_port_gets_no_doip(self):
        with self.line(port=3496) as line:
            line.send(activation())
            with contextlib.suppress(EOFError, OSError):
                self.assertNotEqual(line.exactly(4)[:4], b"\x03\xfc\x00\x06")
            self.assertTrue(line.is_closed(3))

    def test_a_handshake_that_stops_is_cut_off(self):
        with self.line(port=3496) as line:
            line.send(b"\x16\x03\x01")
            start = time.monotonic()
            self.assertTrue(line.is_closed(4))
            self.assertLess(time.monotonic() - start, 3)


if __name__ == "__main__":
    main(15)
