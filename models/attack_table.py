"""Reads what key_compromise.pml tells (attack, verification, keys used) and lays it out for a person who asks
"what if these keys are stolen?"."""

GATEWAY = 1 << 22
KEYS = ["Director Root", "Director Targets", "Director Snapshot", "Director Timestamp", "Image Root", "Image Targets", "Image Snapshot",
        "Image Timestamp", "delegated role", "time server", "revoked online keys"]  # in the model's order
ATTACKS = {1: "installs anything", 2: "rolls back", 3: "mixes", 4: "goes behind a promise", 5: "revives what had expired", 6: "locks out",
           11: "freezes beyond Timestamp", 12: "freezes beyond Snapshot", 13: "freezes beyond Targets", 14: "freezes beyond Root"}
FREEZES = {10: "Timestamp", 11: "Snapshot", 12: "Targets", 13: "Root", 14: "for ever"}


def both(*names):
    return sum(3 << 2 * KEYS.index(name) for name in names)


def halves(bit):
    return sum(bit << 2 * index for index in range(len(KEYS)))


DIRECTOR_ONLINE = both("Director Targets", "Director Snapshot", "Director Timestamp")
IMAGE_ONLINE = both("Image Snapshot", "Image Timestamp")
ANY_ECU, COVERED_ECU = 0, 1

ROWS = [
    ("the network, TLS, the MQTT broker, the package store", 0, ANY_ECU),
    ("the gateway, no keys", GATEWAY, ANY_ECU),
    ("Director Timestamp", both("Director Timestamp"), ANY_ECU),
    ("Director Snapshot", both("Director Snapshot"), ANY_ECU),
    ("Director Targets", both("Director Targets"), ANY_ECU),
    ("Director Timestamp and Snapshot", both("Director Timestamp", "Director Snapshot"), ANY_ECU),
    ("all online Director keys", DIRECTOR_ONLINE, ANY_ECU),
    ("Director Root", both("Director Root"), ANY_ECU),
    ("Image Timestamp", both("Image Timestamp"), ANY_ECU),
    ("Image Snapshot", both("Image Snapshot"), ANY_ECU),
    ("Image Timestamp and Snapshot", IMAGE_ONLINE, ANY_ECU),
    ("Image Targets", both("Image Targets"), ANY_ECU),
    ("a delegated role", both("delegated role"), COVERED_ECU),
    ("all Image keys but Root", IMAGE_ONLINE | both("Image Targets", "delegated role"), COVERED_ECU),
    ("Image Root", both("Image Root"), ANY_ECU),
    ("both Targets roles", both("Director Targets", "Image Targets"), ANY_ECU),
    ("the server: all online keys of both", DIRECTOR_ONLINE | IMAGE_ONLINE, ANY_ECU),
    ("the server and a delegated role, ECU on its hardware list", DIRECTOR_ONLINE | IMAGE_ONLINE | both("delegated role"), COVERED_ECU),
    ("the server and a delegated role, any other ECU", DIRECTOR_ONLINE | IMAGE_ONLINE | both("delegated role"), ANY_ECU),
    ("the server and Image Targets", DIRECTOR_ONLINE | IMAGE_ONLINE | both("Image Targets"), ANY_ECU),
    ("both Roots", both("Director Root", "Image Root"), ANY_ECU),
    ("the time server's keys", both("time server"), ANY_ECU),
    ("online keys that a newer Root has revoked", both("revoked online keys"), ANY_ECU),
    ("a quantum computer: all classical halves", halves(1), COVERED_ECU),
    ("a break of ML-DSA: all post-quantum halves", halves(2), COVERED_ECU),
    ("a quantum computer and the server", halves(1) | DIRECTOR_ONLINE | IMAGE_ONLINE, ANY_ECU),
    ("a quantum computer and the gateway", halves(1) | GATEWAY, COVERED_ECU),
]


def keys_of(used):
    names = []
    for index, name in enumerate(KEYS):
        half = used >> 2 * index & 3
        if half:
            names.append(name + {1: " (classical half)", 2: " (post-quantum half)", 3: ""}[half])
    if used & GATEWAY:
        names.append("the gateway")
    return " + ".join(names) or "nothing"


def smallest(attacks):
    """{(attack, partial, covered): the sets of keys of which none contains another}"""
    found = {}
    for kind, partial, covered, used in attacks:
        found.setdefault((kind, partial, covered), set()).add(used)
    return {which: [used for used in sets if not any(less != used and less & used == less for less in sets)]
            for which, sets in found.items()}


def possible(attacks, kind, partial, covered, keys):
    sets = list(attacks.get((kind, 0, covered), []))
    if partial:  # the gateway verifies fully before it passes anything on; only without it the ECU is alone
        sets += attacks.get((kind, 1, 0), [])
    return any(used & keys == used for used in sets)


def yes_or_no(attacks, kind, partial, covered, keys):
    if possible(attacks, kind, partial, covered, keys):
        return "**yes**"
    return "with the gateway" if possible(attacks, kind, partial, covered, keys | GATEWAY) else "no"


def freeze(attacks, partial, covered, keys):
    def until(these):
        return FREEZES[max([10] + [kind for kind in range(11, 15) if possible(attacks, kind, partial, covered, these)])]
    alone, helped = until(keys), until(keys | GATEWAY)
    return alone if alone == helped else f"{alone}; with the gateway {helped}"


def table(attacks):
    lines = ["| the attacker has | installs anything: full | partial | rolls back: full | partial | mixes: full | partial | freezes until, full | partial |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, keys, covered in ROWS:
        cells = [yes_or_no(attacks, kind, partial, covered, keys) for kind in (1, 2, 3) for partial in (0, 1)]
        cells += [freeze(attacks, partial, covered, keys) for partial in (0, 1)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
