"""The ECU profile (CONTRIBUTING.md): its very files compile for a Cortex-M3, without heap, exceptions or RTTI.

A header says "ECU profile" in its first comment; its source belongs to it, and so does a source without a header of its own
that includes only such ones of its room. Prints code and RAM of each room, which is what the files cost before the linker throws unused functions away.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER, SIZE, SYMBOLS = "arm-none-eabi-g++", "arm-none-eabi-size", "arm-none-eabi-nm"
OPTIONS = ["-std=c++23", "-mcpu=cortex-m3", "-mthumb", "-Os", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-ffunction-sections",
           "-fdata-sections", "-Wall", "-Wextra", "-Werror", "-I", str(ROOT)]
# Headers of libraries in C that firmware brings along, compiled for its own processor.
LIBRARY_HEADERS = ["zlib.h", "zconf.h", "zstd.h", "zstd_errors.h"]
# operator new and delete, malloc and its kin, exceptions, guards of local statics.
FORBIDDEN = re.compile(r"^(_Zn[wa]|_Zd[la]|malloc$|calloc$|realloc$|free$|__cxa_(throw|allocate|begin_catch|guard)|_ZSt\d+__throw)")


def belongs(header):
    comment = re.sub(r"\s*\n// ?", " ", header.read_text().split("#pragma once")[0])
    return "ECU profile" in comment and not re.search(r"[Nn]ot part of (the )?ECU profile", comment)


def sources():
    headers = {path.relative_to(ROOT).as_posix() for path in (ROOT / "core").glob("*/*.h") if belongs(path)}
    for source in sorted((ROOT / "core").glob("*/*.cpp")):
        if source.name.endswith("_test.cpp"):
            continue
        own = source.relative_to(ROOT).with_suffix(".h").as_posix()
        included = re.findall(r'#include "([^"]+)"', source.read_text())
        same_room = [name for name in included if name.startswith(f"core/{source.parent.name}/") and not name.endswith("/faults.h")]
        of = {own} if own in included else set(same_room)
        if of and of <= headers:
            yield source


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout


class Profile(unittest.TestCase):
    def setUp(self):
        if shutil.which(COMPILER) is None:
            self.fail(f"{COMPILER} is missing: ./dev setup installs it")
        folder = tempfile.TemporaryDirectory(prefix="pitstop-profile-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in LIBRARY_HEADERS:
            if (found := pathlib.Path("/usr/include") / name).exists():
                (self.folder / name).symlink_to(found)

    def compile(self, source):
        made = self.folder / (source.relative_to(ROOT).as_posix().replace("/", "_") + ".o")
        done = subprocess.run([COMPILER, *OPTIONS, "-I", str(self.folder), "-c", str(source), "-o", str(made)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        return source, made, done.stderr if done.returncode else ""

    def test_compiles_for_a_cortex_m3_without_heap_and_exceptions(self):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            compiled = list(pool.map(self.compile, sources()))
        self.assertGreater(len(compiled), 20, "the profile's files are found by what their headers say")
        rooms = {}
        for source, made, errors in compiled:
            name = source.relative_to(ROOT).as_posix()
            with self.subTest(name):
                self.assertEqual(errors, "")
                needs = [line.split()[-1] for line in told(SYMBOLS, "-u", str(made)).splitlines()]
                self.assertEqual([symbol for symbol in needs if FORBIDDEN.match(symbol)], [])
                text, data, bss = (int(word) for word in told(SIZE, str(made)).splitlines()[1].split()[:3])
                room = rooms.setdefault(source.parent.name, [0, 0, 0])
                for place, more in enumerate((1, text + data, data + bss)):
                    room[place] += more
        print(f"{'room':<10} {'files':>5} {'code bytes':>11} {'static RAM bytes':>17}", file=sys.stderr)
        for name, (files, code, ram) in rooms.items():
            print(f"{name:<10} {files:>5} {code:>11,} {ram:>17,}", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
