"""docs/openapi.yaml is the contract: the running server answers as it says, to whom it says, and to nobody else."""
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
CONTRACT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
PEOPLE = ("viewer", "operator", "release-manager", "admin")
CAMPAIGN = "contract-1"
JOB, NO_JOB = "0f8fad5b-d9cb-469f-a165-70867728950e", "00000000-0000-4000-8000-000000000000"


def operations():
    for path, methods in CONTRACT["paths"].items():
        for method in ("get", "post", "put", "delete"):
            if method in methods:
                yield path, method.upper(), methods[method]


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-contract-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = stage = Stage(PROGRAMS, folder.name, bus_time_scale=0, boot_time_ms=20)
        cls.addClassCleanup(stage.stop)
        stage.prepare()
        cls.keys = {role: cls.add_key(role) for role in PEOPLE} | {"nobody": stage.folder / "nobody.key"}
        cls.keys["nobody"].write_text("X-Nobody: here\n")
        stage.start_cloud()
        stage.start_car()
        cls.image_sha256 = hashlib.sha256(stage.image("1.1.0").read_bytes()).hexdigest()
        stage.release(CAMPAIGN, "1.1.0")
        assert stage.wait_for(CAMPAIGN, ("verified", "failed"))["phase"] == "verified"
        cls.ask_all_ecus()

    @classmethod
    def ask_all_ecus(cls):
        jobs = f"/api/v1/vehicles/{VIN}/diagnostics"
        steps = [{"name": "VIN", "request": "22f190"}, {"name": "nobody knows", "request": "22f19e"}]
        cls.stage.cloud.ask("POST", jobs, {"job_id": JOB, "target": {"all": True}, "steps": steps})
        end = time.monotonic() + 30
        while not (job := cls.stage.cloud.ask("GET", f"{jobs}/{JOB}"))["ended"]:
            assert time.monotonic() < end, job
            time.sleep(0.1)
        assert job["code"] == "uds.refused", job

    @classmethod
    def add_key(cls, role):
        key = f"{role}-{os.urandom(8).hex()}"
        with open(cls.stage.folder / "server.yaml", "a") as settings:
            settings.write(f"  - {{ name: {role}, role: {role}, sha256: {hashlib.sha256(key.encode()).hexdigest()} }}\n")
        file = cls.stage.folder / f"{role}.key"
        file.write_text(f"Authorization: Bearer {key}\n")
        return file

    def ask(self, who, method, path, body=None):
        """As a person of that role, as the vehicle, or as nobody."""
        cloud = self.stage.cloud
        if who == "vehicle":
            return cloud.request(method, path, body, as_vehicle=VIN)
        return cloud.request(method, path, body, key_file=self.keys[who])

    def path(self, pattern):
        file = "1.root.json" if "director" in pattern else "timestamp.json"
        return pattern.replace("{vin}", VIN).replace("{id}", CAMPAIGN).replace("{file}", file).replace("{job}", JOB).replace("{sha256}", self.image_sha256)

    def check_body(self, operation, status, content):
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get("default")
        self.assertIsNotNone(answer, f"status {status} is not in the contract")
        if "$ref" in answer:
            answer = CONTRACT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        for kind, media in answer.get("content", {}).items():
            if "json" in kind and "schema" in media:
                jsonschema.Draft202012Validator({"components": CONTRACT["components"], **media["schema"]}).validate(json.loads(content))

    def test_every_operation_answers_as_described(self):
        for pattern, method, operation in operations():
            if method != "GET":
                continue
            who = "vehicle" if operation.get("x-roles") == ["vehicle"] else "viewer"
            with self.subTest(f"{method} {pattern}"):
                status, content = self.ask(who, method, self.path(pattern))
                self.assertEqual(status, 200, content[:200])
                self.check_body(operation, status, content)

    def test_each_role_may_do_what_the_contract_says_and_no_more(self):
        for pattern, method, operation in operations():
            allowed = operation.get("x-roles")
            for who in ("nobody", "vehicle", *PEOPLE):
                with self.subTest(f"{who}: {method} {pattern}"):
                    body = {} if method == "POST" and not pattern.endswith("/package") else None
                    path = self.path(pattern).replace(CAMPAIGN, "nowhere").replace(JOB, NO_JOB) if method != "GET" else self.path(pattern)
                    status, content = self.ask(who, method, path, body)
                    self.assertEqual(status not in (401, 403), allowed is None or who in allowed, f"{status} {content[:200]}")
                    if status >= 300:
                        self.check_body(operation, status, content)

    def test_the_short_paths_are_the_same_resources(self):
        for pattern, method, operation in operations():
            if method == "GET" and pattern.startswith("/api/v1/"):
                long = self.ask("viewer", "GET", self.path(pattern))
                self.assertEqual(self.ask("viewer", "GET", self.path(pattern).replace("/api/v1/", "/api/")), long)

    def test_what_is_not_in_the_contract_is_not_there(self):
        for path in ("/", "/api/v1/", "/api/v1/secrets", "/packages/", "/metrics", "/repo/../server.yaml", "/director/..%2f1.root.json"):
            self.assertIn(self.ask("admin", "GET", path)[0], (400, 403, 404), path)


if __name__ == "__main__":
    unittest.main()
