"""Testers that mean harm: the entity goes on serving, and its memory stays as it was."""
import contextlib
import random
import socket
import struct
import threading
import time

from doip_ground import Ground, activation, diagnostic, frame, main, select_readable


class Hostile(Ground):
    # Two pages of buffer a socket, and the sanitizers' own appetite in a development build.
    GROWTH_KIB_MAX = 60_000

    def setUp(self):
        super().setUp()
        self.assert_serves()
        self.before_kib = self.memory_kib()

    def tearDown(self):
        self.assert_serves()
        self.assertLess(self.memory_kib() - self.before_kib, self.GROWTH_KIB_MAX)

    def test_a_flood_of_half_open_connections_locks_nobody_out(self):
        crowd = []
        try:
            for _ in range(400):
                crowd.append(self.line())
            with self.line() as honest:
                self.assertEqual(honest.activate(0x0EFD), 0x10)
        finally:
            for line in crowd:
                line.close()

    def test_headers_of_four_gigabytes_by_the_hundred(self):
        for _ in range(300):
            with self.line() as line:
                line.send(frame(0x8001, bytes(1000), size=0xFFFFFFFF))
                self.assertEqual(line.receive(), (0x0000, b"\x02"))

    def test_a_message_of_four_gigabytes_that_streams_in(self):
        with self.line() as line:
            line.activate(0x0EFC)
            line.send(frame(0x8001, size=0xFFFFFFFF))
            line.receive()
            for _ in range(200):
                line.send(bytes(100_000))

    def test_a_slow_sender_is_cut_off_and_disturbs_nobody(self):
        ended = threading.Event()

        def drip():
            with self.line() as slow, contextlib.suppress(OSError):
                for byte in activation() * 3:
                    slow.send(bytes([byte]))
                    time.sleep(0.25)
                    if select_readable(slow.stream):
                        break
            ended.set()
        threading.Thread(target=drip, daemon=True).start()
        with self.line() as line:
            line.activate(0x0EFB)
            for _ in range(50):
                self.assertEqual(line.ask(b"\x3e\x00", source=0x0EFB), b"\x7e\x00")
        self.assertTrue(ended.wait(20))

    def test_a_tester_that_never_reads(self):
        with self.line() as line:
            line.activate(0x0EFA)
            line.stream.settimeout(1)
            with contextlib.suppress(OSError):
                for _ in range(60_000):
                    line.send(diagnostic(b"\x22\xf1\x90", source=0x0EFA) * 8)
        self.zone.check()

    def test_noise(self):
        chance = random.Random(13400)
        for _ in range(150):
            with self.line() as line, contextlib.suppress(OSError):
                start = b"" if chance.random() < 0.3 else activation(0x0EF9)
                line.send(start + b"\x03\xfc" + chance.randbytes(chance.randrange(0, 300)))

    def test_connections_that_break_in_the_middle(self):
        for cut in range(1, 27):
            line = self.line()
            line.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.send((activation(0x0EF8) + diagnostic(b"\x22\xf1\x90", source=0x0EF8))[:cut])
            line.close()

    def test_a_thousand_quick_activations(self):
        for number in range(1000):
            with self.line() as line:
                line.send(activation(0x0E00 + number % 200))

    def test_datagrams_by_the_ten_thousand(self):
        chance = random.Random(3496)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            for _ in range(10_000):
                flood.sendto(frame(chance.choice((1, 2, 3, 0x4001, 0x7777)), chance.randbytes(chance.randrange(0, 40))), (self.host, 13400))
        # What the flood still has in the socket's buffer crowds out the first questions.
        self.assertTrue(any(self.datagram(frame(1)) for _ in range(20)))

    def test_an_alive_check_does_not_amplify(self):
        with contextlib.ExitStack() as stack:
            holder = stack.enter_context(self.line())
            self.assertEqual(holder.activate(0x0EF7), 0x10)
            for _ in range(12):
                stack.enter_context(self.line()).send(activation(0x0EF7))
            self.assertEqual(holder.receive(), (0x0007, b""))
            self.assertTrue(holder.is_silent(0.3), "one question, however many want to know")


if __name__ == "__main__":
    main(10)
