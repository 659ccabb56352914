"""Metadata as an attacker with some of the Director's keys would make it: one role altered, the roles above it made to fit."""
import hashlib
import json
import pathlib
import subprocess
import tempfile

FAMILIES = ("classical", "pq")


class Forger:
    def __init__(self, forge_program, keys_folder):
        self.program = forge_program
        self.keys = keys_folder  # holds director-{targets,snapshot,timestamp}-{classical,pq}.key

    def sign(self, role, file, families=FAMILIES, changes=None):
        """The file with these members changed ({json pointer: value}), signed by these families only."""
        with tempfile.TemporaryDirectory() as folder:
            given, made = pathlib.Path(folder) / "given", pathlib.Path(folder) / "made"
            given.write_bytes(file)
            words = [self.program, given, "--out", made]
            for family in families:
                words += ["--key", self.keys / f"director-{role}-{family}.key"]
            for pointer, value in (changes or {}).items():
                words += ["--set", f"{pointer}={json.dumps(value)}"]
            subprocess.run(list(map(str, words)), check=True, capture_output=True)
            return made.read_bytes()

    def chain(self, honest, role, families=FAMILIES, changes=None):
        """honest: {"targets": bytes, "snapshot": …, "timestamp": …}. Back: the same three, `role` forged, those above it honest again."""
        made = dict(honest)
        made[role] = self.sign(role, honest[role], families, changes)
        if role == "targets":
            made["snapshot"] = self.sign("snapshot", honest["snapshot"], changes=promise("targets.json", made["targets"]))
        if role in ("targets", "snapshot"):
            made["timestamp"] = self.sign("timestamp", honest["timestamp"], changes=promise("snapshot.json", made["snapshot"]))
        return made


def promise(name, file):
    version = json.loads(file)["signed"]["version"]
    return {f"/meta/{name}": {"version": version, "length": len(file),
                              "hashes": {"sha256": hashlib.sha256(file).hexdigest(), "sha512": hashlib.sha512(file).hexdigest()}}}


def director_files(cloud, vin):
    """The vehicle's own files as the honest server serves them, by role."""
    def get(name):
        status, content = cloud.request("GET", f"/director/{name}", as_vehicle=vin)
        assert status == 200, (name, status, content)
        return content
    timestamp = get("timestamp.json")
    snapshot = get(f"{json.loads(timestamp)['signed']['meta']['snapshot.json']['version']}.snapshot.json")
    targets = get(f"{json.loads(snapshot)['signed']['meta']['targets.json']['version']}.targets.json")
    return {"timestamp": timestamp, "snapshot": snapshot, "targets": targets}


def by_path(files):
    version = {role: json.loads(file)["signed"]["version"] for role, file in files.items()}
    return {"/director/timestamp.json": files["timestamp"],
            f"/director/{version['snapshot']}.snapshot.json": files["snapshot"],
            f"/director/{version['targets']}.targets.json": files["targets"]}
