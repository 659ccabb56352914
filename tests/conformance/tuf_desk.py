"""A TUF repository for tests, kept as plain dictionaries so that it can also be wrong. Canonical JSON and keys are python3-tuf's."""
import copy
import datetime
import hashlib
import json
import urllib.parse

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

TOP = ("root", "timestamp", "snapshot", "targets")
MAKE = {"ecdsa": CryptoSigner.generate_ecdsa, "ed25519": CryptoSigner.generate_ed25519, "rsa": CryptoSigner.generate_rsa,
        "rsa-pkcs1": lambda: CryptoSigner.generate_rsa(scheme="rsa-pkcs1v15-sha256")}


def days(count):
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=count)).strftime("%Y-%m-%dT%H:%M:%SZ")


def hashes(data):
    return {"sha256": hashlib.sha256(data).hexdigest(), "sha512": hashlib.sha512(data).hexdigest()}


class Repository:
    def __init__(self, server, name="repo"):
        self.server, self.name = server, name
        self.body, self.signers, self.text = {}, {}, {}
        self.promise_hashes = False
        for role in TOP:
            self.body[role] = {"_type": role, "spec_version": "1.0.31", "version": 0, "expires": days(30)}
        self.root = self.body["root"]
        self.root |= {"consistent_snapshot": True, "keys": {}, "roles": {role: {"keyids": [], "threshold": 1} for role in TOP}}
        self.body["timestamp"]["meta"] = {"snapshot.json": {"version": 1}}
        self.body["snapshot"]["meta"] = {"targets.json": {"version": 1}}
        self.body["targets"]["targets"] = {}
        for role in TOP:
            self.add_key(role)
        self.publish("root", "targets", "snapshot", "timestamp")

    @property
    def metadata_url(self):
        return f"{self.server.url}/{self.name}/metadata"

    @property
    def targets_url(self):
        return f"{self.server.url}/{self.name}/targets"

    def asked(self):
        """What was asked for since the last time, without the folder."""
        paths = [path.removeprefix(f"/{self.name}/").removeprefix("metadata/") for path in self.server.asked]
        self.server.asked.clear()
        return paths

    # keys
    def holder(self, role, delegator=None):
        """Where the role's keys are named, and the dictionary of keys."""
        if role in TOP:
            return self.root["roles"][role], self.root["keys"]
        delegations = self.body[delegator or self.delegator[role]]["delegations"]
        return next(each for each in delegations["roles"] if each["name"] == role), delegations["keys"]

    def add_key(self, role, key=None, keyid=None, delegator=None):
        key = key or MAKE["ecdsa"]()
        keyid = keyid or key.public_key.keyid
        entry, keys = self.holder(role, delegator)
        entry["keyids"].append(keyid)
        keys[keyid] = key.public_key.to_dict()
        self.signers.setdefault(role, {})[keyid] = key
        return key

    def replace_keys(self, role, kind="ecdsa"):
        entry, _ = self.holder(role)
        entry["keyids"], self.signers[role] = [], {}
        self.add_key(role, MAKE[kind]())

    # files
    def signed(self, role, body=None):
        body = self.body[role] if body is None else body
        canonical = encode_canonical(body).encode()
        return json.dumps({"signatures": [{"keyid": keyid, "sig": key.sign(canonical).signature}
                                          for keyid, key in self.signers[role].items()], "signed": body}, indent=1).encode()

    def path(self, role, version):
        name = urllib.parse.quote(role, "")
        versioned = role == "root" or (role != "timestamp" and self.root["consistent_snapshot"])
        return f"/{self.name}/metadata/{version}.{name}.json" if versioned else f"/{self.name}/metadata/{name}.json"

    def serve(self, role, text, version=None):
        self.text[role] = text
        self.server.answers[self.path(role, version or self.body[role]["version"])] = text

    def publish(self, *roles, bump=1):
        """The next version of each role, and its entry in the role that lists it."""
        for role in roles:
            self.body[role]["version"] += bump
            self.serve(role, self.signed(role))
            entry = {"version": self.body[role]["version"]}
            if self.promise_hashes:
                entry |= {"length": len(self.text[role]), "hashes": hashes(self.text[role])}
            if role == "snapshot":
                self.body["timestamp"]["meta"]["snapshot.json"] = entry
            elif role not in ("root", "timestamp"):
                self.body["snapshot"]["meta"][f"{role}.json"] = entry

    def publish_all(self, *more):
        self.publish(*more, "targets", "snapshot", "timestamp")

    def add_target(self, name, data, role="targets", **info):
        entry = {"length": len(data), "hashes": hashes(data)} | info
        self.body[role]["targets"][name] = entry
        self.serve_target(name, data, entry)

    def serve_target(self, name, data, entry=None):
        folder, slash, last = name.rpartition("/")
        entry = entry or next(body["targets"][name] for body in self.body.values() if name in body.get("targets", {}))
        last = f"{entry['hashes']['sha256']}.{last}" if self.root["consistent_snapshot"] else last
        self.server.answers[f"/{self.name}/targets/" + urllib.parse.quote(f"{folder}{slash}{last}", "/!$&'()*+,;=:@")] = data

    # delegations
    delegator = None

    def delegate(self, delegator, role, paths=("*",), terminating=False, **how):
        self.delegator = (self.delegator or {}) | {role: delegator}
        delegations = self.body[delegator].setdefault("delegations", {"keys": {}, "roles": []})
        where = how or {"paths": list(paths)}
        delegations["roles"].append({"name": role, "keyids": [], "threshold": 1, "terminating": terminating} | where)
        if role not in self.body:
            self.body[role] = {"_type": "targets", "spec_version": "1.0.31", "version": 0, "expires": days(30), "targets": {}}
        self.add_key(role, delegator=delegator)

    def delegate_to_bins(self, prefix, bits):
        key = MAKE["ed25519"]()
        self.body["targets"]["delegations"] = {
            "keys": {key.public_key.keyid: key.public_key.to_dict()},
            "succinct_roles": {"keyids": [key.public_key.keyid], "threshold": 1, "bit_length": bits, "name_prefix": prefix}}
        for number in range(1 << bits):
            name = f"{prefix}-{number:0{len(f'{(1 << bits) - 1:x}')}x}"
            self.body[name] = copy.deepcopy(self.body["targets"]) | {"version": 0, "targets": {}}
            self.body[name].pop("delegations")
            self.signers[name] = {key.public_key.keyid: key}
            yield name
