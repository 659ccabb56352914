"""./dev demo as its user meets it: --once ends well, --tamper is refused, a taken port is one clear line and leaves nothing running."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import unittest

DEMO = pathlib.Path(__file__).resolve().parents[2] / "tools" / "demo"
PROGRAMS = os.environ["PITSTOP_PROGRAMS"]


def demo(*words):
    return subprocess.run([sys.executable, DEMO, "--programs", PROGRAMS, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280)


def ours():
    """Programs that a demo started and that run now."""
    running = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in running if "/pitstop-demo-" in line and "--config" in line]


class Demo(unittest.TestCase):
    def test_once_shows_the_whole_journey(self):
        done = demo("--once")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for words in ("inventory", "downloading", "inactive banks", "1.0.0 → 1.1.0", "X25519MLKEM768", "Verified", "curl "):
            self.assertIn(words, done.stdout)
        self.assertEqual(len(re.findall(r"1\.0\.0 → 1\.1\.0", done.stdout)), 2)
        self.assertEqual(ours(), [])

    def test_tampering_is_refused_and_said(self):
        done = demo("--once", "--tamper")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Refused, as it must be", done.stdout)
        self.assertEqual(len(re.findall(r"1\.0\.0 → 1\.0\.0", done.stdout)), 2)

    def test_a_taken_port_is_one_clear_line(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", 8443))
            taken.listen()
            done = demo("--once")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"demo: 127\.0\.0\.1:8443, needed by the server, cannot be used")
        self.assertEqual(ours(), [])

    def test_a_mistyped_call_says_what_is_missing(self):
        done = demo("--image", "/nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--version", done.stderr)


if __name__ == "__main__":
    unittest.main()
