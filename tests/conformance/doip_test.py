"""ISO 13400-2 over TCP as raw sockets see it: headers, routing activation, diagnostic messages, timers."""
import contextlib
import struct
import time

from doip_ground import BUS_ECU, CASES, DATA_BYTES_MAX, SOCKETS_MAX, TESTER, VIN, ZONE, Ground, activation, alive_response, diagnostic, frame, main, \
    select_readable


class Header(Ground):
    CLOSES = (
        ("wrong inverse", frame(0x0005, bytes(7), inverse=0xFF), 0x00),
        ("version 1", frame(0x0005, bytes(7), version=1), 0x00),
        ("version 4", frame(0x0005, bytes(7), version=4), 0x00),
        ("version 0xFF outside identification", frame(0x0005, bytes(7), version=0xFF), 0x00),
        ("wrong inverse before an unknown type", frame(0x7777, inverse=0x03, size=0xFFFFFFFF), 0x00),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: car\r\n\r\n", 0x00),
        ("a TLS hello on the plain port", bytes.fromhex("16030100c8010000c40303") + bytes(60), 0x00),
        ("activation of 6 bytes", frame(0x0005, bytes(6)), 0x04),
        ("activation of 8 bytes", frame(0x0005, bytes(8)), 0x04),
        ("activation of 12 bytes", frame(0x0005, bytes(12)), 0x04),
        ("activation of no bytes", frame(0x0005), 0x04),
        ("activation that says 100 bytes", frame(0x0005, bytes(7), size=100), 0x04),
        ("diagnostic message without UDS", frame(0x8001, bytes(4)), 0x04),
        ("diagnostic message of no bytes", frame(0x8001), 0x04),
        ("alive check response of 1 byte", frame(0x0008, bytes(1)), 0x04),
        ("alive check response of 3 bytes", frame(0x0008, bytes(3)), 0x04),
    )
    KEEPS = (
        ("reserved type", frame(0x0009), 0x01),
        ("unknown type", frame(0x7777), 0x01),
        ("unknown type with 1000 bytes", frame(0x7777, bytes(1000)), 0x01),
        ("unknown type with what looks like a header inside", frame(0x7777, activation()), 0x01),
        ("manufacturer's type", frame(0xF000, bytes(3)), 0x01),
        ("identification on TCP", frame(0x0001), 0x01),
        ("identification by VIN on TCP", frame(0x0003, VIN.encode()), 0x01),
        ("announcement on TCP", frame(0x0004, bytes(33)), 0x01),
        ("entity status on TCP", frame(0x4001), 0x01),
        ("power mode on TCP", frame(0x4003), 0x01),
        ("activation response at an entity", frame(0x0006, bytes(9)), 0x01),
        ("alive check request at an entity", frame(0x0007), 0x01),
        ("acknowledgement at an entity", frame(0x8002, bytes(5)), 0x01),
        ("one byte more than the entity takes", frame(0x8001, bytes(DATA_BYTES_MAX + 1)), 0x02),
        ("activation of 200 kB", frame(0x0005, bytes(200_000)), 0x02),
    )

    def test_what_ends_the_connection(self):
        for what, data, code in self.CLOSES:
            with self.case(what=what), self.line() as line:
                line.send(data)
                self.assertEqual(line.receive(), (0x0000, bytes([code])))
                self.assertTrue(line.is_closed(1.5))

    def test_what_is_only_passed_over(self):
        for what, data, code in self.KEEPS:
            with self.case(what=what), self.line() as line:
                line.send(data + activation())
                self.assertEqual(line.receive(), (0x0000, bytes([code])))
                kind, payload = line.receive()
                self.assertEqual((kind, payload[4]), (0x0006, 0x10))

    def test_lengths_of_four_gigabytes_are_refused_at_once(self):
        for what, kind in (("diagnostic message", 0x8001), ("activation", 0x0005), ("alive check", 0x0008)):
            with self.case(what=what), self.line() as line:
                line.send(frame(kind, size=0xFFFFFFFF))
                self.assertEqual(line.receive(), (0x0000, b"\x02"))
        with self.case(what="unknown type"), self.line() as line:
            line.send(frame(0x7777, size=0xFFFFFFFF))
            self.assertEqual(line.receive(), (0x0000, b"\x01"))

    def test_a_negative_acknowledgement_is_not_answered(self):
        with self.line() as line:
            line.send(frame(0x0000, b"\x02"))
            self.assertEqual(line.activate(), 0x10)

    def test_answers_come_in_the_testers_version(self):
        for version in (2, 3):
            with self.case(version=version), self.line() as line:
                self.assertEqual(line.activate(version=version), 0x10)
                self.assertEqual(line.version, version)
                line.send(diagnostic(b"\x3e\x00", version=version))
                line.receive()
                self.assertEqual(line.version, version)


