"""pitstop-tuf-client looking for targets: through delegations in the right order and by the right keys, and into files."""
import pathlib
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hostile_server import endless, redirect, truncated  # noqa: E402
from tuf_client import TufCase  # noqa: E402
from tuf_desk import MAKE, days, hashes  # noqa: E402


class Search(TufCase):
    def asked_roles(self, target):
        self.repo.asked()
        self.code = self.client.download(target)
        return [path.removesuffix(".json").partition(".")[2] for path in self.repo.asked() if not path.startswith("targets/")][4:]

    def build(self, *delegations):
        for delegator, role, *how in delegations:
            self.repo.delegate(delegator, role, *how)
        self.repo.publish(*{role: None for _, role, *_ in delegations})
        self.repo.publish_all()

    def test_goes_depth_first_in_the_delegators_order_and_stops_at_terminating_roles(self):
        py = ["*.py"]
        graphs = {
            "AB": [("targets", "A"), ("targets", "B")],
            "ACDB": [("targets", "A"), ("targets", "B"), ("A", "C"), ("A", "D")],
            "AC": [("targets", "A"), ("targets", "B"), ("A", "C", ["*"], True), ("A", "D")],
            "ACD": [("targets", "A"), ("targets", "B"), ("A", "C", ["*"], True), ("C", "D")],
            "B": [("targets", "A", py), ("targets", "B"), ("A", "C")],
            "ABCD": [("targets", "A"), ("targets", "B"), ("B", "C"), ("C", "D"), ("D", "B")],
            "ACB": [("targets", "A"), ("targets", "B"), ("B", "C"), ("A", "C")],
        }
        for order, graph in graphs.items():
            with self.subTest(order):
                self.doCleanups()
                self.setUp()
                self.build(*graph)
                self.assertEqual("".join(self.asked_roles("missing")), order)
                self.assertEqual(self.code, 1)
                self.assertEqual(len(self.client.trusted()), 4 + len(order))

    def test_a_star_does_not_cross_a_slash(self):
        self.repo.delegate("targets", "releases", ["releases/*"])
        self.repo.add_target("releases/one", b"near", "releases")
        self.repo.add_target("releases/far/one", b"far", "releases")
        self.repo.publish("releases")
        self.repo.publish_all()
        self.assertEqual(self.asked_roles("releases/far/one"), [])
        self.assertEqual(self.code, 1)
        self.assertEqual(self.client.download("releases/one"), 0, self.client.said)

    def test_hash_bins_and_hash_prefixes_lead_to_one_role(self):
        names = list(self.repo.delegate_to_bins("bin", 5))
        prefix = hashes(b"brake.img")["sha256"]
        name = f"bin-{int(prefix[:8], 16) >> 27:02x}"
        self.repo.add_target("brake.img", b"brakes", name)
        self.repo.publish(*names)
        self.repo.publish_all()
        self.assertEqual(self.asked_roles("brake.img"), [name])
        self.assertEqual(self.code, 0, self.client.said)
        self.doCleanups()
        self.setUp()
        self.repo.delegate("targets", "other", path_hash_prefixes=["0" if prefix[0] != "0" else "1"])
        self.repo.delegate("targets", "mine", path_hash_prefixes=[prefix[:3]])
        self.repo.add_target("brake.img", b"brakes", "mine")
        self.repo.publish("other", "mine")
        self.repo.publish_all()
        self.assertEqual(self.asked_roles("brake.img"), ["mine"])
        self.assertEqual(self.code, 0, self.client.said)

    def test_role_names_leave_neither_the_address_nor_the_folder(self):
        for role in ("?", "#", "/delegatedrole", "../delegatedrole", "..", ".", "100%", "über alles", "a b", "1.root"):
            with self.subTest(role):
                self.doCleanups()
                self.setUp()
                self.build(("targets", role))
                quoted = urllib.parse.quote(role, "")
                self.repo.asked()
                self.assertEqual(self.client.download("missing"), 1)
                self.assertIn(f"1.{quoted}.json", self.repo.asked())
                self.assertEqual((self.client.metadata / f"{quoted}.json").read_bytes(), self.repo.text[role])
                self.assertEqual(len(list(self.client.folder.glob("**/*.json"))), 6)
                self.assertEqual(self.asked_roles("missing"), [])  # it is kept, and read again

    def test_looks_into_thirty_two_delegated_roles_and_no_more(self):
        self.build(*(("targets", f"role-{number:02}") for number in range(40)))
        asked = self.asked_roles("missing")
        self.assertEqual((len(asked), self.code), (32, 1))
        self.assertIn("uptane.search-too-long", self.client.said)

    def test_a_kept_role_is_judged_by_whoever_delegates_to_it_now(self):
        self.build(("targets", "A"), ("targets", "B"), ("A", "C"))
        self.repo.add_target("brake.img", b"brakes", "C")
        self.repo.publish("C")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 0, self.client.said)
        old_keys = self.repo.signers.pop("C")
        self.repo.body["A"].pop("delegations")
        self.repo.delegate("B", "C")
        self.repo.publish("A", "B")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 1)  # C, as kept and as served, is signed for A
        self.assertIn("uptane.threshold-not-reached", self.client.said)
        self.assertFalse(set(old_keys) & set(self.repo.signers["C"]))
        self.repo.publish("C")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 0, self.client.said)

    def test_a_delegated_role_that_is_late_missing_or_unlisted(self):
        self.build(("targets", "supplier"))
        self.repo.add_target("brake.img", b"brakes", "supplier")
        self.repo.publish("supplier")
        self.repo.publish_all()
        self.repo.body["supplier"]["expires"] = days(-1)
        self.repo.publish("supplier")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 1)
        self.assertIn("uptane.expired", self.client.said)
        self.repo.body["supplier"]["expires"] = days(3)
        self.repo.publish("supplier")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 0, self.client.said)
        self.repo.publish("supplier")
        self.repo.publish_all()
        honest = self.repo.text["supplier"]
        self.repo.serve("supplier", 404)
        self.assertEqual(self.client.download("brake.img"), 1)
        self.repo.serve("supplier", honest)
        self.assertEqual(self.client.download("brake.img"), 0, self.client.said)

    def test_delegated_thresholds_count_keys(self):
        self.build(("targets", "supplier"))
        entry, _ = self.repo.holder("supplier")
        self.repo.add_target("brake.img", b"brakes", "supplier")
        (key,) = self.repo.signers["supplier"].values()
        self.repo.add_key("supplier", key, keyid="another-name")
        for threshold in (2, 0):
            entry["threshold"] = threshold
            self.repo.publish("supplier")
            self.repo.publish_all()
            self.assertEqual(self.client.download("brake.img"), 1, threshold)
        self.repo.add_key("supplier", MAKE["ed25519"]())
        entry["threshold"] = 2
        self.repo.publish("supplier")
        self.repo.publish_all()
        self.assertEqual(self.client.download("brake.img"), 0, self.client.said)


