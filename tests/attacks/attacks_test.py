"""What a car must refuse, through the running programs: after each attack the ECUs keep their version and the operator sees why."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools")]
from between import HostileServer, HostileWire  # noqa: E402
from forger import Forger, by_path, director_files  # noqa: E402
from stage.car import BRAKES, ECUS, FACTORY_VERSION  # noqa: E402
from stage.stage import VIN, Stage  # noqa: E402

PROGRAMS = pathlib.Path(os.environ["PITSTOP_PROGRAMS"])
OTHER_VIN = "WPTSTP00000000002"
ENDS = ("verified", "failed", "rolled_back", "declined")


class Attacked(unittest.TestCase):
    """One cloud and one car for all tests of a class; each test deploys campaigns of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pitstop-attacks-")
        cls.stage = Stage(PROGRAMS, cls.folder.name, bus_time_scale=0.1, boot_time_ms=50)
        cls.stage.cloud.vins.append(OTHER_VIN)
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.prepare()
        cls.stage.start_cloud()
        cls.stage.start_car()
        cls.campaigns = 0

    def release(self, ecus=ECUS):
        """A campaign with an image of its own, so that the Director has something new to say."""
        type(self).campaigns += 1
        campaign = f"{type(self).__name__}-{self.campaigns}"
        image = self.stage.folder / f"{campaign}.img"
        image.write_bytes(os.urandom(200_000))
        self.stage.release(campaign, f"1.{self.campaigns}.0", image, ecus)
        return campaign

    def gateway_through(self, https_port=None, mqtt_port=None):
        """The gateway restarted so that it sees another server."""
        stage = self.stage
        stage.running["gateway"].stop()
        stage.server_seen_by_car = https_port or stage.cloud.https_port
        stage.mqtt_seen_by_car = mqtt_port or stage.cloud.mqtt_port
        stage.write_gateway()
        stage.start("gateway")

    def assert_refused(self, campaign, code):
        end = self.stage.wait_for(campaign, ENDS)
        self.assertEqual((end["phase"], end["code"]), ("failed", code), end)
        for ecu in ECUS:
            self.assertEqual(self.stage.read_ecu(ecu)["version"], FACTORY_VERSION)

    def assert_update_still_works(self):
        self.assertEqual(self.stage.wait_for(self.release(), ENDS)["phase"], "verified")


