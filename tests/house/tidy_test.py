"""tools/tidy must find what it promises to find: each test plants one violation in a small tree."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[2] / "tools" / "tidy"
ROOMS = """
pitstop_room(FLOOR core NAME base)
pitstop_room(FLOOR core NAME uds USES core/base)
"""
FAULTS = """#pragma once
inline constexpr Fault lost{"uds.lost", Remedy::retry, "An answer was lost.", "Ask again."};
"""
FAULTS_TEST = "TEST(Uds, Loses) { EXPECT_TRUE(ask().error().is(faults::lost)); }\n"


class Tidy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("core/CMakeLists.txt", ROOMS)
        self.write("core/uds/faults.h", FAULTS)
        self.write("core/uds/server_test.cpp", FAULTS_TEST)
        self.run_tidy("--write")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_tidy(self, *more):
        done = subprocess.run([sys.executable, TIDY, "--root", self.root, *more], capture_output=True, text=True)
        return done.returncode, done.stdout

    def assert_finds(self, rule, words=""):
        status, out = self.run_tidy()
        self.assertEqual(status, 1, out)
        self.assertIn(f": {rule}: ", out)
        self.assertIn(words, out)

    def test_a_tidy_tree_passes(self):
        status, out = self.run_tidy()
        self.assertEqual(status, 0, out)

    def test_refuses_an_include_that_is_not_declared(self):
        self.write("core/base/bytes.h", '#include "core/uds/server.h"\n')
        self.assert_finds("include", "core/base does not declare that it uses core/uds")

    def test_refuses_a_clock_in_core(self):
        self.write("core/uds/server.cpp", "auto now() { return std::chrono::steady_clock::now(); }\n")
        self.assert_finds("core", "it must be told")

    def test_refuses_files_and_sockets_in_core(self):
        for header in ("fstream", "sys/socket.h", "thread", "boost/asio/ip/tcp.hpp"):
            self.write("core/uds/server.cpp", f"#include <{header}>\n")
            self.assert_finds("core", header)

    def test_a_clock_in_a_comment_is_no_clock(self):
        self.write("core/uds/server.cpp", "// never std::chrono::steady_clock::now()\n")
        self.assertEqual(self.run_tidy()[0], 0)

    def test_refuses_a_function_over_seventy_lines(self):
        self.write("core/uds/server.cpp", "namespace a {\nint f(int x) {\n" + "    ++x;\n" * 70 + "    return x;\n}\n}\n")
        self.assert_finds("function", "f has 73 lines")

    def test_lets_a_long_class_of_short_functions_pass(self):
        self.write("core/uds/server.h", "class A {\n" + "    int f() { return 1; }\n" * 100 + "};\n")
        self.assertEqual(self.run_tidy()[0], 0)

    def test_refuses_a_file_over_four_hundred_lines(self):
        self.write("core/uds/server.h", "// line\n" * 401)
        self.assert_finds("size")

    def test_refuses_a_fault_that_no_test_provokes(self):
        self.write("core/uds/server_test.cpp", "// nothing\n")
        self.assert_finds("fault", "uds.lost")

    def test_refuses_a_fault_without_advice(self):
        self.write("core/uds/faults.h", FAULTS + 'inline constexpr Fault odd{"uds.odd", Remedy::retry, "Odd."};\n')
        self.assert_finds("fault", "2 faults are declared")

    def test_refuses_a_stale_page_of_faults(self):
        self.write("docs/faults.md", "# old\n")
        self.assert_finds("generated")

    def test_refuses_a_drawer_for_everything(self):
        self.write("core/utils/x.h", "")
        self.assert_finds("name", "utils")

    def test_refuses_a_private_key(self):
        self.write("config/a.pem", "-----BEGIN " + "PRIVATE KEY-----\n" + "QUJD" * 16 + "\n")
        self.assert_finds("key")

    def test_refuses_a_link_to_nowhere_and_to_a_function_that_left(self):
        self.write("docs/way.md", "[x](../core/uds/nowhere.h)\n")
        self.assert_finds("link", "does not exist")
        self.write("docs/way.md", "[`forget`](../core/uds/faults.h)\n")
        self.assert_finds("link", "'forget'")


if __name__ == "__main__":
    unittest.main()
