"""python3-tuf and we on each other's repositories: its client verifies what we published, ours what it made; neither takes a changed byte."""
import datetime
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from hostile_server import HostileServer  # noqa: E402
from tuf.api.exceptions import DownloadError, RepositoryError  # noqa: E402
from tuf.api.metadata import (DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, TargetFile, Targets,  # noqa: E402
                              Timestamp)
from tuf.ngclient import Updater  # noqa: E402
from securesystemslib.signer import CryptoSigner  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
NAME, CONTENT = "BRK-2/brake.img", b"wheels on ice"


class Peer(unittest.TestCase):
    def setUp(self):
        os.environ["NO_PROXY"] = "127.0.0.1"
        self.server = HostileServer()
        self.addCleanup(self.server.stop)
        folder = tempfile.TemporaryDirectory(prefix="pitstop-peer-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def spoilt(self, text):
        """Other bytes of the same length in what is signed."""
        return text.replace(b'"version"', b'"versiom"', 1) if b'"version"' in text else text[:-1] + b"!"

    def tamper_with_each(self, use):
        """use() succeeds, fails while any one file is changed, and then succeeds again."""
        use()
        for path in [path for path in self.server.answers if not path.endswith("1.root.json")]:
            honest = self.server.answers[path]
            self.server.answers[path] = self.spoilt(honest)
            with self.subTest(path), self.assertRaises((RepositoryError, DownloadError)):
                use()
            self.server.answers[path] = honest
        use()


class Theirs(Peer):
    """python3-tuf's client on our repository."""

    def publish(self, version):
        (self.folder / "content").write_bytes(CONTENT)
        subprocess.run([PROGRAMS / "publish", "--dir", self.folder, "--policy", "classic", "--image", self.folder / "content", "--name", NAME,
                        "--version", str(version)], check=True)
        for file in (self.folder / "image").rglob("*"):
            if file.is_file():
                self.server.answers[f"/{file.relative_to(self.folder / 'image')}"] = file.read_bytes()

    def update(self, state):
        client = self.folder / state
        client.mkdir(exist_ok=True)
        (client / "root.json").write_bytes(self.server.answers["/1.root.json"])
        updater = Updater(str(client), self.server.url, str(client), f"{self.server.url}/targets/")
        info = updater.get_targetinfo(NAME)
        self.assertIsNotNone(info)
        return pathlib.Path(updater.download_target(info)).read_bytes()

    def test_its_client_verifies_what_we_published_and_no_changed_byte_of_it(self):
        self.publish(1)
        states = iter(range(100))
        self.tamper_with_each(lambda: self.assertEqual(self.update(f"state-{next(states)}"), CONTENT))

    def test_its_client_follows_us_to_the_next_version(self):
        self.publish(1)
        self.update("state")
        self.publish(2)
        self.assertEqual(self.update("state"), CONTENT)
        self.assertEqual(Metadata.from_file(str(self.folder / "state/snapshot.json")).signed.version, 2)


class Ours(Peer):
    """Our client on a repository that python3-tuf made."""

    def make(self):
        later = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=3)
        keys = {role: CryptoSigner.generate_ecdsa() for role in ("root", "timestamp", "snapshot", "targets")} | {
            "brakes": CryptoSigner.generate_ed25519()}
        target = TargetFile.from_data(NAME, CONTENT, ["sha256", "sha512"])
        root, targets, brakes = Root(expires=later), Targets(expires=later), Targets(expires=later, targets={NAME: target})
        for role in ("root", "timestamp", "snapshot", "targets"):
            root.add_key(keys[role].public_key, role)
        role = DelegatedRole("brakes", [], 1, True, paths=["BRK-2/*"])
        targets.delegations = Delegations({}, {"brakes": role})
        targets.add_key(keys["brakes"].public_key, "brakes")
        snapshot = Snapshot(expires=later, meta={"targets.json": MetaFile(1), "brakes.json": MetaFile(1)})
        for name, signed in {"1.root": root, "1.targets": targets, "1.brakes": brakes, "1.snapshot": snapshot,
                             "timestamp": Timestamp(expires=later, snapshot_meta=MetaFile(1))}.items():
            document = Metadata(signed)
            document.sign(keys[name.split(".")[-1]])
            self.server.answers[f"/{name}.json"] = document.to_bytes()
        self.server.answers[f"/targets/BRK-2/{target.hashes['sha256']}.brake.img"] = CONTENT

    def run_client(self, state, *words):
        done = subprocess.run([PROGRAMS / "pitstop-tuf-client", "--metadata-dir", self.folder / state, *words], capture_output=True, text=True,
                              timeout=50)
        if done.returncode:
            raise DownloadError(done.stderr)

    def update(self, state):
        first = self.folder / "first-root.json"
        first.write_bytes(self.server.answers["/1.root.json"])
        self.run_client(state, "init", first)
        self.run_client(state, "--metadata-url", self.server.url, "--target-base-url", f"{self.server.url}/targets", "--target-dir",
                        self.folder / state / "images", "--target-name", NAME, "download")
        (image,) = (self.folder / state / "images").iterdir()
        return image.read_bytes()

    def test_our_client_verifies_what_it_made_and_no_changed_byte_of_it(self):
        self.make()
        states = iter(range(100))
        self.tamper_with_each(lambda: self.assertEqual(self.update(f"state-{next(states)}"), CONTENT))


if __name__ == "__main__":
    unittest.main()
