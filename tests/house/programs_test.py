"""What every program owes to whoever calls it: help with an example, and exit codes that a script can use."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
CONFIGURED = ["pitstop-bus", "pitstop-ecu", "pitstop-gateway", "pitstop-server", "pitstop-zone"]
DONE, FAILED, NOT_UNDERSTOOD = 0, 1, 2


def run(program, *words):
    return subprocess.run([PROGRAMS / program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


class Programs(unittest.TestCase):
    def test_help_shows_how_it_is_called(self):
        for program in ["pitstop", *CONFIGURED]:
            said = run(program, "--help")
            self.assertEqual((said.returncode, said.stderr), (DONE, ""), program)
            self.assertRegex(said.stdout, rf"(?is)example.*\n +{program} ")

    def test_a_command_line_that_is_not_understood(self):
        for program in ["pitstop", *CONFIGURED]:
            said = run(program, "--frob")
            self.assertEqual((said.returncode, said.stdout), (NOT_UNDERSTOOD, ""), program)
            self.assertIn("--help", said.stderr)

    def test_a_configuration_that_is_not_there(self):
        for program in CONFIGURED:
            said = run(program, "--config", "nowhere.yaml")
            self.assertEqual((said.returncode, said.stdout), (NOT_UNDERSTOOD, ""), program)
            self.assertIn("nowhere.yaml", said.stderr)

    def test_a_configuration_that_cannot_be_used(self):
        with tempfile.TemporaryDirectory(prefix="pitstop-programs-") as folder:
            for program in CONFIGURED:
                file = pathlib.Path(folder) / f"{program}.yaml"
                for text in ("", "frob: 1\n", "a: [1\n", "- a list\n"):
                    file.write_text(text)
                    said = run(program, "--config", file)
                    self.assertEqual(said.returncode, FAILED, said.stderr)
                    self.assertRegex(said.stderr, rf"{program}: config\.[a-z-]+: {file}")


if __name__ == "__main__":
    unittest.main()
