"""The demo's car as configuration files: one bus, one zone, one ECU behind it and one on Ethernet."""
import dataclasses
import pathlib


@dataclasses.dataclass
class Ecu:
    id: str
    link: str          # "can-fd" or "doip"
    hardware_id: str
    part_number: str

    @property
    def number(self):
        return int(self.id[4:])

    @property
    def address(self):
        """DoIP address: the digits read as hex."""
        return int(self.id[4:], 16)


BRAKES = Ecu("ECU_011", "can-fd", "brake-controller-2", "4711-0011-A")
HEAD = Ecu("ECU_012", "doip", "infotainment-4", "4711-0012-A")
ECUS = (BRAKES, HEAD)
ZONE = "ECU_091"
FACTORY_VERSION = "1.0.0"


@dataclasses.dataclass
class Car:
    vin: str
    folder: pathlib.Path      # configuration, flash files, the gateway's state
    network: int              # third number of the loopback addresses: 127.0.N.x
    factory_image: pathlib.Path
    bus_time_scale: float = 1.0
    boot_time_ms: int = 200
    zone_store: bool = True   # the zone flashes its ECUs by itself
    access: bool = False      # its ECUs ask who programs them, and gateway and zone show it
    opens: dict = dataclasses.field(default_factory=dict)  # ECU id → in which forms it takes images besides plain ones

    @property
    def zone_host(self):
        return f"127.0.{self.network}.91"

    @property
    def head_host(self):
        return f"127.0.{self.network}.12"

    @property
    def keys(self):
        return self.folder / "keys"

    def key_files(self, name):
        """The public halves that the server has to know."""
        return [self.keys / f"{name}-{half}.pub" for half in ("classical", "pq")]

    @staticmethod
    def trust_yaml(state=None):
        """What the factory puts in; `state`: where a full verifier keeps what follows."""
        full = f"  image_root: ../repo/image/1.root.json\n  state: {state}\n" if state else ""
        return f"trust:\n  director_root: ../repo/director/1.root.json\n{full}"

    def store_yaml(self):
        return "store:\n  folder: zone-store\n  size_mib: 64\n" if self.zone_store else ""

    @staticmethod
    def keys_yaml(name):
        return f"keys:\n  classical: keys/{name}-classical.key\n  post_quantum: keys/{name}-pq.key\n"

    def access_yaml(self):
        if not self.access:
            return ""
        return "access:\n  classical_authority: ../pki/diagnostics/ca/classical.crt\n  post_quantum_authority: ../pki/diagnostics/ca/pq.crt\n"

    def credential_yaml(self, who):
        return f"diagnostics:\n  credential: ../pki/diagnostics/{self.vin}-{who}\n" if self.access else ""

    @property
    def bus_address(self):
        return f"unix:{self.folder / 'can0.sock'}"

    def write(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "bus.yaml").write_text(
            f"listen: {self.bus_address}\nbitrate: 500000\ndata_bitrate: 5000000\ntime_scale: {self.bus_time_scale}\n")
        (self.folder / "zone.yaml").write_text(f"""id: {ZONE}
vin: {self.vin}
name: zone front left
software_version: 1.0.0
listen:
  host: {self.zone_host}
{self.trust_yaml("zone.trust")}{self.store_yaml()}{self.access_yaml()}{self.credential_yaml(ZONE)}buses:
  - name: can0
    address: {self.bus_address}
ecus:
  - {{ id: {BRAKES.id}, bus: can0, request_id: 0x711, response_id: 0x719, hardware_id: {BRAKES.hardware_id} }}
""")
        for ecu in ECUS:
            (self.folder / f"{ecu.id}.yaml").write_text(self.ecu_yaml(ecu))

    def seals(self, ecu):
        """Whether this ECU opens what was sealed for it."""
        return "hpke" in self.opens.get(ecu.id, "").split()

    def seal_key_yaml(self, ecu):
        return f"seal_key: {self.keys / ecu.id}-seal.key\n" if self.seals(ecu) else ""

    def ecu_yaml(self, ecu):
        if ecu.link == "can-fd":
            link = f"can:\n  bus: {self.bus_address}\n  request_id: 0x711\n  response_id: 0x719\n"
        else:
            link = f"ethernet:\n  host: {self.head_host}\n"
        return f"""id: {ecu.id}
vin: {self.vin}
hardware_id: {ecu.hardware_id}
part_number: {ecu.part_number}
serial_number: SN-{ecu.number:04}-000001
{link}flash:
  file: {ecu.id}.flash
  sectors:
    - {{ count: 4, size_kib: 16 }}
    - {{ count: 128, size_kib: 256 }}
factory:
  image: {self.factory_image}
  version: {FACTORY_VERSION}
boot_time_ms: {self.boot_time_ms}
opens: {self.opens.get(ecu.id, "plain")}
{self.seal_key_yaml(ecu)}{self.trust_yaml(None if ecu.link == "can-fd" else f"{ecu.id}.trust")}{self.keys_yaml(ecu.id)}{self.access_yaml()}"""
