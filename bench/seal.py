"""Sealing: keys wrapped for many ECUs, payloads sealed and opened, each beside OpenSSL's bare primitives."""
from figures import Figure, run_benchmarks

ROUNDS = 5


def figures(ground):
    """All in one run of one program, which mixes their rounds."""
    taken = run_benchmarks(ground.programs / "bench-seal", ROUNDS, 0.5)
    wraps, bare = (taken[name]["items_per_second"] for name in ("wraps", "bare_agreements"))
    aes = megabytes(taken["bare_aes_gcm"])
    rows = [Figure("seal: keys wrapped on 2 threads", wraps, bare, "ML-KEM-768 + X25519 alone", "/s", wraps / bare, "", None,
                   {"rounds": ROUNDS, "recipients": 256})]
    for verb in ("seal", "open"):
        for size, name in ((65536, "64 KiB"), (1048576, "1 MiB")):
            rate = megabytes(taken[f"{verb}_payload/{size}"])
            rows.append(Figure(f"seal: {verb} 64 MiB, chunks of {name}", rate, aes, "AES-256-GCM alone", "MB/s", rate / aes, "", None,
                               {"rounds": ROUNDS}))
    return rows


def megabytes(row):
    return row["bytes_per_second"] / 1e6
