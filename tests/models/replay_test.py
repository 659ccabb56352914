"""Paths through the models, walked by the C++ that they are models of: the same state after every step.

spin simulates a model with a seed; it chooses at random what happens, power cuts among it. pitstop-paths does the same with
update::decide and flash::Slots and compares.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WALKER = pathlib.Path(os.environ["PITSTOP_PROGRAMS"]) / "pitstop-paths"


class Replay(unittest.TestCase):
    def setUp(self):
        if not shutil.which("spin"):
            self.fail("spin is missing: tools/setup test")
        folder = tempfile.TemporaryDirectory(prefix="pitstop-paths-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def paths(self, model, number, settings):
        """As many of them, from seed 1 on; settings(seed): what the model's macros shall be."""
        text = (ROOT / "models" / f"{model}.pml").read_text(encoding="utf-8")
        paths = []
        for seed in range(1, number + 1):
            macros = "".join(f"#define {name} {value}\n" for name, value in settings(seed).items())
            (self.folder / "model.pml").write_text(macros + text, encoding="utf-8")
            printed = subprocess.run(["spin", "-T", f"-n{seed}", "model.pml"], cwd=self.folder, capture_output=True, text=True, check=True,
                                     timeout=60).stdout
            paths.append([line for line in printed.splitlines() if "STEP" in line])
        return paths

    def walk(self, which, paths):
        lines = "\n".join(line for path in paths for line in path)
        return subprocess.run([WALKER, which], input=lines, capture_output=True, text=True, timeout=240)

    def check(self, which, paths):
        walked = self.walk(which, paths)
        self.assertEqual(walked.returncode, 0, walked.stdout + walked.stderr)
        print(f"{which}: {walked.stdout}", end="", flush=True)
        self.assertIn(f"{len(paths)} paths", walked.stdout)

    def check_is_compared(self, which, path):
        """Each number of the last step counts."""
        event, after = path[-1].split("|")
        numbers = re.findall(r"\d+", after)
        for i in range(len(numbers)):
            changed = numbers[:i] + [str(int(numbers[i]) + 1)] + numbers[i + 1:]
            self.assertEqual(self.walk(which, [path[:-1] + [f"{event}| {' '.join(changed)}"]]).returncode, 1, f"number {i}")

    def test_sets(self):
        paths = self.paths("set_transaction", 300, lambda seed: {"MISFORTUNES_MAX": seed % 12 * 4, "REFUSALS_MAX": 4, "TRIES_MAX": 2})
        steps = {line.split("|")[1].split()[0] for path in paths for line in path}
        self.assertEqual(steps, {"1", "2", "3", "4", "5"}, "every step of a job is on the way")
        self.check("set", paths)
        self.check_is_compared("set", paths[0])

    def test_installations(self):
        paths = self.paths("ab_install", 300, lambda seed: {
            "CUTS_MAX": seed % 6, "STEPS_MAX": 60, "MAY_CUT": f"(steps % 7 == {seed % 7})",
            "MAY_RESTART": f"(phase >= armed || steps % 6 == {seed % 6})"})
        events = {line.split()[1] for path in paths for line in path}
        self.assertEqual(events, {str(number) for number in range(9)}, "everything that can happen does")
        self.check("install", paths)
        self.check_is_compared("install", paths[0])


if __name__ == "__main__":
    unittest.main()
