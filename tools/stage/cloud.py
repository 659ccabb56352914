"""The demo's cloud as files: keys and certificates, repositories, API keys, the server's configuration; and its REST."""
import dataclasses
import hashlib
import json
import os
import pathlib
import secrets
import subprocess

from .program import StageError


@dataclasses.dataclass
class Cloud:
    programs: pathlib.Path
    folder: pathlib.Path
    vins: list
    https_port: int = 8443
    mqtt_port: int = 8883
    metrics_port: int = 0
    profile: int = 2
    zones: list = dataclasses.field(default_factory=list)  # zonal gateways of each vehicle that program their own ECUs

    @property
    def pki(self):
        return self.folder / "pki"

    @property
    def repo(self):
        return self.folder / "repo"

    @property
    def api_key_file(self):
        return self.folder / "release-manager.key"

    @property
    def url(self):
        return f"https://localhost:{self.https_port}"

    def pitstop(self, *words):
        """Runs the command line program; its own words are the error."""
        done = subprocess.run([self.programs / "pitstop", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise StageError(f"pitstop {' '.join(map(str, words[:2]))}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def make_trust(self):
        named = [word for vin in self.vins for word in ("--vin", vin)] + [word for zone in self.zones for word in ("--zone", zone)]
        self.pitstop("pki", "init", "--dir", self.pki, "--profile", self.profile, "--host", "localhost", "--host", "127.0.0.1", *named)
        self.pitstop("repo", "init", "--dir", self.repo)

    def write(self):
        key = secrets.token_urlsafe(32)
        # curl reads the header from here, so that the key never stands in a process list.
        self.api_key_file.write_text(f"Authorization: Bearer {key}\n")
        os.chmod(self.api_key_file, 0o600)
        (self.folder / "server.yaml").write_text(f"""data: server
channel:
  profile: {self.profile}
  authority: pki/ca/ca.crt
https:
  address: 127.0.0.1
  port: {self.https_port}
  certificate: pki/server/server.crt
  private_key: pki/server/server.key
mqtt:
  host: localhost
  port: {self.mqtt_port}
  certificate: pki/server/mqtt-client.crt
  private_key: pki/server/mqtt-client.key
  embedded_broker:
    address: 127.0.0.1
    certificate: pki/broker/broker.crt
    private_key: pki/broker/broker.key
metrics_port: {self.metrics_port}
repository:
  director_roots: repo/director
  online_keys: repo/keys/online
  image_root: repo/image/1.root.json
  package_signers: repo/keys/packages
api_keys:
  - {{ name: demo, role: admin, sha256: {hashlib.sha256(key.encode()).hexdigest()} }}
""")

    def curl(self, path, *words, as_vehicle=None, key_file=None):
        """The arguments of a curl call, as a person would type them."""
        call = ["curl", "--silent", "--show-error", "--cacert", str(self.pki / "ca" / "ca.crt")]
        if as_vehicle:
            call += ["--cert", str(self.pki / "vehicles" / as_vehicle / "vehicle.crt"),
                     "--key", str(self.pki / "vehicles" / as_vehicle / "vehicle.key")]
        else:
            call += ["--header", f"@{key_file or self.api_key_file}"]
        return call + [*map(str, words), self.url + path]

    def request(self, method, path, body=None, as_vehicle=None, key_file=None):
        """(status, body as bytes)"""
        words = ["--request", method, "--write-out", "\n%{http_code}", "--max-time", "30"]
        stdin = None
        if isinstance(body, pathlib.Path):
            words += ["--header", "Content-Type: application/octet-stream", "--header", "Expect:", "--upload-file", str(body)]
        elif body is not None:
            words += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
            stdin = json.dumps(body).encode()
        done = subprocess.run(self.curl(path, *words, as_vehicle=as_vehicle, key_file=key_file), input=stdin, capture_output=True)
        if done.returncode != 0:
            raise StageError(f"{method} {path}: {done.stderr.decode().strip()}")
        content, _, status = done.stdout.rpartition(b"\n")
        return int(status), content

    def ask(self, method, path, body=None):
        """The answer as JSON; anything but success is an error with the fault's code."""
        status, content = self.request(method, path, body)
        if status >= 300:
            try:
                problem = json.loads(content)
                words = f"{problem.get('code')}: {problem.get('detail') or problem.get('title')}"
            except ValueError:
                words = content.decode(errors="replace")[:200]
            raise StageError(f"{method} {path} was refused with {status}: {words}")
        return json.loads(content) if content else None

    def publish(self, campaign_folder):
        """Signs the package's images into the Image repository and hands the files to the server."""
        self.pitstop("repo", "publish", "--dir", self.repo, "--package", campaign_folder, "--server", self.url,
                     "--ca", self.pki / "ca" / "ca.crt", "--api-key-file", self.api_key_file)

    def create_campaign(self, campaign_folder, title, notes):
        metadata = json.loads((campaign_folder / "campaign_metadata.json").read_text())
        self.ask("POST", "/api/v1/campaigns", {"campaign_metadata": metadata, "title": title, "release_notes": notes, "priority": "minor"})
        campaign = metadata["campaign_id"]
        self.ask("POST", f"/api/v1/campaigns/{campaign}/package", campaign_folder / "full_package.bin")
        return campaign

    def deploy(self, campaign, *vins):
        return self.ask("POST", f"/api/v1/campaigns/{campaign}/deploy", {"vins": list(vins)})
