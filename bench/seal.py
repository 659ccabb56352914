"""Sealing: keys wrapped for many ECUs, payloads sealed and opened, each beside OpenSSL's bare primitives."""
import json
import subprocess

from figures import Figure, NotMeasured

ROUNDS = 5


def figures(ground):
    """All in one run of one program, which mixes their rounds."""
    done = subprocess.run([str(ground.programs / "bench-seal"), f"--benchmark_repetitions={ROUNDS}", "--benchmark_format=json",
                           "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.5s"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotMeasured(f"bench-seal: {done.stderr.strip()[-200:]}")
    taken = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("aggregate_name") == "median":
            taken[row["run_name"].split("/real_time")[0]] = row
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
