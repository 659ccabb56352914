"""pitstop-uptane-client: what it accepts of a Director and an Image repository, in the aktualizr family's words and in ours."""
import copy
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hostile_server import HostileServer, endless, redirect, truncated  # noqa: E402
from securesystemslib.formats import encode_canonical  # noqa: E402
from tuf_desk import days, hashes  # noqa: E402
from uptane_desk import Foreign, Key, escaped  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
IMAGE, SERIAL, HARDWARE, FILE = b"wheels on ice", "serial-1", "BRK-2", "file.txt"


class UptaneCase(unittest.TestCase):
    def setUp(self):
        self.server = HostileServer()
        self.addCleanup(self.server.stop)
        folder = tempfile.TemporaryDirectory(prefix="pitstop-uptane-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def cycle(self, *more, state="state"):
        done = subprocess.run([PROGRAMS / "pitstop-uptane-client", self.folder / state, f"{self.server.url}/director",
                               f"{self.server.url}/image", *more], capture_output=True, text=True, timeout=50)
        self.said = done.stderr
        return done.returncode

    def images(self):
        return {file.name: file.read_bytes() for file in (self.folder / "state/images").iterdir()}


class Aktualizr(UptaneCase):
    def setUp(self):
        super().setUp()
        self.make()

    def make(self, **how):
        self.director, self.image = Foreign(self.server, "director", **how), Foreign(self.server, "image", **how)
        self.assign()
        self.director.publish("root", "targets")
        self.image.publish("root", "targets", "snapshot", "timestamp")
        self.server.answers["/image/targets/" + FILE] = IMAGE

    def assign(self, data=IMAGE):
        self.director.add(FILE, data, {"ecuIdentifiers": {SERIAL: {"hardwareId": HARDWARE}}})
        self.image.add(FILE, data, {"hardwareIds": [HARDWARE]})

    def run_cycle(self, **more):
        return self.cycle("--serial", SERIAL, "--hardware-id", HARDWARE, "--dialect", "aktualizr", **more)

    def accepts(self):
        self.assertEqual(self.run_cycle(), 0, self.said)

    def refuses(self, code=None):
        self.assertEqual(self.run_cycle(), 1, "accepted")
        if code:
            self.assertIn(code, self.said)

    def heals(self):
        self.assign()
        self.server.answers["/image/targets/" + FILE] = IMAGE
        self.director.publish()
        self.image.publish()
        self.accepts()
        self.assertEqual(self.images(), {FILE: IMAGE})

    def test_accepts_an_honest_pair_and_asks_for_their_unversioned_files(self):
        self.accepts()
        self.assertEqual(self.images(), {FILE: IMAGE})
        self.assertEqual(self.server.asked, [
            "/director/1.root.json", "/director/2.root.json", "/director/targets.json", "/image/1.root.json", "/image/2.root.json",
            "/image/timestamp.json", "/image/snapshot.json", "/image/targets.json", "/image/targets/file.txt"])
        self.accepts()
        self.heals()

    def test_accepts_what_the_different_tools_write(self):
        for how in ({"kind": "rsa2048"}, {"canonical": encode_canonical}, {"encode": bytes.hex},
                    {"kind": "rsa2048", "canonical": encode_canonical, "encode": bytes.hex}):
            for form in ("served", "canonical"):
                with self.subTest(str(how), form=form):
                    self.server.answers.clear()
                    self.make(**how)
                    self.image.hash_form = form
                    self.image.publish()
                    self.assertEqual(self.run_cycle(state=f"{list(how)}{form}"), 0, self.said)

    def test_key_types_may_be_spelled_small_and_the_first_root_may_lack_its_number(self):
        for repository in (self.director, self.image):
            for entry in repository.body["root"]["keys"].values():
                entry["keytype"] = entry["keytype"].lower()
            repository.put("root")
            self.server.answers[f"/{repository.name}/root.json"] = self.server.answers.pop(f"/{repository.name}/1.root.json")
        self.accepts()

    def test_without_a_named_ecu_every_ecu_is_this_vehicles(self):
        self.assertEqual(self.cycle("--dialect", "aktualizr"), 0, self.said)

    def test_nothing_to_install_is_an_honest_answer(self):
        self.director.body["targets"]["targets"].clear()
        self.director.publish()
        self.accepts()
        self.assertEqual(self.images(), {})

    def test_keys_change_with_both_signatures_and_not_without(self):
        self.accepts()
        for repository in (self.director, self.image):
            old = repository.keys["root"]
            repository.keys["root"] = [Key()]
            repository.list_keys()
            repository.body["root"]["version"] += 1
            repository.put("root")
            self.refuses("uptane.threshold-not-reached")
            repository.put("root", old + repository.keys["root"])
            self.accepts()

    def test_delegated_images_of_the_image_repository(self):
        key, entry = Key(), self.image.body["targets"]["targets"].pop(FILE)
        self.image.body["targets"]["delegations"] = {"keys": {key.keyid: key.entry()}, "roles": [
            {"name": "brakes", "keyids": [key.keyid], "threshold": 1, "paths": ["file.*"], "terminating": False}]}
        self.image.keys["brakes"] = [key]
        self.image.body["brakes"] = {"_type": "Targets", "version": 1, "expires": days(3), "targets": {FILE: entry}}
        self.image.put("brakes", folder="delegations/")
        self.image.publish()
        self.accepts()
        self.assertIn("/image/delegations/brakes.json", self.server.asked)
        self.image.body["brakes"]["expires"] = days(-1)
        self.image.body["brakes"]["version"] += 1
        self.image.put("brakes", folder="delegations/")
        self.image.publish()
        self.refuses("uptane.expired")

    def test_both_repositories_must_vouch_for_the_same_image(self):
        self.accepts()
        director, image = self.director.body["targets"], self.image.body["targets"]
        entry = copy.deepcopy(image["targets"][FILE])
        other = hashes(b"other")
        for repository, change, code in (
                (image, lambda t: t.clear(), "uptane.not-in-image-repository"),
                (image, lambda t: t[FILE].update(length=1), "uptane.repositories-disagree"),
                (image, lambda t: t[FILE]["hashes"].update(sha256=other["sha256"]), "uptane.repositories-disagree"),
                (image, lambda t: t[FILE]["hashes"].update(sha512=other["sha512"]), "uptane.repositories-disagree"),
                (image, lambda t: t[FILE].update(hashes={"md5": "0" * 32}), "uptane.bad-member"),
                (image, lambda t: t[FILE].update(custom={"hardwareIds": ["BRK-2-XXX"]}), "uptane.wrong-hardware"),
                (director, lambda t: t[FILE].update(length=1), "uptane.repositories-disagree"),
                (director, lambda t: t[FILE]["hashes"].update(sha512=other["sha512"]), "uptane.repositories-disagree"),
                (director, lambda t: t[FILE].update(custom={"ecuIdentifiers": {"serial-1-XXX": {"hardwareId": HARDWARE}}}),
                 "uptane.unknown-ecu"),
                (director, lambda t: t[FILE].update(custom={"ecuIdentifiers": {SERIAL: {"hardwareId": "BRK-2-XXX"}}}),
                 "uptane.wrong-hardware"),
                (director, lambda t: t[FILE].update(custom={"ecuIdentifiers": {}}), "uptane.unknown-ecu"),
                (director, lambda t: t[FILE].update(custom={}), None),
                (director, lambda t: t.update({"second.txt": copy.deepcopy(t[FILE])}), None)):
            change(repository["targets"])
            self.director.publish()
            self.image.publish()
            with self.subTest(code):
                self.refuses(code)
            repository["targets"].clear()
            repository["targets"][FILE] = copy.deepcopy(entry)
            self.heals()

    def test_one_ecu_is_named_once(self):
        for repository in (self.director, self.image):
            targets = repository.body["targets"]["targets"]
            targets["second.txt"] = copy.deepcopy(targets[FILE])
            repository.publish()
        self.refuses("uptane.duplicate-ecu")

    def test_what_is_downloaded_is_what_was_promised(self):
        for answer in (b"wheels on fir", IMAGE[:-1], IMAGE + b"!", b"", 404, 500, endless, redirect("/x"), truncated(IMAGE)):
            self.server.answers["/image/targets/" + FILE] = answer
            self.refuses()
            self.assertEqual(self.images(), {})
            self.heals()
            (self.folder / "state/images" / FILE).unlink()

    def test_every_role_needs_its_keys_its_date_and_its_type(self):
        self.accepts()
        for repository in (self.director, self.image):
            for role in repository.roles:
                if role == "root":
                    continue
                honest = copy.deepcopy(repository.body[role])
                for change in ({"expires": days(-1)}, {"expires": "tomorrow"}, {"_type": "Root"}, {"version": 0}, {"version": -1}):
                    before = repository.body[role]["version"]
                    repository.body[role].update(change)
                    if "version" not in change:
                        repository.body[role]["version"] += 1
                    repository.put(role)
                    self.relist(repository, role)
                    with self.subTest(f"{repository.name} {role} {change}"):
                        self.refuses()
                    version = max(before, repository.body[role]["version"])
                    repository.body[role].update(honest | {"version": version})
                    self.heals()
                for keys in ([], [Key()]):
                    repository.body[role]["version"] += 1
                    repository.put(role, keys)
                    self.relist(repository, role)
                    self.refuses("uptane.threshold-not-reached")
                    self.heals()

    def relist(self, repository, role):
        """What lists a spoilt role is honest, so that the fault under test is the only one."""
        order = [each for each in ("targets", "snapshot", "timestamp") if each in repository.roles]
        if later := order[order.index(role) + 1:]:
            repository.publish(*later)

    def test_thresholds_are_reached_by_different_keys(self):
        for repository in (self.director, self.image):
            for threshold in (0, -1, 2):
                state = f"{repository.name}{threshold}"
                repository.body["root"]["roles"]["targets"]["threshold"] = threshold
                repository.put("root")
                self.assertEqual(self.run_cycle(state=state), 1)
            (key,) = repository.keys["targets"]
            repository.body["root"]["keys"]["other-name"] = key.entry()
            repository.body["root"]["roles"]["targets"] = {"threshold": 2, "keyids": [key.keyid, "other-name"]}
            repository.put("root")
            twice = repository.signed(repository.body["targets"], [key, key])
            twice["signatures"][1]["keyid"] = "other-name"
            repository.serve("targets", escaped(twice).encode())
            self.assertEqual(self.run_cycle(state=f"{repository.name}twice"), 1)
            repository.list_keys()
            repository.put("root")
            repository.publish()
            self.assertEqual(self.run_cycle(state=f"{repository.name}honest"), 0, self.said)

    def test_a_signature_by_another_method_counts_for_nothing(self):
        signed = self.director.signed(self.director.body["targets"], self.director.keys["targets"])
        signed["signatures"][0]["method"] = "rsassa-pkcs1v15-sha256"
        self.director.serve("targets", escaped(signed).encode())
        self.refuses("uptane.threshold-not-reached")

    def test_nothing_goes_back_behind_what_was_kept(self):
        old = dict(self.server.answers)
        self.accepts()
        self.assign(b"newer wheels")
        self.director.publish()
        self.image.publish()
        self.server.answers["/image/targets/" + FILE] = b"newer wheels"
        self.accepts()
        new = dict(self.server.answers)
        for name in ("director/targets.json", "image/timestamp.json"):
            self.server.answers[f"/{name}"] = old[f"/{name}"]
            self.refuses("uptane.rolled-back")
            self.server.answers |= new
            self.accepts()
        for name in ("image/snapshot.json", "image/targets.json"):  # nobody asks for what is still promised
            self.server.answers[f"/{name}"] = old[f"/{name}"]
        self.accepts()
        self.server.answers |= old
        self.refuses("uptane.rolled-back")

    def test_a_repository_that_fails_is_not_one_that_has_nothing(self):
        self.accepts()
        for path in ("/director/2.root.json", "/director/targets.json", "/image/2.root.json", "/image/timestamp.json"):
            for answer in (500, 403, b"", b"{}", endless, redirect("/director/targets.json")):
                honest = self.server.answers.get(path, 404)
                self.server.answers[path] = answer
                self.refuses()
                self.server.answers[path] = honest
        self.heals()


class Ours(UptaneCase):
    def setUp(self):
        super().setUp()
        self.content = self.folder / "content"
        self.publish(1, IMAGE)

    def publish(self, version, content, vin="TESTCAR1"):
        self.content.write_bytes(content)
        subprocess.run([PROGRAMS / "publish", "--dir", self.folder / "desk", "--policy", "hybrid", "--image", self.content, "--name",
                        "BRK-2/brake.img", "--vin", vin, "--ecu", "ECU_011", "--version", str(version)], check=True)
        self.serve()

    def serve(self):
        for name in ("director", "image"):
            for file in (self.folder / "desk" / name).rglob("*"):
                if file.is_file():
                    self.server.answers[f"/{name}/{file.relative_to(self.folder / 'desk' / name)}"] = file.read_bytes()

    def forge(self, repository, role, version, keys, *changes):
        desk = self.folder / "desk"
        file = desk / repository / ("timestamp.json" if role == "timestamp" else f"{version}.{role}.json")
        words = [word for change in changes for word in ("--set", change)]
        for family in keys:
            words += ["--key", desk / "keys" / f"{repository}-{role}-{family}.key"]
        subprocess.run([PROGRAMS / "forge", file, "--out", self.folder / "forged", *words], check=True)
        self.server.answers[f"/{repository}/{file.name}"] = (self.folder / "forged").read_bytes()

    def refuses(self, code):
        self.assertEqual(self.cycle(), 1, "accepted")
        self.assertIn(code, self.said)

    def test_accepts_an_honest_pair_and_the_next_one(self):
        self.assertEqual(self.cycle(), 0, self.said)
        self.assertEqual(list(self.images().values()), [IMAGE])
        self.publish(2, b"newer wheels")
        self.assertEqual(self.cycle("--serial", "ECU_011", "--hardware-id", "BRK-2"), 0, self.said)
        self.assertEqual(list(self.images().values()), [b"newer wheels"])

    def test_knows_its_ecu_and_its_vehicle(self):
        for serial, hardware, code in (("ECU_012", "BRK-2", "uptane.unknown-ecu"), ("ECU_011", "BRK-3", "uptane.wrong-hardware")):
            self.assertEqual(self.cycle("--serial", serial, "--hardware-id", hardware), 1)
            self.assertIn(code, self.said)
        self.assertEqual(self.cycle(), 0, self.said)
        self.publish(2, IMAGE, vin="TESTCAR2")
        self.refuses("uptane.wrong-vin")

    def test_one_family_of_signatures_is_never_enough(self):
        self.assertEqual(self.cycle(), 0, self.said)
        self.publish(2, IMAGE)
        for repository, role in (("director", "timestamp"), ("director", "targets"), ("image", "timestamp"), ("image", "targets")):
            self.forge(repository, role, 2, ["classical"])
            self.refuses("uptane.")
            self.forge(repository, role, 2, ["pq"])
            self.refuses("uptane.")
            self.serve()
        self.assertEqual(self.cycle(), 0, self.said)

    def test_forged_dates_and_versions_do_not_help(self):
        both = ["classical", "pq"]
        self.forge("director", "timestamp", 1, both, '/expires="2020-01-01T00:00:00Z"')
        self.refuses("uptane.expired")
        self.serve()
        self.assertEqual(self.cycle(), 0, self.said)
        self.forge("director", "timestamp", 1, both, '/expires="2099-01-01T00:00:00Z"')
        self.refuses("uptane.same-version-changed")
        self.serve()
        self.assertEqual(self.cycle(), 0, self.said)

    def test_a_stolen_director_alone_installs_nothing(self):
        self.content.write_bytes(b"evil wheels")
        subprocess.run([PROGRAMS / "publish", "--dir", self.folder / "evil", "--policy", "hybrid", "--image", self.content, "--name",
                        "BRK-2/brake.img", "--vin", "TESTCAR1", "--ecu", "ECU_011"], check=True)
        for file in (self.folder / "evil/director").iterdir():
            self.server.answers[f"/director/{file.name}"] = file.read_bytes()
        self.refuses("uptane.repositories-disagree")


if __name__ == "__main__":
    unittest.main()
