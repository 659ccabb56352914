"""pitstop-tuf-client on repositories made with python3-tuf's keys: what must be accepted, asked for and kept, and what must not."""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hostile_server import dripping, endless, redirect, truncated  # noqa: E402
from tuf_client import PROGRAM, TufCase  # noqa: E402
from tuf_desk import MAKE, days  # noqa: E402


class Refresh(TufCase):
    def test_asks_for_nothing_more_than_it_needs_and_keeps_what_it_got(self):
        self.accepts()
        self.assertEqual(self.repo.asked(), ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
        self.assertEqual(self.client.trusted(), {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1})
        self.accepts()
        self.assertEqual(self.repo.asked(), ["2.root.json", "timestamp.json"])
        self.heals()
        self.assertEqual(self.repo.asked(), ["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"])

    def test_follows_a_chain_of_roots_whose_keys_change_each_time(self):
        for _ in range(3):
            old = dict(self.repo.signers["root"])
            self.repo.replace_keys("root")
            new = dict(self.repo.signers["root"])
            self.repo.signers["root"] = old | new
            self.repo.publish("root")
            self.repo.signers["root"] = new
        self.accepts()
        self.assertEqual(self.client.trusted()["root"], 4)
        self.assertEqual(self.repo.asked()[:4], ["2.root.json", "3.root.json", "4.root.json", "5.root.json"])

    def test_reads_every_kind_of_key_that_python_tuf_makes(self):
        for kind in MAKE:
            for role in ("timestamp", "snapshot", "targets"):
                self.repo.replace_keys(role, kind)
            self.repo.publish("root")
            with self.subTest(kind):
                self.heals()

    def test_passes_over_keys_and_signatures_of_kinds_it_does_not_know(self):
        self.repo.root["keys"]["later"] = {"keytype": "slh-dsa", "scheme": "slh-dsa-1", "keyval": {"public": "?"}, "x-more": [1]}
        self.repo.root["roles"]["targets"]["keyids"].append("later")
        self.repo.root["x-unknown"] = {"kept": "under the signature"}
        self.repo.publish("root")
        self.repo.body["targets"]["version"] += 1
        signed = json.loads(self.repo.signed("targets"))
        signed["signatures"].append({"keyid": "later", "sig": "not even hex"})
        self.repo.serve("targets", json.dumps(signed).encode())
        self.repo.body["snapshot"]["meta"]["targets.json"]["version"] += 1
        self.repo.publish("snapshot", "timestamp")
        self.accepts()

    def test_reads_repositories_without_consistent_snapshots(self):
        self.repo.root["consistent_snapshot"] = False
        self.repo.publish("root")
        self.repo.publish_all()
        self.accepts()
        self.assertEqual(self.repo.asked()[1:], ["3.root.json", "timestamp.json", "snapshot.json", "targets.json"])

    def test_keeps_the_timestamp_it_knows_when_another_comes_under_the_same_version(self):
        self.accepts()
        before = (self.client.metadata / "timestamp.json").read_bytes()
        self.repo.body["timestamp"]["meta"]["snapshot.json"]["version"] = 9
        self.repo.serve("timestamp", self.repo.signed("timestamp"))
        self.accepts()
        self.assertEqual((self.client.metadata / "timestamp.json").read_bytes(), before)
        self.repo.body["timestamp"]["meta"]["snapshot.json"]["version"] = 1
        self.heals()

    def test_takes_its_options_in_any_order_and_refuses_what_it_does_not_understand(self):
        url, folder = self.repo.metadata_url, self.client.metadata
        self.assertEqual(self.client.run("--metadata-dir", folder, f"--metadata-url={url}/", "refresh"), 0, self.client.said)
        for words in ([], ["refresh"], ["--metadata-dir", folder, "refresh"], ["--metadata-dir", folder, "dance"],
                      ["--metadata-dir", folder, "init"], ["--metadata-dir"], ["--colour", "red", "--metadata-dir", folder, "refresh"]):
            self.assertEqual(self.client.run(*words), 1, words)

    def test_an_unusable_first_root_is_never_kept_and_nobody_is_asked(self):
        signed = json.loads(self.repo.text["root"])
        for spoil in (lambda: signed["signed"].pop("version"), lambda: signed.update(signatures=[]), lambda: signed.clear()):
            shutil.rmtree(self.client.metadata, ignore_errors=True)
            spoil()
            self.assertEqual(self.client.init(json.dumps(signed).encode()), 1)
            self.refuses()
        self.assertEqual(self.repo.asked(), [])

    @unittest.skipUnless(shutil.which("faketime"), "faketime is not installed")
    def test_believes_the_clock_it_is_given(self):
        self.accepts()
        self.assertEqual(self.client.refresh(before=["faketime", "-f", "+31d"]), 1)
        self.assertIn("uptane.expired", self.client.said)
        self.repo.root["expires"] = self.repo.body["snapshot"]["expires"] = days(90)
        self.repo.body["targets"]["expires"] = self.repo.body["timestamp"]["expires"] = days(90)
        self.repo.publish("root")
        self.repo.publish_all()
        self.assertEqual(self.client.refresh(before=["faketime", "-f", "+31d"]), 0, self.client.said)

    def test_with_the_hybrid_policy_a_classical_repository_is_not_enough(self):
        self.client.environment["PITSTOP_HYBRID"] = "1"
        self.refuses()


class Hybrid(TufCase):
    """With PITSTOP_HYBRID=1, on a repository of ours that both families have signed."""

    def setUp(self):
        super().setUp()
        self.desk = self.client.folder / "desk"
        (self.client.folder / "content").write_bytes(b"wheels on ice")
        self.publish(1)
        self.client.environment["PITSTOP_HYBRID"] = "1"
        shutil.rmtree(self.client.metadata)
        self.assertEqual(self.client.init((self.desk / "image/1.root.json").read_bytes()), 0, self.client.said)

    def publish(self, version):
        subprocess.run([PROGRAM.with_name("publish"), "--dir", self.desk, "--policy", "hybrid", "--image", self.client.folder / "content",
                        "--name", "brake.img", "--version", str(version)], check=True)
        for file in (self.desk / "image").glob("*.json"):
            self.server.answers[f"/repo/metadata/{file.name}"] = file.read_bytes()

    def test_one_family_alone_is_refused_and_both_together_are_not(self):
        self.server.answers.pop("/repo/metadata/2.root.json", None)
        self.accepts()
        self.publish(2)
        timestamp = json.loads((self.desk / "image/timestamp.json").read_bytes())
        for signature in list(timestamp["signatures"]):
            one = timestamp | {"signatures": [signature]}
            self.server.answers["/repo/metadata/timestamp.json"] = json.dumps(one).encode()
            self.refuses("uptane.")
            self.assertRegex(self.client.said, "uptane.(classical|post-quantum)-missing")
        self.server.answers["/repo/metadata/timestamp.json"] = (self.desk / "image/timestamp.json").read_bytes()
        self.accepts()
        self.assertEqual(self.client.trusted()["timestamp"], 2)


class Attacks(TufCase):
    def setUp(self):
        super().setUp()
        self.accepts()

    def test_a_role_is_not_accepted_without_its_keys(self):
        for role in ("targets", "snapshot", "timestamp", "root"):
            keys = self.repo.signers[role]
            self.repo.signers[role] = {"unknown": MAKE["ecdsa"]()}
            self.repo.publish_all(*(["root"] if role == "root" else []))
            self.refuses("uptane.threshold-not-reached")
            self.repo.signers[role] = keys
            if role == "root":
                self.repo.serve("root", self.repo.signed("root"))
            self.heals()

    def test_one_key_under_two_ids_is_one_key(self):
        (key,) = self.repo.signers["snapshot"].values()
        self.repo.add_key("snapshot", key, keyid="another-name")
        self.repo.root["roles"]["snapshot"]["threshold"] = 2
        self.repo.publish("root")
        self.repo.publish_all()
        self.refuses("uptane.threshold-not-reached")
        self.repo.add_key("snapshot")
        self.repo.publish("root")
        self.heals()

    def test_the_same_signature_twice_is_one_signature(self):
        self.repo.add_key("targets")
        self.repo.root["roles"]["targets"]["threshold"] = 2
        self.repo.publish("root")
        self.repo.body["targets"]["version"] += 1
        signed = json.loads(self.repo.signed("targets"))
        signed["signatures"] = [signed["signatures"][0]] * 2
        self.repo.serve("targets", json.dumps(signed).encode())
        self.repo.body["snapshot"]["meta"]["targets.json"]["version"] += 1
        self.repo.publish("snapshot", "timestamp")
        self.refuses("uptane.threshold-not-reached")
        self.heals()

    def test_thresholds_are_at_least_one(self):
        for threshold in (0, -1, "1", 1.0, 1 << 70, None, True):
            self.repo.root["roles"]["timestamp"]["threshold"] = threshold
            self.repo.body["root"]["version"] += 1
            try:
                self.repo.serve("root", self.repo.signed("root"))
            except Exception:  # python's canonical JSON knows no floats
                continue
            finally:
                self.repo.body["root"]["version"] -= 1
            with self.subTest(threshold=threshold):
                self.refuses()
        self.repo.root["roles"]["timestamp"]["threshold"] = 1
        self.repo.publish("root")
        self.heals()

    def test_dates_that_are_none_and_dates_that_are_past(self):
        past = days(-1)
        for role in ("root", "timestamp", "snapshot", "targets"):
            for expires in ("", "never", "9999", "2099-13-01T00:00:00Z", "2099-01-01 00:00:00", "2099-01-01T00:00:00Zz", 4102444800, None, past):
                self.repo.body[role]["expires"] = expires
                self.repo.publish_all(*(["root"] if role == "root" else []))
                with self.subTest(role, expires=expires):
                    self.refuses("uptane.expired" if expires == past else None)
                self.repo.body[role]["expires"] = days(30)
                if role == "root" and expires == past:  # that one was trusted; the others can still be replaced
                    self.repo.publish("root")
                elif role == "root":
                    self.repo.serve("root", self.repo.signed("root"))
                    self.accepts()
            self.heals()

    def test_nothing_is_asked_under_an_expired_root(self):
        self.repo.asked()
        self.repo.root["expires"] = days(-1)
        self.repo.publish("root")
        self.refuses("uptane.expired")
        self.assertEqual(self.repo.asked(), ["2.root.json", "3.root.json"])
        self.assertEqual(self.client.trusted()["root"], 2)
        self.repo.root["expires"] = days(30)
        self.repo.publish("root")
        self.heals()

    def test_the_root_chain_ends_on_not_found_alone(self):
        self.repo.asked()
        for answer in (500, 503, 403, 410, 301, b"", b"<html>", b"{}", redirect("/"), endless, truncated(self.repo.text["root"]),
                       self.repo.text["root"]):
            self.server.answers[self.repo.path("root", 2)] = answer
            with self.subTest(answer=str(answer)[:30]):
                self.refuses()
                self.assertNotIn("timestamp.json", self.repo.asked())
        del self.server.answers[self.repo.path("root", 2)]
        self.heals()

    def test_a_root_is_exactly_the_next_one(self):
        for version in (1, 3, 0):
            honest = self.repo.root["version"]
            self.repo.root["version"] = version
            self.server.answers[self.repo.path("root", 2)] = self.repo.signed("root")
            self.repo.root["version"] = honest
            self.refuses()
        self.repo.publish("root")
        self.heals()

    def test_files_that_must_be_there_and_whole(self):
        for role in ("timestamp", "snapshot", "targets"):
            for spoil in (lambda _: 404, lambda _: 500, lambda _: endless, truncated, lambda text: text[:-1], lambda text: text + b"x",
                          lambda text: text.replace(b'"version": ', b'"version": 1'), lambda text: b"[" * 5000):
                self.repo.publish_all()
                self.repo.serve(role, spoil(self.repo.text[role]))
                with self.subTest(role):
                    self.refuses()
            self.heals()

    def test_a_server_that_drips_is_not_waited_for(self):
        self.repo.serve("timestamp", dripping(self.repo.text["timestamp"], 1))
        self.refuses("io.deadline")
        self.heals()

    def test_members_stand_once(self):
        for role in ("timestamp", "snapshot", "targets"):
            self.repo.publish_all()
            text = self.repo.text[role]
            self.repo.serve(role, text.replace(b'"signed": {', b'"signed": {"version": 1,', 1))
            self.refuses("base.bad-json")
            self.repo.serve(role, text.replace(b'{\n "signatures"', b'{"signatures": [], "signatures"', 1))
            self.refuses("base.bad-json")
            self.repo.serve(role, text)
            self.accepts()

    def test_every_digest_counts_not_only_the_first(self):
        self.repo.promise_hashes = True
        self.repo.publish_all()
        self.accepts()
        for lister, listed in (("timestamp", "snapshot.json"), ("snapshot", "targets.json")):
            for digest in ("sha256", "sha512"):
                self.repo.publish("targets", "snapshot")
                self.repo.body[lister]["meta"][listed]["hashes"][digest] = "0" * (64 if digest == "sha256" else 128)
                self.repo.publish(*(["snapshot"] if lister == "snapshot" else []), "timestamp")
                self.refuses("uptane.wrong-hash")
        self.heals()

    def test_nothing_listed_drops_or_goes_back(self):
        self.repo.delegate("targets", "supplier", ["brakes/*"])
        self.repo.publish("supplier", "supplier")
        self.repo.publish_all()
        self.accepts()
        meta = self.repo.body["snapshot"]["meta"]
        for change, code in ((lambda: meta.pop("supplier.json"), "uptane.entry-dropped"),
                             (lambda: meta.update({"supplier.json": {"version": 1}}), "uptane.rolled-back"),
                             (lambda: meta.update({"targets.json": {"version": 1}}), "uptane.rolled-back")):
            honest = dict(meta)
            change()
            self.repo.publish("snapshot", "timestamp")
            self.refuses(code)
            meta.clear()
            meta.update(honest)
            self.heals()

    def test_old_files_are_not_taken_again(self):
        old = {role: self.repo.text[role] for role in ("timestamp", "snapshot")}
        self.heals()
        self.repo.serve("timestamp", old["timestamp"])
        self.refuses("uptane.rolled-back")
        self.repo.body["timestamp"]["meta"]["snapshot.json"]["version"] = 1
        self.repo.publish("timestamp")
        self.refuses("uptane.rolled-back")
        self.heals()

    def test_another_roles_file_under_the_right_name(self):
        self.repo.publish_all()
        honest = self.repo.text["targets"]
        self.repo.signers["snapshot"] |= self.repo.signers["targets"]
        self.repo.serve("targets", self.repo.signed("snapshot"), self.repo.body["targets"]["version"])
        self.refuses("uptane.wrong-role")
        self.repo.serve("targets", honest)
        self.accepts()

    def test_new_keys_recover_from_a_number_too_high_even_after_a_failure_in_between(self):
        self.repo.publish("targets", bump=9000)
        self.repo.publish("snapshot", bump=9000)
        self.repo.publish("timestamp", bump=9000)
        self.accepts()
        for role in ("timestamp", "snapshot"):
            self.repo.replace_keys(role)
        self.repo.publish("root")
        for role in ("targets", "snapshot", "timestamp"):
            self.repo.body[role]["version"] = 1
        self.repo.publish_all()
        for role in ("timestamp", "snapshot", "targets"):
            honest, self.server.answers[self.repo.path(role, 2)] = self.repo.text[role], 500
            self.refuses("http.")
            self.repo.serve(role, honest)
        self.accepts()
        self.assertEqual(self.client.trusted(), {"root": 2, "timestamp": 2, "snapshot": 2, "targets": 2})


if __name__ == "__main__":
    unittest.main()
