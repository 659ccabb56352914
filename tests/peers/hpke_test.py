"""X-Wing, HPKE and sealed payloads beside independent implementations from the npm registry: what one side makes, the other opens."""
import os
import pathlib
import shutil
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"]).resolve()
FOLDER = PROGRAMS.parent / "peers" / "hpke"  # where the packages are installed, once
CASES = 1000


def install():
    """The packages that package-lock.json names with their digests, and nothing else; no scripts of theirs are run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "hpke").iterdir():
        shutil.copy(file, FOLDER)
    lock, installed = FOLDER / "package-lock.json", FOLDER / "installed-lock.json"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise AssertionError("the peers could not be fetched from npm's registry; this test needs it once for every build folder.\n"
                             + done.stderr[-1000:])
    shutil.copy(lock, installed)


class Hpke(unittest.TestCase):
    def test_two_libraries_and_the_page_agree_with_us_in_a_thousand_random_cases(self):
        install()
        page = HERE.parents[1] / "docs" / "formats" / "sealed.md"
        done = subprocess.run(["node", "peer.mjs", PROGRAMS / "hpke-peer", page], cwd=FOLDER, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(done.stdout, end="")
        counts = [int(line.split(" ")[0]) for line in done.stdout.splitlines()]
        self.assertGreaterEqual(sum(counts), CASES)


if __name__ == "__main__":
    unittest.main(verbosity=2)
