"""A gateway that somebody took over: speaks DoIP and UDS to an ECU byte by byte, and packs any trust bundle it likes."""
import hashlib
import json
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile

from forger import FAMILIES

DIRECTOR, IMAGE, TIME = 0, 1, 2
TIMESTAMP, SNAPSHOT, TARGETS, ATTESTATION = 1, 2, 3, 5
METADATA_ADDRESS = 0xF0000000
CONDITIONS_NOT_CORRECT = 0x22
CHALLENGE = bytes(range(32))
AUTHENTICATED = bytes.fromhex("6903120000")
ID_SHA256 = bytes.fromhex("0609608648016503040201").ljust(16, b"\0")
RETURNS = 8


def sized(field):
    return struct.pack(">H", len(field)) + field


class Credential:
    """A folder that `pitstop pki` made, used as docs/formats/access.md says, by openssl."""

    def __init__(self, folder, vin):
        self.folder, self.vin = pathlib.Path(folder), vin.encode()

    def chain(self, family):
        return ssl.PEM_cert_to_DER_cert((self.folder / f"{family}.crt").read_text())

    def prove(self, family, ecu_address, challenge):
        text = b"pitstop access 1C\0" + struct.pack(">H", ecu_address)
        for part in (self.vin, challenge, CHALLENGE):
            text += bytes([len(part)]) + part
        with tempfile.NamedTemporaryFile() as signed:
            signed.write(text)
            signed.flush()
            digest = ["-digest", "sha256"] if family == "classical" else []
            return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", *digest, "-inkey", self.folder / f"{family}.key", "-in", signed.name],
                                  check=True, capture_output=True).stdout


def return_links(first, vin, ecu_address):
    """The chain of a ticket: the last one is left in the ECU, the one before it is shown first."""
    links, door = [first], struct.pack(">HB", ecu_address, len(vin)) + vin.encode()
    for _ in range(RETURNS):
        links.append(hashlib.sha256(b"pitstop return 1" + door + links[-1]).digest())
    return links


class Tester:
    """One DoIP connection (ISO 13400-2) to the entity at `host`; asks the ECU with that address."""

    def __init__(self, host, ecu_address, own_address=0x0E80, credential=None):
        self.own, self.ecu, self.credential = own_address, ecu_address, credential
        self.stream = socket.create_connection((host, 13400), timeout=30)
        try:
            self.activate_routing()
        except (OSError, AssertionError):
            self.close()
            raise

    def activate_routing(self):
        self.send(0x0005, struct.pack(">HBL", self.own, 0, 0))
        kind, answer = self.receive()
        assert kind == 0x0006 and answer[4] == 0x10, (kind, answer)

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, kind, payload):
        self.stream.sendall(struct.pack(">BBHL", 0x02, 0xFD, kind, len(payload)) + payload)

    def receive(self):
        _, _, kind, size = struct.unpack(">BBHL", self.exactly(8))
        return kind, self.exactly(size)

    def exactly(self, size):
        content = b""
        while len(content) < size:
            piece = self.stream.recv(size - len(content))
            assert piece, "the entity closed the connection"
            content += piece
        return content

    def ask(self, request):
        """The final answer, whatever it is."""
        self.send(0x8001, struct.pack(">HH", self.own, self.ecu) + request)
        while True:
            kind, payload = self.receive()
            assert kind != 0x8003, f"the entity does not pass it on: {payload.hex()}"
            if kind != 0x8001 or payload[4:5] == b"" or payload[4:7] == bytes([0x7F, request[0], 0x78]):
                continue
            return payload[4:]

    # --- the steps of an update, each as its answer -----------------------------------------------------------------
    def session(self, which):
        return self.ask(bytes([0x10, which]))

    def begin_cycle(self):
        """The ECU's fresh nonce."""
        self.session(0x03)
        answer = self.ask(bytes.fromhex("3101f012"))
        assert answer[:5] == bytes.fromhex("7101f01200"), answer.hex()
        return answer[5:21]

    def download(self, address, content):
        answer = self.ask(bytes.fromhex("340044") + struct.pack(">LL", address, len(content)))
        if answer[0] != 0x74:
            return answer
        block = int.from_bytes(answer[2:], "big") - 2
        for number, at in enumerate(range(0, len(content), block), 1):
            answer = self.ask(bytes([0x36, number & 0xFF]) + content[at:at + block])
            if answer[0] != 0x76:
                return answer
        return self.ask(b"\x37")

    def judge(self, bundle):
        """The status of F013; 0 is belief."""
        self.session(0x03)
        answer = self.download(METADATA_ADDRESS, bundle)
        assert answer[0] == 0x77, answer.hex()
        answer = self.ask(bytes.fromhex("3101f013"))
        assert answer[:4] == bytes.fromhex("7101f013"), answer.hex()
        return answer[4]

    def show(self, chain):
        """29 01, as its answer."""
        return self.ask(b"\x29\x01\x00" + sized(chain) + sized(CHALLENGE))

    def prove(self, proof):
        """29 03, as its answer."""
        return self.ask(b"\x29\x03" + sized(proof) + sized(b""))

    def authenticate(self, families=FAMILIES):
        """With what the credential has of these families, up to the first refusal: the last answer."""
        for family in families:
            answer = self.show(self.credential.chain(family))
            if answer[0] != 0x69:
                return answer
            answer = self.prove(self.credential.prove(family, self.ecu, answer[5:5 + answer[4]]))
            if answer[0] != 0x69:
                return answer
        return answer

    def leave_ticket(self, last_link):
        """29 04, as its answer."""
        return self.ask(b"\x29\x04\x00\x01" + sized(last_link))

    def expected_link(self):
        """29 05, as its answer."""
        return self.ask(b"\x29\x05\x00" + ID_SHA256)

    def come_back(self, link):
        """29 06, as its answer."""
        return self.ask(b"\x29\x06" + ID_SHA256 + sized(link) + sized(b"") + sized(b""))

    def erase(self, size):
        self.session(0x02)
        if self.credential:
            answer = self.authenticate()
            assert answer == AUTHENTICATED, answer.hex()
        return self.ask(bytes.fromhex("3101ff004400000000") + struct.pack(">L", size))

    def check_memory(self, record):
        return self.ask(bytes.fromhex("31010202") + record)


