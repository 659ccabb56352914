"""Everything together: the cloud and one car, started, stopped, killed and restarted by name."""
import json
import pathlib
import time

from .car import BRAKES, ECUS, HEAD, ZONE, Car
from .cloud import Cloud
from .gateway import gateway_yaml, write_conditions
from .network import free_port, take_network
from .program import Program, StageError

VIN = "WPTSTP00000000001"
CAR_PROGRAMS = ("bus", "zone", BRAKES.id, HEAD.id, "gateway")
_READY = {"server": "MQTT on", "bus": "ready", "zone": "ready", BRAKES.id: "requests 0x", HEAD.id: "DoIP at", "gateway": "ready"}


class Stage:
    def __init__(self, programs, folder, *, vin=VIN, ports=None, network=None, bus_time_scale=1.0, boot_time_ms=200, consent="automatic",
                 opens=None, zone_store=True, access=False):
        self.programs = pathlib.Path(programs).resolve()
        self.folder = pathlib.Path(folder).resolve()
        self.vin = vin
        self.consent = consent
        self.logs = self.folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        https_port, mqtt_port = ports or (free_port(), free_port())
        self.cloud = Cloud(self.programs, self.folder, [vin], https_port, mqtt_port, metrics_port=free_port(),
                           zones=[ZONE])
        network, self.claim = take_network() if network is None else (network, None)
        self.car = Car(vin, self.folder / "car", network, self.image("1.0.0"), bus_time_scale, boot_time_ms, zone_store, access, opens or {})
        self.server_seen_by_car = https_port  # another port when something stands in between
        self.mqtt_seen_by_car = mqtt_port
        self.running = {}

    def image(self, version):
        return self.programs / f"ecu-application-{version}"

    # --- files ----------------------------------------------------------------------------------------------------
    def prepare(self):
        self.cloud.make_trust()
        self.cloud.write()
        self.make_car_keys()
        self.car.write()
        self.write_gateway()

    def make_car_keys(self):
        """What the gateway and each ECU sign their reports with, and open sealed images with, made where they are made."""
        self.car.keys.mkdir(parents=True, exist_ok=True)
        for name in ("gateway", *(ecu.id for ecu in ECUS)):
            self.cloud.pitstop("key", "generate", "--type", "pair", "--out", self.car.keys / name)
        for ecu in ECUS:
            if self.car.seals(ecu):
                self.cloud.pitstop("key", "generate", "--type", "x-wing", "--out", f"{self.car.keys / ecu.id}-seal.key")

    def register_car_keys(self):
        """What the factory's line tells the cloud: by which keys this car is believed."""
        def pems(name):
            return [file.read_text() for file in self.car.key_files(name)]
        self.cloud.ask("PUT", f"/api/v1/vehicles/{self.vin}/keys",
                       {"primary": pems("gateway"), "ecus": {ecu.id: pems(ecu.id) for ecu in ECUS}})

    def write_gateway(self):
        (self.car.folder / "gateway").mkdir(exist_ok=True)
        made_of = f"""{self.car.credential_yaml("gateway")}zones:
  - {{ name: front-left, gateway: {ZONE}, host: {self.car.zone_host}, port: 13400 }}
buses:
  - {{ name: can0, zone: front-left }}
ecus:
  - {{ id: {BRAKES.id}, hardware_id: {BRAKES.hardware_id}, link: can-fd, bus: can0 }}
  - {{ id: {HEAD.id}, hardware_id: {HEAD.hardware_id}, link: doip, host: {self.car.head_host}, port: 13400 }}
"""
        (self.car.folder / "gateway.yaml").write_text(gateway_yaml(
            self.vin, self.cloud, https_port=self.server_seen_by_car, mqtt_port=self.mqtt_seen_by_car, consent=self.consent, made_of=made_of))
        self.set_conditions()

    def set_conditions(self, **changes):
        write_conditions(self.car.folder, **changes)

    # --- programs -------------------------------------------------------------------------------------------------
    def argv(self, name):
        car = self.car.folder
        return {
            "server": [self.programs / "pitstop-server", "--config", self.folder / "server.yaml"],
            "bus": [self.programs / "pitstop-bus", "--config", car / "bus.yaml"],
            "zone": [self.programs / "pitstop-zone", "--config", car / "zone.yaml"],
            "gateway": [self.programs / "pitstop-gateway", "--config", car / "gateway.yaml"],
        }.get(name) or [self.programs / "pitstop-ecu", "--config", car / f"{name}.yaml"]

    def start(self, name):
        program = Program(name, self.argv(name), self.logs)
        program.start()
        self.running[name] = program
        if name in _READY:
            program.wait_for_log(_READY[name])
        return program

    def start_cloud(self):
        self.start("server")
        self.register_car_keys()

    def start_car(self):
        for name in CAR_PROGRAMS:
            self.start(name)

    def kill(self, name):
        self.running[name].kill()

    def check(self):
        for program in self.running.values():
            program.check()

    def stop(self):
        for name in reversed(list(self.running)):
            self.running[name].stop()
        self.running.clear()
        if self.claim:
            self.claim.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- the journey ----------------------------------------------------------------------------------------------
    def build_package(self, campaign, version, image, ecus=ECUS, words=()):
        words = list(words)
        for ecu in ecus:
            option = f"--ecu-{ecu.number:03}"
            words += [f"{option}-binary", image, f"{option}-version", version, f"{option}-hardware", ecu.hardware_id]
        self.cloud.pitstop("package", "build", "--campaign-id", campaign, *words, "--signing-keys", self.cloud.repo / "keys" / "packages",
                           "--output-dir", self.folder)
        return self.folder / f"Campaign_{campaign}"

    def release(self, campaign, version, image=None, ecus=ECUS, words=()):
        """From the desk to the car, in one go; the campaign is deployed when this returns. `words`: more for `package build`."""
        package = self.build_package(campaign, version, image or self.image(version), ecus, words)
        self.cloud.publish(package)
        self.cloud.create_campaign(package, f"Release {version}", "Smoother braking, faster maps.")
        self.cloud.deploy(campaign, self.vin)

    def assignment(self, campaign):
        seen = self.cloud.ask("GET", f"/api/v1/campaigns/{campaign}")
        return next(each for each in seen["assignments"] if each["vin"] == self.vin)

    def wait_for(self, campaign, phases, deadline_s=60.0):
        """Until the assignment is in one of the phases; programs may be down meanwhile."""
        end = time.monotonic() + deadline_s
        last = None
        while time.monotonic() < end:
            try:
                last = self.assignment(campaign)
                if last["phase"] in phases:
                    return last
            except StageError as error:
                last = str(error)
            time.sleep(0.1)
        raise StageError(f"{campaign} did not reach {' or '.join(phases)} within {deadline_s:.0f} s; last seen: {last}")

    def read_ecu(self, ecu):
        """What the ECU itself answers by UDS 0x22, asked over DoIP past the gateway."""
        host = self.car.zone_host if ecu.link == "can-fd" else self.car.head_host
        return json.loads(self.cloud.pitstop("diag", "read", "--host", host, "--ecu", ecu.id, "--json"))
