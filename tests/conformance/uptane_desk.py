"""A Director and an Image repository as the aktualizr family serves them, for tests: plain dictionaries, Ed25519 or RSA keys."""
import base64
import hashlib
import json

from cryptography.hazmat.primitives import hashes as digests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from securesystemslib.formats import encode_canonical
from tuf_desk import days, hashes


def escaped(body):
    """Canonical in the way of that family's own code: sorted, compact, with JSON's escapes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Key:
    def __init__(self, kind="ed25519"):
        self.kind = kind
        self.private = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, int(kind[3:]))
        public = self.private.public_key()
        raw, pem = serialization.Encoding.Raw, serialization.Encoding.PEM
        if kind == "ed25519":
            self.public = public.public_bytes(raw, serialization.PublicFormat.Raw).hex()
        else:
            self.public = public.public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        self.keyid = hashlib.sha256(encode_canonical(self.public).encode()).hexdigest()

    def entry(self, spelling=str.upper):
        return {"keytype": spelling("ed25519" if self.kind == "ed25519" else "rsa"), "keyval": {"public": self.public}}

    def sign(self, data):
        if self.kind == "ed25519":
            return self.private.sign(data)
        return self.private.sign(data, padding.PSS(padding.MGF1(digests.SHA256()), 32), digests.SHA256())

    @property
    def method(self):
        return "ed25519" if self.kind == "ed25519" else "rsassa-pss"


class Foreign:
    """One of the two repositories."""

    def __init__(self, server, name, kind="ed25519", canonical=escaped, encode=lambda sig: base64.b64encode(sig).decode()):
        self.server, self.name, self.canonical, self.encode = server, name, canonical, encode
        self.hash_form = "served"
        self.roles = ("root", "targets") if name == "director" else ("root", "timestamp", "snapshot", "targets")
        self.keys = {role: [Key(kind)] for role in self.roles}
        self.body = {role: {"_type": role.capitalize(), "version": 0, "expires": days(30)} for role in self.roles}
        self.body["root"] |= {"consistent_snapshot": False, "keys": {}, "roles": {}}
        self.body["targets"]["targets"] = {}
        if "snapshot" in self.roles:
            self.body["snapshot"]["meta"], self.body["timestamp"]["meta"] = {}, {}
        self.list_keys()

    @property
    def url(self):
        return f"{self.server.url}/{self.name}"

    def list_keys(self):
        root = self.body["root"]
        root["keys"] = {key.keyid: key.entry() for keys in self.keys.values() for key in keys}
        root["roles"] = {role: {"keyids": [key.keyid for key in keys], "threshold": len(keys)} for role, keys in self.keys.items()}

    def signed(self, body, keys):
        data = self.canonical(body).encode()
        signatures = [{"keyid": key.keyid, "method": key.method, "sig": self.encode(key.sign(data))} for key in keys]
        return {"signatures": signatures, "signed": body}

    def serve(self, role, text, folder=""):
        version = f"{self.body['root']['version']}." if role == "root" else ""
        self.server.answers[f"/{self.name}/{folder}{version}{role}.json"] = text

    def put(self, role, keys=None, folder=""):
        """Signs a role as it stands and lists it."""
        document = self.signed(self.body[role], self.keys[role] if keys is None else keys)
        text = json.dumps(document, indent=2).encode()
        self.serve(role, text, folder)
        committed = text if self.hash_form == "served" else self.canonical(document).encode()
        entry = {"version": self.body[role]["version"], "length": len(committed), "hashes": hashes(committed)}
        if role == "snapshot":
            self.body["timestamp"]["meta"]["snapshot.json"] = entry
        elif role not in ("root", "timestamp") and "snapshot" in self.roles:
            self.body["snapshot"]["meta"][f"{role}.json"] = entry

    def publish(self, *roles):
        for role in roles or [role for role in ("targets", "snapshot", "timestamp") if role in self.roles]:
            self.body[role]["version"] += 1
            self.put(role)

    def add(self, name, data, custom):
        self.body["targets"]["targets"][name] = {"length": len(data), "hashes": hashes(data), "custom": custom}