def bundle(files):
    """files: (repository, role, content) in the order in which they are to be accepted."""
    made = b"PTB1"
    for repository, role, content in files:
        made += bytes([repository, role, 0]) + struct.pack(">L", len(content)) + content
    return made


def attestation(cloud, vin, nonce):
    """The time server answers whoever holds the vehicle's certificate."""
    status, content = cloud.request("POST", "/director/time", {"nonces": [nonce.hex()]}, as_vehicle=vin)
    assert status == 200, content
    return content


def image_files(cloud, vin):
    def get(name):
        status, content = cloud.request("GET", f"/repo/{name}", as_vehicle=vin)
        assert status == 200, (name, status)
        return content
    timestamp = get("timestamp.json")
    snapshot = get(f"{json.loads(timestamp)['signed']['meta']['snapshot.json']['version']}.snapshot.json")
    targets = get(f"{json.loads(snapshot)['signed']['meta']['targets.json']['version']}.targets.json")
    return {"timestamp": timestamp, "snapshot": snapshot, "targets": targets}


def bundle_for(verification, time, director, image):
    """What an honest gateway would send of these files."""
    files = [(TIME, ATTESTATION, time)]
    if verification == "partial":
        return bundle(files + [(DIRECTOR, TARGETS, director["targets"])])
    for repository, of in ((DIRECTOR, director), (IMAGE, image)):
        files += [(repository, TIMESTAMP, of["timestamp"]), (repository, SNAPSHOT, of["snapshot"]), (repository, TARGETS, of["targets"])]
    return bundle(files)


def record_of(target, hardware_id, **changes):
    """The image record (core/flash/record.h) of a target in Director Targets."""
    described = {"length": target["length"], "sha256": target["hashes"]["sha256"], "version": target["custom"]["version"],
                 "counter": target["custom"]["releaseCounter"]} | changes
    version = ([int(part) for part in described["version"].split(".")] + [0])[:4]
    return (struct.pack(">L", described["length"]) + bytes.fromhex(described["sha256"]) + struct.pack(">4H", *version)
            + struct.pack(">L", described["counter"]) + hardware_id.encode().ljust(64, b"\0"))
