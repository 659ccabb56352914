"""pitstop-tuf-client in a test's hands."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from hostile_server import HostileServer
from tuf_desk import TOP, Repository

PROGRAM = pathlib.Path(os.environ["PITSTOP_PROGRAMS"]) / "pitstop-tuf-client"


class TufClient:
    def __init__(self, repository, folder, **environment):
        self.repository, self.folder = repository, pathlib.Path(folder)
        self.metadata, self.targets = self.folder / "metadata", self.folder / "targets"
        self.environment = os.environ | environment
        self.said = ""

    def run(self, *arguments, before=()):
        done = subprocess.run([*before, PROGRAM, *map(str, arguments)], env=self.environment, capture_output=True, text=True, timeout=50)
        self.said = done.stderr
        return done.returncode

    def init(self, root=None):
        given = self.folder / "given-root.json"
        given.write_bytes(self.repository.server.answers[self.repository.path("root", 1)] if root is None else root)
        return self.run("--metadata-dir", self.metadata, "init", given)

    def refresh(self, before=()):
        return self.run("--metadata-url", self.repository.metadata_url, "--metadata-dir", self.metadata, "refresh", before=before)

    def download(self, *names):
        wanted = [word for name in names for word in ("--target-name", name)]
        return self.run("--target-dir", self.targets, *wanted, "--metadata-dir", self.metadata,
                        "--target-base-url", self.repository.targets_url, "--metadata-url", self.repository.metadata_url, "download")

    def trusted(self):
        return {file.name.removesuffix(".json"): json.loads(file.read_bytes())["signed"]["version"] for file in self.metadata.glob("*.json")}

    def downloaded(self):
        return {file.name: file.read_bytes() for file in self.targets.iterdir()} if self.targets.exists() else {}


class TufCase(unittest.TestCase):
    """A repository and a client that has seen its first Root."""

    def setUp(self):
        self.server = HostileServer()
        self.addCleanup(self.server.stop)
        folder = tempfile.TemporaryDirectory(prefix="pitstop-tuf-")
        self.addCleanup(folder.cleanup)
        self.repo = Repository(self.server)
        self.client = TufClient(self.repo, folder.name)
        self.assertEqual(self.client.init(), 0, self.client.said)

    def accepts(self):
        self.assertEqual(self.client.refresh(), 0, self.client.said)

    def refuses(self, code=None):
        self.assertEqual(self.client.refresh(), 1, "accepted")
        if code:
            self.assertIn(code, self.client.said)

    def heals(self):
        """The next honest publication is accepted, and byte for byte what is then trusted."""
        self.repo.publish_all()
        self.accepts()
        self.assertEqual({role: self.repo.body[role]["version"] for role in TOP}, {role: self.client.trusted()[role] for role in TOP})
        for role in TOP:
            self.assertEqual((self.client.metadata / f"{role}.json").read_bytes(), self.repo.text[role], role)