class Activation(Ground):
    def test_codes_by_source_and_type(self):
        rows = (("tester", TESTER, 0x00, 0x10), ("first tester", 0x0E00, 0x00, 0x10), ("last tester", 0x0FFF, 0x00, 0x10),
                ("regulated", TESTER, 0x01, 0x10), ("an ECU's address", BUS_ECU, 0x00, 0x00), ("the entity itself", ZONE, 0x00, 0x00),
                ("below the testers", 0x0DFF, 0x00, 0x00), ("above the testers", 0x1000, 0x00, 0x00), ("functional", 0xE400, 0x00, 0x00),
                ("reserved type", TESTER, 0x02, 0x06), ("central security, not set up", TESTER, 0xE0, 0x06), ("type FF", TESTER, 0xFF, 0x06),
                ("unknown source before unknown type", 0x0001, 0x77, 0x00))
        for what, source, kind, code in rows:
            with self.case(what=what), self.line() as line:
                self.assertEqual(line.activate(source, kind), code)
                self.assertEqual(line.is_closed(0.3), code != 0x10)

    def test_the_answer_names_both_and_repeats_the_oem_bytes(self):
        with self.line() as line:
            line.send(activation())
            self.assertEqual(line.receive(), (0x0006, struct.pack(">HHBL", TESTER, ZONE, 0x10, 0)))
            line.send(activation(oem=b"\xca\xfe\x00\x01"))
            self.assertEqual(line.receive(), (0x0006, struct.pack(">HHBL", TESTER, ZONE, 0x10, 0) + b"\xca\xfe\x00\x01"))

    def test_reserved_bytes_are_not_judged(self):
        with self.line() as line:
            line.send(frame(0x0005, struct.pack(">HBL", TESTER, 0, 0xDEADBEEF)))
            self.assertEqual(line.receive()[1][4], 0x10)

    def test_a_second_activation_is_confirmed_again_and_another_source_refused(self):
        with self.line() as line:
            self.assertEqual(line.activate(), 0x10)
            self.assertEqual(line.activate(), 0x10)
            self.assertEqual(line.activate(kind=1), 0x10)
            self.assertEqual(line.activate(0x0E81), 0x02)
            self.assertTrue(line.is_closed(1.5))

    def test_a_source_that_lives_elsewhere_is_refused(self):
        with self.line() as holder, self.line() as newcomer:
            self.assertEqual(holder.activate(0x0E82), 0x10)
            newcomer.send(activation(0x0E82))
            self.assertEqual(holder.receive(), (0x0007, b""))
            holder.send(alive_response(0x0E82))
            self.assertEqual(newcomer.receive()[1][4], 0x03)
            self.assertTrue(newcomer.is_closed(1.5))
            self.assertEqual(holder.ask(b"\x3e\x00", source=0x0E82), b"\x7e\x00")

    def test_a_source_whose_holder_is_dead_is_taken_over_after_half_a_second(self):
        with self.line() as holder, self.line() as newcomer:
            self.assertEqual(holder.activate(0x0E83), 0x10)
            start = time.monotonic()
            self.assertEqual(newcomer.activate(0x0E83), 0x10)
            self.assertTrue(0.4 <= time.monotonic() - start <= 1.5)
            self.assertTrue(holder.is_closed(1.5))

    def test_another_testers_sign_of_life_does_not_count(self):
        with self.line() as holder, self.line() as newcomer:
            self.assertEqual(holder.activate(0x0E84), 0x10)
            newcomer.send(activation(0x0E84))
            holder.receive()
            holder.send(alive_response(0x0E99))
            self.assertEqual(newcomer.receive()[1][4], 0x10)

    def test_an_unasked_sign_of_life_is_welcome(self):
        with self.line() as line:
            line.send(alive_response(TESTER))
            self.assertEqual(line.activate(), 0x10)
            line.send(alive_response(TESTER))
            self.assertEqual(line.ask(b"\x3e\x00"), b"\x7e\x00")

    def test_a_source_is_free_again_when_its_connection_has_ended(self):
        for _ in range(3):
            with self.line() as line:
                self.assertEqual(line.activate(0x0E85), 0x10)


class FullTable(Ground):
    def test_one_too_many_is_told_so_while_all_live_and_let_in_when_one_is_dead(self):
        with contextlib.ExitStack() as stack:
            lines = [stack.enter_context(self.line()) for _ in range(SOCKETS_MAX)]
            for number, line in enumerate(lines):
                self.assertEqual(line.activate(0x0E10 + number), 0x10)
            self.assertEqual(self.datagram(frame(0x4001))[0][2][:3], bytes((0, SOCKETS_MAX, SOCKETS_MAX)))

            late = stack.enter_context(self.line())
            late.send(activation(0x0E50))
            for number, line in enumerate(lines):
                self.assertEqual(line.receive(), (0x0007, b""))
                line.send(alive_response(0x0E10 + number))
            self.assertEqual(late.receive()[1][4], 0x01)
            self.assertTrue(late.is_closed(1.5))

            CASES[0] += 1
            later = stack.enter_context(self.line())
            later.send(activation(0x0E51))
            for number, line in enumerate(lines[1:], 1):
                line.receive()
                line.send(alive_response(0x0E10 + number))
            self.assertEqual(later.receive()[1][4], 0x10)
            self.assertTrue(lines[0].is_closed(1.5))


