"""A car from its description (config/vehicle-100.yaml), with its cloud: a program for each zone's gateway, buses and ECUs."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

from .cloud import Cloud
from .gateway import gateway_yaml, write_conditions
from .network import free_port, take_network
from .program import Program, StageError

FACTORY_BYTES = 4096
# What a bus carries in a second, without the bundle that goes before each image; near enough to choose sizes by.
BYTES_PER_S = {("can", 500_000): 32_000, ("can-fd", 2_000_000): 150_000, ("can-fd", 5_000_000): 290_000}
ETHERNET_IMAGE_BYTES = 1 << 20


class WholeCar:
    def __init__(self, programs, folder, description, *, zones=None, bus_time_scale=1.0, without=()):
        self.programs = pathlib.Path(programs).resolve()
        self.folder = pathlib.Path(folder).resolve()
        self.car = self.folder / "car"
        self.logs = self.folder / "logs"
        for made in (self.car / "keys", self.car / "roots", self.car / "gateway", self.logs, self.folder / "images"):
            made.mkdir(parents=True, exist_ok=True)
        self.description = pathlib.Path(description).resolve()
        self.bus_time_scale = bus_time_scale
        self.without = tuple(without)  # ECUs that are dead
        self.network, self.claim = take_network()
        self.running = {}
        whole = json.loads(self.pitstop("vehicle", "describe", self.description, "--json"))
        self.vin = whole["vin"]
        self.zones = whole["zones"][:zones]
        # Zonal gateways that take updates themselves are ECUs like the others.
        self.ecus = [ecu for zone in self.zones for ecu in zone["ecus"]]
        self.ecus += [zone["gateway_ecu"] for zone in self.zones if "gateway_ecu" in zone]
        self.cloud = Cloud(self.programs, self.folder, [self.vin], free_port(), free_port(), metrics_port=free_port(),
                           zones=[zone["gateway"] for zone in self.zones])

    def pitstop(self, *words):
        done = subprocess.run([self.programs / "pitstop", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise StageError(f"pitstop {' '.join(map(str, words[:2]))}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    # --- files ----------------------------------------------------------------------------------------------------
    def prepare(self):
        self.cloud.make_trust()
        self.cloud.write()
        for repository in ("director", "image"):
            shutil.copy(self.cloud.repo / repository / "1.root.json", self.car / "roots" / f"{repository}.json")
        names = ["gateway", *(ecu["ecu_id"] for ecu in self.ecus)]
        self.pitstop("key", "generate", "--type", "pair", "--out", *(self.car / "keys" / name for name in names))
        (self.car / "factory.img").write_bytes(random.Random(1).randbytes(FACTORY_BYTES))
        (self.car / "gateway.yaml").write_text(gateway_yaml(
            self.vin, self.cloud, https_port=self.cloud.https_port, mqtt_port=self.cloud.mqtt_port, consent="automatic",
            made_of=self.give_access() + f"vehicle: {{ file: {self.description}, network: {self.network}, zones: {len(self.zones)} }}\n"))
        write_conditions(self.car)

    def give_access(self):
        """ECUs ask who programs them, and gateway and zones show it: what the factory leaves for that in the car's folder.
        Back: what the gateway's configuration says of it."""
        diagnostics = self.cloud.pki / "diagnostics"
        for half in ("classical", "pq"):
            shutil.copy(diagnostics / "ca" / f"{half}.crt", self.car / "roots" / f"diagnostics-{half}.crt")
        for zone in self.zones:
            shutil.copytree(diagnostics / f"{self.vin}-{zone['gateway']}", self.car / "credentials" / zone["gateway"])
        return f"diagnostics:\n  credential: ../pki/diagnostics/{self.vin}-gateway\n"

    def register_keys(self):
        def pems(name):
            return [(self.car / "keys" / f"{name}-{half}.pub").read_text() for half in ("classical", "pq")]
        self.cloud.ask("PUT", f"/api/v1/vehicles/{self.vin}/keys",
                       {"primary": pems("gateway"), "ecus": {ecu["ecu_id"]: pems(ecu["ecu_id"]) for ecu in self.ecus}})

    def make_images(self, slowest_s, others_s):
        """One image for each ECU: so large that the slowest bus needs `slowest_s` for its own, and the others `others_s`."""
        chance = random.Random(2)
        buses = {bus["name"]: bus for zone in self.zones for bus in zone["buses"]}
        classic = [bus for bus in buses.values() if bus["kind"] == "can"]
        slowest = max(classic or buses.values(), key=lambda bus: bus["ecus"])["name"]
        for ecu in self.ecus:
            size = ETHERNET_IMAGE_BYTES
            if ecu["bus"]:
                bus = buses[ecu["bus"]]
                seconds = slowest_s if bus["name"] == slowest else others_s
                size = int(seconds * BYTES_PER_S[bus["kind"], bus["data_bits_per_s"]] / bus["ecus"])
            size = min(size, ecu["bank_kib"] * 1024) // 32 * 32
            (self.folder / "images" / f"{ecu['ecu_id']}.img").write_bytes(chance.randbytes(size))

    def bundle(self):
        """The largest metadata bundle that a zone brought to its ECUs (docs/formats/bundle.md): each judges one before its image."""
        bundles = [file for file in self.car.glob("*.store/*") if file.open("rb").read(4) == b"PTB1"]
        return max(bundles, key=lambda file: file.stat().st_size)

    def bus_times(self, metadata=None):
        """Each bus with what its images (and the metadata before them) take at least, by its own bit timing."""
        words = ["--metadata", metadata] if metadata else []
        seen = json.loads(self.pitstop("vehicle", "describe", self.description, "--images", self.folder / "images", *words, "--json"))
        names = {zone["name"] for zone in self.zones}
        return [bus for zone in seen["zones"] if zone["name"] in names for bus in zone["buses"]]

    # --- programs -------------------------------------------------------------------------------------------------
    def argv(self, name):
        kind, _, zone = name.partition(" ")
        if kind == "server":
            return [self.programs / "pitstop-server", "--config", self.folder / "server.yaml"]
        if kind == "gateway":
            return [self.programs / "pitstop-gateway", "--config", self.car / "gateway.yaml"]
        words = [self.programs / f"pitstop-{kind}", "--vehicle", self.description, "--zone", zone, "--folder", self.car,
                 "--network", self.network]
        if kind == "bus":
            words += ["--time-scale", self.bus_time_scale]
        if kind == "ecu":
            here = {ecu["ecu_id"] for each in self.zones if each["name"] == zone for ecu in each["ecus"]}
            for dead in self.without:
                words += ["--without", dead] if dead in here else []
        return words

    def start(self, *names):
        """All of them at once, then until each says that it is ready."""
        for name in names:
            self.running[name] = Program(name, self.argv(name), self.logs).start()
        for name in names:
            self.running[name].wait_for_log("MQTT on" if name == "server" else "ready", deadline_s=60)

    def start_cloud(self):
        self.start("server")
        self.register_keys()

    def start_car(self):
        zones = [zone["name"] for zone in self.zones]
        self.start(*(f"bus {zone}" for zone in zones if next(z for z in self.zones if z["name"] == zone)["buses"]))
        self.start(*(f"ecu {zone}" for zone in zones), *(f"zone {zone}" for zone in zones))
        self.start("gateway")

    def check(self):
        for program in self.running.values():
            program.check()

    def stop(self):
        for program in self.running.values():
            if program.running():
                program.process.terminate()
        for name in reversed(list(self.running)):
            self.running[name].stop()
        self.running.clear()
        self.claim.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- what it says ---------------------------------------------------------------------------------------------
    def inventory(self):
        status, content = self.cloud.request("GET", f"/api/v1/vehicles/{self.vin}")
        return (json.loads(content).get("inventory") or {}) if status == 200 else {}

    def wait_for_inventory(self, deadline_s=60):
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            self.check()
            inventory = self.inventory()
            if inventory.get("ecus"):
                return inventory
            time.sleep(0.1)
        raise StageError(f"the car did not report within {deadline_s} s; log: {self.running['gateway'].log}")

    def release(self, campaign, version):
        """From images to a deployed campaign."""
        words = []
        for ecu in self.ecus:
            if ecu["ecu_id"] in self.without:
                continue
            option = f"--ecu-{ecu['ecu_id'][4:]}"
            words += [f"{option}-binary", self.folder / "images" / f"{ecu['ecu_id']}.img", f"{option}-version", version,
                      f"{option}-hardware", ecu["hardware_id"]]
        self.pitstop("package", "build", "--campaign-id", campaign, *words, "--signing-keys", self.cloud.repo / "keys" / "packages",
                     "--output-dir", self.folder)
        package = self.folder / f"Campaign_{campaign}"
        self.cloud.publish(package)
        self.cloud.create_campaign(package, f"Release {version}", "All of the car.")
        return package

    def assignment(self, campaign):
        seen = self.cloud.ask("GET", f"/api/v1/campaigns/{campaign}")
        return next(each for each in seen["assignments"] if each["vin"] == self.vin)

    def wait_for(self, campaign, phases, deadline_s):
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            self.check()
            assignment = self.assignment(campaign)
            if assignment["phase"] in phases:
                return assignment
            time.sleep(0.1)
        raise StageError(f"{campaign} is {assignment['phase']} after {deadline_s} s; logs: {self.logs}")

    def bus_loads(self):
        """Of each bus, how busy it was in percent since the last time somebody asked."""
        loads = {}
        for name, program in self.running.items():
            if not name.startswith("bus "):
                continue
            before = len(program.said())
            os.kill(program.process.pid, signal.SIGUSR1)
            end = time.monotonic() + 5
            zone = next(each for each in self.zones if each["name"] == name[4:])
            while time.monotonic() < end:
                found = re.findall(r"/([^/]+)\.sock: bus load ([\d.]+) %", program.said()[before:])
                if len(found) == len(zone["buses"]):
                    loads |= {bus: float(percent) for bus, percent in found}
                    break
                time.sleep(0.02)
        return loads

    def usage(self):
        """Of each program that runs: (peak resident MiB, CPU seconds)."""
        ticks = os.sysconf("SC_CLK_TCK")
        used = {}
        for name, program in self.running.items():
            process = pathlib.Path(f"/proc/{program.process.pid}")
            peak = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            used[name] = (int(peak[1]) / 1024, (int(fields[11]) + int(fields[12])) / ticks)
        return used