class Metadata(Attacked):
    """A hostile server that holds the cloud's TLS key and, where a test says so, some of the Director's signing keys."""

    def setUp(self):
        self.forger = Forger(PROGRAMS / "forge", self.stage.cloud.repo / "keys" / "online")
        self.hostile = HostileServer(self.stage.cloud.pki, VIN, self.stage.cloud.https_port, lambda path, body: body)
        self.addCleanup(self.hostile.close)
        self.addCleanup(self.gateway_through)
        self.gateway_through(https_port=self.hostile.port)

    def forge_director(self, role, **how):
        def replace(path, body):
            if path != "/director/timestamp.json":
                return body
            files = by_path(self.forger.chain(director_files(self.stage.cloud, VIN), role, **how))
            self.hostile.made.update({name: file for name, file in files.items() if name != path})
            return files[path]
        self.hostile.replace = replace

    def test_signed_only_classically(self):
        for role in ("targets", "snapshot", "timestamp"):
            with self.subTest(role):
                self.hostile.made.clear()
                self.forge_director(role, families=["classical"])
                self.assert_refused(self.release(), "uptane.post-quantum-missing")

    def test_signed_only_by_ml_dsa(self):
        self.forge_director("targets", families=["pq"])
        self.assert_refused(self.release(), "uptane.classical-missing")

    def test_expired(self):
        self.forge_director("timestamp", changes={"/expires": "2020-01-01T00:00:00Z"})
        self.assert_refused(self.release(), "uptane.expired")

    def test_for_another_hardware(self):
        def other_hardware(path, body):
            if path != "/director/timestamp.json":
                return body
            honest = director_files(self.stage.cloud, VIN)
            name = next(iter(json.loads(honest["targets"])["signed"]["targets"])).replace("/", "~1")
            files = by_path(self.forger.chain(honest, "targets", changes={f"/targets/{name}/custom/hardwareIds": ["other-hardware"]}))
            self.hostile.made.update({each: file for each, file in files.items() if each != path})
            return files[path]
        self.hostile.replace = other_hardware
        self.assert_refused(self.release(), "uptane.wrong-hardware")

    def test_a_byte_flipped_in_any_file(self):
        for part in ("targets.json", "snapshot.json", "timestamp.json"):
            for repository in ("/director/", "/repo/"):
                with self.subTest(repository + part):
                    self.hostile.replace = lambda path, body: flip(body) if path.startswith(repository) and path.endswith(part) else body
                    end = self.stage.wait_for(self.release(), ENDS)
                    self.assertEqual(end["phase"], "failed", end)
                    self.assertRegex(end["code"], r"^(uptane|base)\.")

    def test_a_byte_flipped_in_the_package(self):
        self.hostile.replace = lambda path, body: flip(body) if path.endswith("full_package.bin") else body
        end = self.stage.wait_for(self.release(), ENDS)
        self.assertEqual(end["phase"], "failed", end)
        self.assertRegex(end["code"], r"^(package|update|gateway)\.")
        self.assertEqual(self.stage.read_ecu(BRAKES)["version"], FACTORY_VERSION)

    def test_z_older_than_what_was_trusted_and_then_an_honest_update(self):
        self.test_a_byte_flipped_in_the_package()  # its metadata was honest, and is trusted now
        self.forge_director("timestamp", changes={"/version": 1})
        self.assert_refused(self.release(), "uptane.rolled-back")
        self.hostile.replace = lambda path, body: body
        self.hostile.made.clear()
        self.assert_update_still_works()