class Download(TufCase):
    def test_gets_what_is_wanted_once(self):
        self.repo.add_target("one", b"first")
        self.repo.add_target("path/to/two", b"second")
        self.repo.publish_all()
        self.assertEqual(self.client.download("one", "path/to/two"), 0, self.client.said)
        self.assertEqual(sorted(self.client.downloaded().values()), [b"first", b"second"])
        self.repo.asked()
        self.assertEqual(self.client.download("one", "path/to/two"), 0, self.client.said)
        self.assertEqual(self.repo.asked(), ["2.root.json", "timestamp.json"])
        self.repo.add_target("one", b"changed")
        self.repo.publish_all()
        self.assertEqual(self.client.download("one"), 0, self.client.said)
        self.assertEqual(self.client.downloaded()["one"], b"changed")

    def test_refreshes_before_it_says_that_there_is_no_such_target(self):
        self.assertEqual(self.client.download("nonexistent artifact"), 1)
        self.assertEqual(len(self.repo.asked()), 4)
        self.assertEqual(self.client.downloaded(), {})

    def test_leaves_its_folder_under_no_name(self):
        names = ["../escape", "/etc/escape", "..", "a/../../escape", "%2e%2e/x", "ü", "name with spaces", "x" * 900, "a?b#c"]
        for number, name in enumerate(names):
            self.repo.add_target(name, b"%d" % number)
        self.repo.publish_all()
        self.assertEqual(self.client.download(*names), 0, self.client.said)
        self.assertEqual(sorted(self.client.downloaded().values()), [b"%d" % number for number in range(len(names))])
        self.assertFalse(list(self.client.folder.glob("*escape*")) + list(self.client.folder.parent.glob("escape")))

    def test_without_consistent_snapshots_names_have_no_digest(self):
        self.repo.root["consistent_snapshot"] = False
        self.repo.publish("root")
        self.repo.add_target("path/to/one", b"first")
        self.repo.publish_all()
        self.assertEqual(self.client.download("path/to/one"), 0, self.client.said)
        self.assertIn("targets/path/to/one", self.repo.asked())

    def test_accepts_no_other_bytes_than_were_promised(self):
        self.repo.add_target("one", b"honest bytes")
        self.repo.publish_all()
        for answer in (b"evil bytes!!", b"honest", b"honest bytes and more", b"", 404, 500, endless, redirect("/x"),
                       truncated(b"honest bytes")):
            self.repo.serve_target("one", answer)
            self.assertEqual(self.client.download("one"), 1, str(answer))
            self.assertEqual(self.client.downloaded(), {})
        self.repo.serve_target("one", b"honest bytes")
        self.assertEqual(self.client.download("one"), 0, self.client.said)
        self.repo.serve_target("one", b"evil bytes!!")
        self.assertEqual(self.client.download("one"), 0, "what is there and right is not asked for again")
        self.assertEqual(self.client.downloaded(), {"one": b"honest bytes"})

    def test_checks_every_digest_and_the_length_of_what_it_gets(self):
        data = b"honest bytes"
        for wrong in ({"hashes": {**hashes(data), "sha512": "0" * 128}}, {"hashes": {**hashes(data), "sha256": "0" * 64}},
                      {"length": 11}, {"length": 13}):
            self.repo.add_target("one", data, **wrong)
            self.repo.publish_all()
            self.assertEqual(self.client.download("one"), 1, wrong)
            self.assertEqual(self.client.downloaded(), {})
        self.repo.add_target("one", data)
        self.repo.publish_all()
        self.assertEqual(self.client.download("one"), 0, self.client.said)


if __name__ == "__main__":
    unittest.main()