class Diagnostics(Ground):
    def test_the_acknowledgement_comes_before_the_answer(self):
        with self.line() as line:
            line.activate()
            line.send(diagnostic(b"\x22\xf1\x90"))
            self.assertEqual(line.receive(), (0x8002, struct.pack(">HHB", ZONE, TESTER, 0)))
            self.assertEqual(line.receive(), (0x8001, struct.pack(">HH", ZONE, TESTER) + b"\x62\xf1\x90" + VIN.encode()))

    def test_what_is_not_delivered(self):
        rows = (("unknown target", 0x0077, b"\x3e\x00", 0x03), ("the tester itself", TESTER, b"\x3e\x00", 0x03),
                ("target 0", 0x0000, b"\x3e\x00", 0x03), ("unreachable", BUS_ECU, b"\x3e\x00", 0x06),
                ("too large for its way", BUS_ECU, bytes(100_000), 0x04))
        for what, target, uds, code in rows:
            with self.case(what=what), self.line() as line:
                line.activate()
                line.send(diagnostic(uds, target))
                self.assertEqual(line.receive(), (0x8003, struct.pack(">HHB", target, TESTER, code)))
                self.assertEqual(line.ask(b"\x3e\x00"), b"\x7e\x00")

    def test_the_wrong_source_ends_the_connection(self):
        for what, activates in (("before the activation", False), ("another's name", True)):
            with self.case(what=what), self.line() as line:
                source = TESTER
                if activates:
                    line.activate()
                    source = 0x0E81
                line.send(diagnostic(b"\x3e\x00", source=source))
                self.assertEqual(line.receive(), (0x8003, struct.pack(">HHB", ZONE, source, 0x02)))
                self.assertTrue(line.is_closed(1.5))

    def test_a_suppressed_answer_leaves_only_the_acknowledgement(self):
        with self.line() as line:
            line.activate()
            line.send(diagnostic(b"\x3e\x80"))
            self.assertEqual(line.receive()[0], 0x8002)
            self.assertTrue(line.is_silent())

    def test_messages_in_one_segment_are_answered_in_order(self):
        with self.line() as line:
            line.send(activation() + diagnostic(b"\x3e\x00") + diagnostic(b"\x22\xf1\x90"))
            kinds = [line.receive() for _ in range(5)]
            self.assertEqual([kind for kind, _ in kinds], [0x0006, 0x8002, 0x8001, 0x8002, 0x8001])
            self.assertEqual(kinds[2][1][4:], b"\x7e\x00")

    def test_segments_may_be_cut_anywhere(self):
        stream = activation() + diagnostic(b"\x3e\x00")
        for cut in range(1, len(stream)):
            with self.line() as line:
                line.send(stream[:cut])
                time.sleep(0.002)
                line.send(stream[cut:])
                self.assertEqual([line.receive()[0] for _ in range(3)], [0x0006, 0x8002, 0x8001], cut)

    def test_bytes_may_come_one_by_one(self):
        with self.line() as line:
            for byte in activation() + diagnostic(b"\x22\xf1\x90"):
                line.send(bytes([byte]))
            self.assertEqual([line.receive()[0] for _ in range(3)], [0x0006, 0x8002, 0x8001])

    def test_a_thousand_requests_have_a_thousand_answers(self):
        with self.line() as line:
            line.activate()
            for _ in range(1000):
                self.assertEqual(line.ask(b"\x3e\x00"), b"\x7e\x00")


class Timers(Ground):
    def test_a_connection_without_activation_ends_after_two_seconds(self):
        for what, talk in (("silent", b""), ("half a header", b"\x03\xfc\x00"), ("half an activation", activation()[:-2])):
            with self.case(what=what), self.line() as line:
                line.send(talk)
                start = time.monotonic()
                self.assertTrue(line.is_closed(4))
                self.assertTrue(1.8 <= time.monotonic() - start <= 2.8)

    def test_chatter_does_not_hold_a_socket(self):
        with self.line() as line:
            start = time.monotonic()
            with contextlib.suppress(OSError):
                while time.monotonic() - start < 4:
                    line.send(alive_response(TESTER))
                    time.sleep(0.1)
                    if select_readable(line.stream):
                        break
            self.assertTrue(line.is_closed(1))
            self.assertLess(time.monotonic() - start, 3.5)

    def test_an_active_connection_outlives_the_initial_time(self):
        with self.line() as line:
            self.assertEqual(line.activate(), 0x10)
            time.sleep(3)
            self.assertEqual(line.ask(b"\x3e\x00"), b"\x7e\x00")


if __name__ == "__main__":
    main(80)