class Storage(Attacked):
    def test_a_byte_flipped_in_the_stored_package(self):
        stage = self.stage
        package = stage.build_package("stored-1", "1.1.0", stage.image("1.1.0"))
        stage.cloud.publish(package)
        stage.cloud.create_campaign(package, "stored", "")
        blob = max((file for file in (stage.folder / "server").rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
        os.chmod(blob, 0o644)
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 1
        blob.write_bytes(content)
        stage.cloud.deploy("stored-1", VIN)
        end = stage.wait_for("stored-1", ENDS)
        self.assertEqual(end["phase"], "failed", end)
        for ecu in ECUS:
            self.assertEqual(stage.read_ecu(ecu)["version"], FACTORY_VERSION)

    def test_an_image_for_another_hardware_is_not_installed(self):
        brakes = type(BRAKES)(BRAKES.id, BRAKES.link, "other-hardware", BRAKES.part_number)
        campaign = self.release(ecus=[brakes])
        end = self.stage.wait_for(campaign, ENDS)
        # The server sees it first; that the car sees it too is Metadata.test_for_another_hardware.
        self.assertEqual((end["phase"], end["code"]), ("failed", "campaign.wrong-hardware"), end)
        self.assertEqual(self.stage.read_ecu(BRAKES)["version"], FACTORY_VERSION)


class Channels(Attacked):
    def test_a_classical_only_client_gets_no_session(self):
        for port in (self.stage.cloud.https_port, self.stage.cloud.mqtt_port):
            for groups, accepted in (("X25519", False), ("P-256:X25519", False), ("X25519MLKEM768", True)):
                done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{port}", "-groups", groups, "-brief",
                                       "-CAfile", self.stage.cloud.pki / "ca" / "ca.crt",
                                       "-cert", self.stage.cloud.pki / "vehicles" / VIN / "vehicle.crt",
                                       "-key", self.stage.cloud.pki / "vehicles" / VIN / "vehicle.key"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
                self.assertEqual("CONNECTION ESTABLISHED" in done.stderr, accepted, f"{port} {groups}: {done.stderr}")

    def test_tls_1_2_gets_no_session(self):
        done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{self.stage.cloud.https_port}", "-tls1_2", "-brief"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertNotIn("CONNECTION ESTABLISHED", done.stderr)

    def test_a_vehicle_reads_only_its_own_on_https(self):
        campaign = self.release()
        self.stage.wait_for(campaign, ENDS)
        cloud = self.stage.cloud
        own = cloud.request("GET", "/director/timestamp.json", as_vehicle=VIN)
        self.assertEqual(own[0], 200)
        self.assertEqual(cloud.request("GET", f"/packages/{campaign}/full_package.bin", as_vehicle=VIN)[0], 200)
        status, problem = cloud.request("GET", f"/packages/{campaign}/full_package.bin", as_vehicle=OTHER_VIN)
        self.assertIn(status, (403, 404))
        self.assertIn("code", json.loads(problem))
        self.assertNotEqual(cloud.request("GET", "/director/timestamp.json", as_vehicle=OTHER_VIN)[1], own[1])
        self.assertEqual(cloud.request("GET", "/api/v1/vehicles", as_vehicle=VIN)[0], 403)

    def test_no_certificate_and_no_key_open_nothing(self):
        done = subprocess.run(["curl", "--silent", "--cacert", self.stage.cloud.pki / "ca" / "ca.crt", "--write-out", "%{http_code}",
                               "--output", os.devnull, self.stage.cloud.url + "/api/v1/vehicles"], capture_output=True, text=True)
        self.assertEqual(done.stdout, "401")

    def test_a_vehicle_cannot_speak_for_another_on_mqtt(self):
        vehicles = self.stage.cloud.pki / "vehicles"
        wake = {"message_type": "WAKEUP", "message_id": "0e7b1dd3-8b0e-4a3a-9f37-3f2f8ef2a001", "correlation_id": None,
                "timestamp": "2026-11-20T10:00:00Z", "source": {"entity": "vehicle", "identifier": OTHER_VIN},
                "target": {"entity": "server", "identifier": "pitstop-server"},
                "payload": {"boot_id": "x", "boot_seq": 1, "gateway_version": "1.0.0"}, "metadata": {"protocol_version": "1.0"}}

        def publish(certificate_of):
            subprocess.run(["mosquitto_pub", "-V", "mqttv5", "-h", "localhost", "-p", str(self.stage.cloud.mqtt_port), "-q", "1",
                            "--cafile", self.stage.cloud.pki / "ca" / "ca.crt", "--cert", vehicles / certificate_of / "vehicle.crt",
                            "--key", vehicles / certificate_of / "vehicle.key", "-t", f"oem/{OTHER_VIN}/wake_up", "-s"],
                           input=json.dumps(wake).encode(), capture_output=True, timeout=20)

        def known():
            return self.stage.cloud.request("GET", f"/api/v1/vehicles/{OTHER_VIN}")[0]

        publish(certificate_of=VIN)
        self.assertEqual(known(), 404, "a message under another vehicle's topic reached the server")
        publish(certificate_of=OTHER_VIN)  # the same message from its rightful sender: the test above could fail
        for _ in range(100):
            if known() == 200:
                break
        self.assertEqual(known(), 200)


class Wire(Attacked):
    def test_flipped_bytes_on_both_channels_only_delay(self):
        https = HostileWire(self.stage.cloud.https_port, connections=3, after=30_000)
        mqtt = HostileWire(self.stage.cloud.mqtt_port, connections=2, after=6_000)
        self.addCleanup(https.close)
        self.addCleanup(mqtt.close)
        self.gateway_through(https_port=https.port, mqtt_port=mqtt.port)
        end = self.stage.wait_for(self.release(), ENDS, deadline_s=90)
        self.assertEqual(end["phase"], "verified", end)
        self.assertGreaterEqual(https.flipped, 1)
        self.assertGreaterEqual(mqtt.flipped, 1)


def flip(body):
    changed = bytearray(body)
    changed[len(changed) // 2] ^= 0x01
    return bytes(changed)


if __name__ == "__main__":
    unittest.main()
