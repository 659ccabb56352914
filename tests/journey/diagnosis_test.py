"""Remote diagnostics through the running programs: what reaches the ECUs, what comes back, and what is refused."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "attacks"), str(HERE.parents[1] / "tools")]
from forger import Forger  # noqa: E402
from stage.car import BRAKES, HEAD  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
JOBS = f"/api/v1/vehicles/{VIN}/diagnostics"
TOPIC = f"oem/{VIN}/diagnostics/request"
READ_VIN = {"name": "VIN", "request": "22f190", "expect": {"equals": "62f190" + VIN.encode().hex()}}
READ_VERSION = {"name": "version", "request": "22f189", "expect": {"prefix": "62f189"}}


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Diagnosis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pitstop-diagnosis-")
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Stage(PROGRAMS, folder.name, bus_time_scale=0.1, boot_time_ms=50)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        cls.viewer = cls.add_key("viewer")
        cls.stage.start_cloud()
        cls.stage.start_car()
        cls.forger = Forger(PROGRAMS / "forge", cls.stage.cloud.repo / "keys" / "online")

    @classmethod
    def add_key(cls, role):
        key = os.urandom(16).hex()
        with open(cls.stage.folder / "server.yaml", "a") as settings:
            settings.write(f"  - {{ name: {role}, role: {role}, sha256: {hashlib.sha256(key.encode()).hexdigest()} }}\n")
        file = cls.stage.folder / f"{role}.key"
        file.write_text(f"Authorization: Bearer {key}\n")
        return file

    # --- what people do -------------------------------------------------------------------------------------------
    def create(self, target, steps, **more):
        job = str(uuid.uuid4())
        self.stage.cloud.ask("POST", JOBS, {"job_id": job, "target": target, "steps": steps} | more)
        return job

    def show(self, job):
        return self.stage.cloud.ask("GET", f"{JOBS}/{job}")

    def wait_until(self, what, deadline_s=30.0):
        end = time.monotonic() + deadline_s
        while not (seen := what()):
            self.assertLess(time.monotonic(), end, "it did not happen in time")
            time.sleep(0.05)
        return seen

    def ended(self, job, deadline_s=30.0):
        return self.wait_until(lambda: (seen := self.show(job))["ended"] and seen, deadline_s)

    # --- what an attacker at the broker does ------------------------------------------------------------------------
    def publish(self, order, *words, message_id=None):
        """With the server's certificate, as a broken broker could."""
        message = {"message_type": "DIAGNOSTIC_REQUEST", "message_id": message_id or str(uuid.uuid4()), "correlation_id": None,
                   "timestamp": utc(0), "source": {"entity": "server", "identifier": "pitstop-server"},
                   "target": {"entity": "vehicle", "identifier": VIN}, "payload": order, "metadata": {"protocol_version": "1.0"}}
        pki = self.stage.cloud.pki
        call = ["mosquitto_pub", "--cafile", pki / "ca" / "ca.crt", "--cert", pki / "server" / "mqtt-client.crt",
                "--key", pki / "server" / "mqtt-client.key", "-h", "localhost", "-p", self.stage.cloud.mqtt_port, "-V", "5", "-q", "1",
                "-i", "attacker", "-t", TOPIC, "-s", *words]
        environment = os.environ | {"OPENSSL_CONF": str(self.tls_groups())}
        done = subprocess.run(list(map(str, call)), input=json.dumps(message).encode(), capture_output=True, timeout=20, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)

    def tls_groups(self):
        """The broker takes hybrid key exchange only; OpenSSL offers it by default, older settings may not."""
        file = self.stage.folder / "openssl.cnf"
        file.write_text("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = default\n[default]\nGroups = X25519MLKEM768\n")
        return file

    def job(self, **changes):
        """A job that would be obeyed, until something of it is changed."""
        return {"_type": "diagnostic-job", "spec_version": "1.0.31", "job_id": str(uuid.uuid4()), "vin": VIN,
                "sequence": int(time.time()) + 10_000, "issued": utc(-60), "expires": utc(600), "role": "operator", "requires": {},
                "target": {"ecu": HEAD.id}, "steps": [{"name": "reset", "request": "22f190"}]} | changes

    def signed(self, body, role="targets", families=("classical", "pq")):
        return json.loads(self.forger.sign(role, json.dumps({"signed": body, "signatures": []}).encode(), families))

    def audit(self):
        lines = (self.stage.folder / "server" / "audit.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def gateway_said(self):
        return self.stage.running["gateway"].said()

    def assert_refused_and_audited(self, code, publish):
        def refusals():
            return [entry for entry in self.audit() if entry["action"] == "diagnostic job refused" and entry["outcome"] == code]
        def begun():
            return self.stage.running["gateway"].log.read_text().count(" lanes, ")
        before, begun_before = len(refusals()), begun()
        publish()
        self.wait_until(lambda: len(refusals()) > before)
        self.assertEqual(refusals()[-1]["who"], VIN)
        self.assertEqual(begun(), begun_before, "no job was begun")

    # --- the tests --------------------------------------------------------------------------------------------------
    def test_all_ecus_are_asked_at_once_and_their_answers_summed_up(self):
        job = self.ended(self.create({"all": True}, [READ_VIN, READ_VERSION, {"name": "nobody knows", "request": "22f19e"}]))
        self.assertEqual((job["state"], job["code"]), ("failed", "uds.refused"))
        for step, outcome in zip(job["steps"], ("passed", "passed", "failed")):
            self.assertEqual({result["ecu_id"]: result["outcome"] for result in step["results"]}, {BRAKES.id: outcome, HEAD.id: outcome})
        refused = job["steps"][2]["results"][0]
        self.assertEqual((refused["nrc"], refused["nrc_name"]), (0x31, "requestOutOfRange"))
        self.assertTrue(refused["nrc_text"])
        zones = {zone["zone"]: zone for zone in job["summary"]["zones"]}
        self.assertEqual(set(zones), {"", "front-left"})
        self.assertEqual(zones["front-left"]["slowest_ecu"], BRAKES.id)
        self.assertEqual(self.audit()[-1]["action"], "diagnostic job ended")

    def test_a_zone_answers_a_functional_request_ecu_by_ecu(self):
        job = self.ended(self.create({"zone": "front-left", "functional": True}, [READ_VERSION]))
        self.assertEqual(job["state"], "passed", job)
        self.assertEqual([result["ecu_id"] for result in job["steps"][0]["results"]], [BRAKES.id])

    def test_the_command_line_does_it_too(self):
        cloud = self.stage.cloud
        key = self.stage.folder / "bare.key"
        key.write_text(cloud.api_key_file.read_text().split()[-1])
        os.chmod(key, 0o600)
        server = ("--server", cloud.url, "--ca", cloud.pki / "ca" / "ca.crt", "--api-key-file", key)
        said = cloud.pitstop("diag", "job", "run", "--vin", VIN, "--target", HEAD.id, "--read", "F190", "F189", "--watch", *server)
        self.assertIn(f'"{VIN}"', said)
        self.assertIn("passed", said)
        job = said.split()[0]
        self.assertEqual(json.loads(cloud.pitstop("diag", "job", "show", "--vin", VIN, job, "--json", *server))["state"], "passed")
        self.assertIn(job, cloud.pitstop("diag", "job", "list", "--vin", VIN, *server))

    def test_roles_and_repetitions_at_the_server(self):
        body = {"job_id": str(uuid.uuid4()), "target": {"ecu": HEAD.id}, "steps": [{"name": "clear", "request": "14ffffff"}]}
        status, content = self.stage.cloud.request("POST", JOBS, body, key_file=self.viewer)
        self.assertEqual((status, json.loads(content)["code"]), (403, "diagnosis.not-allowed"))
        self.assertEqual(self.audit()[-1]["outcome"], "diagnosis.not-allowed")
        body["steps"] = [READ_VIN]
        for _ in range(2):
            self.assertEqual(self.stage.cloud.request("POST", JOBS, body, key_file=self.viewer)[0], 202)
        status, content = self.stage.cloud.request("POST", JOBS, body | {"target": {"all": True}}, key_file=self.viewer)
        self.assertEqual((status, json.loads(content)["code"]), (409, "server.job-exists"))
        self.assertEqual(self.ended(body["job_id"])["state"], "passed")

    def test_the_same_job_again_has_one_effect(self):
        job = self.create({"ecu": HEAD.id}, [READ_VIN])
        self.assertEqual(self.ended(job)["state"], "passed")
        self.stage.running["gateway"].kill()
        self.stage.start("gateway")
        order = self.order_of(job)
        for _ in range(3):
            self.publish(order)
        self.wait_until(lambda: self.gateway_said().count(f"diagnostic job {job} again") == 3)
        self.assertNotIn(f"diagnostic job {job}: ", self.gateway_said(), "it was not begun again")

    def order_of(self, job):
        """As somebody who listened at the broker has it: out of a copy, for the server owns its database alone."""
        copy = self.stage.folder / "copied"
        copy.mkdir(exist_ok=True)
        for name in ("pitstop.db", "pitstop.db-wal"):
            shutil.copy(self.stage.folder / "server" / name, copy)
        with contextlib.closing(sqlite3.connect(copy / "pitstop.db")) as store:
            return json.loads(store.execute("SELECT signed_order FROM diagnostic_jobs WHERE id = ?", (job,)).fetchone()[0])

    def test_orders_that_are_not_the_directors_are_refused_and_audited(self):
        attacks = {
            "uptane.classical-missing": lambda: self.publish({"signatures": [], "signed": self.job()}),
            "uptane.post-quantum-missing": lambda: self.publish(self.signed(self.job(), families=("classical",))),
            "uptane.wrong-role": lambda: self.publish(self.signed(self.job(_type="targets"))),
            "diagnosis.foreign": lambda: self.publish(self.signed(self.job(vin="WPTSTP00000000002"))),
        }
        for code, publish in attacks.items():
            with self.subTest(code):
                self.assert_refused_and_audited(code, publish)
        with self.subTest("the keys of another role"):
            self.assert_refused_and_audited("uptane.classical-missing", lambda: self.publish(self.signed(self.job(), role="snapshot")))
        with self.subTest("tampered"):
            tampered = self.signed(self.job())
            tampered["signed"]["target"] = {"all": True}
            self.assert_refused_and_audited("uptane.classical-missing", lambda: self.publish(tampered))

    def test_orders_out_of_their_time_are_refused_and_audited(self):
        with self.subTest("replayed"):
            self.ended(self.create({"ecu": HEAD.id}, [READ_VIN]))
            self.assert_refused_and_audited("diagnosis.replayed", lambda: self.publish(self.signed(self.job(sequence=1))))
        with self.subTest("retained"):
            retained = self.signed(self.job())
            self.assert_refused_and_audited("diagnosis.retained", lambda: self.publish(retained, "-r"))
            self.publish_nothing_retained()

    def publish_nothing_retained(self):
        pki = self.stage.cloud.pki
        subprocess.run(list(map(str, ["mosquitto_pub", "--cafile", pki / "ca" / "ca.crt", "--cert", pki / "server" / "mqtt-client.crt",
                                      "--key", pki / "server" / "mqtt-client.key", "-h", "localhost", "-p", self.stage.cloud.mqtt_port,
                                      "-V", "5", "-i", "attacker", "-t", TOPIC, "-r", "-n"])),
                       check=True, timeout=20, env=os.environ | {"OPENSSL_CONF": str(self.tls_groups())})

    def test_a_job_that_waited_at_the_broker_for_a_gateway_is_refused_and_audited(self):
        self.stage.running["gateway"].stop()
        self.addCleanup(self.publish_nothing_retained)
        self.publish(self.signed(self.job()), "-r")
        self.assert_refused_and_audited("diagnosis.retained", lambda: self.stage.start("gateway"))
        self.assertEqual(self.ended(self.create({"ecu": HEAD.id}, [READ_VIN]))["state"], "passed", "the honest one is heard")

    def test_z_an_expired_job_and_a_forbidden_one_of_a_stolen_server_are_refused(self):
        """Last: their sequences are far ahead of what the honest server gives."""
        self.assert_refused_and_audited("diagnosis.bad-job", lambda: self.publish(self.signed(self.job(sequence=2 ** 53 - 1))))
        ahead = int(time.time()) + 20_000
        self.assert_refused_and_audited("diagnosis.expired", lambda: self.publish(
            self.signed(self.job(sequence=ahead, issued=utc(-600), expires=utc(-1)))))
        self.assert_refused_and_audited("diagnosis.not-allowed", lambda: self.publish(
            self.signed(self.job(sequence=ahead + 1, role="admin", steps=[{"name": "erase", "request": "3101ff00"}]))))
        self.assert_refused_and_audited("diagnosis.unknown-target", lambda: self.publish(
            self.signed(self.job(sequence=ahead + 2, target={"ecu": "ECU_077"}))))

    def test_zz_after_a_rotation_of_the_keys_jobs_of_the_old_ones_are_refused(self):
        cloud, offline = self.stage.cloud, self.stage.cloud.repo / "keys" / "offline"
        stolen = self.stage.folder / "stolen"
        shutil.copytree(self.forger.keys, stolen)
        cloud.pitstop("repo", "rotate", "--dir", cloud.repo, "--role", "director-targets")
        cloud.pitstop("repo", "sign", cloud.repo / "staged" / "director-2.root.json",
                      "--key", offline / "director-root-classical.key", offline / "director-root-pq.key")
        cloud.pitstop("repo", "publish", "--dir", cloud.repo)
        self.stage.running["server"].stop()
        self.stage.start("server")
        # Far ahead of what the honest server gives: the sequence of test_z is the vehicle's last one.
        ahead = self.job(sequence=int(time.time()) + 30_000, steps=[READ_VIN])
        self.publish(self.signed(ahead))
        self.wait_until(lambda: f"diagnostic job {ahead['job_id']}: " in self.gateway_said())
        old = Forger(self.forger.program, stolen)
        late = json.dumps({"signed": self.job(sequence=ahead["sequence"] + 1), "signatures": []}).encode()
        self.assert_refused_and_audited("uptane.classical-missing", lambda: self.publish(json.loads(old.sign("targets", late))))

    def test_a_job_is_cancelled_between_its_steps(self):
        self.stage.running[BRAKES.id].stop()
        slow = {"name": "nobody there", "request": "22f190", "timeout_ms": 1500, "on_failure": "continue"}
        job = self.create({"ecu": BRAKES.id}, [slow] * 20)
        self.wait_until(lambda: self.show(job)["steps"][0]["results"])
        self.stage.cloud.ask("DELETE", f"{JOBS}/{job}")
        seen = self.ended(job)
        self.stage.start(BRAKES.id)
        self.assertEqual((seen["state"], seen["code"]), ("cancelled", "diagnosis.cancelled"))
        outcomes = [step["results"][0]["outcome"] for step in seen["steps"]]
        self.assertEqual((outcomes[0], outcomes[-1]), ("silent", "left-out"))
        status, content = self.stage.cloud.request("DELETE", f"{JOBS}/{job}")
        self.assertEqual((status, json.loads(content)["code"]), (409, "server.job-ended"))

    def test_a_car_that_is_driven_away_is_not_touched(self):
        self.addCleanup(self.stage.set_conditions)
        self.stage.set_conditions(parked="no")
        job = self.ended(self.create({"ecu": HEAD.id}, [{"name": "reset", "request": "1101"}], requires={"parked": True}))
        self.assertEqual((job["state"], job["code"]), ("refused", "diagnosis.not-ready"))

    def test_a_gateway_that_dies_meanwhile_says_so_and_begins_nothing_twice(self):
        self.stage.running[BRAKES.id].stop()
        job = self.create({"ecu": BRAKES.id}, [{"name": "nobody there", "request": "22f190", "timeout_ms": 20000}])
        self.wait_until(lambda: self.show(job)["state"] == "running")
        self.stage.running["gateway"].kill()
        self.stage.start(BRAKES.id)
        self.stage.start("gateway")
        self.assertEqual(self.ended(job)["code"], "diagnosis.interrupted")

    def test_a_job_during_an_update_waits_for_its_turn_and_neither_fails(self):
        image = self.stage.folder / "large.img"
        image.write_bytes(os.urandom(3_000_000))
        self.stage.release("busy", "1.7.0", image)
        self.stage.wait_for("busy", ("installing",))
        hurried = [{"name": "session", "request": "1003", "timeout_ms": 200}]
        self.wait_until(lambda: self.ended(self.create({"ecu": BRAKES.id}, hurried))["code"] == "diagnosis.ecu-busy")
        steps = [READ_VERSION | {"timeout_ms": 60000}]
        job = self.ended(self.create({"all": True}, steps), 90)
        for result in job["steps"][0]["results"]:
            self.assertIn((result["outcome"], result["code"]), {("passed", ""), ("silent", "diagnosis.ecu-busy")}, result)
        end = self.stage.wait_for("busy", ("verified", "failed", "rolled_back"), 120)
        self.assertEqual(end["phase"], "verified", end)


if __name__ == "__main__":
    unittest.main()
