"""Diagnostics over DoIP on loopback: how soon an ECU answers and how fast a download goes, beside bare TCP."""
import json
import subprocess

from figures import Figure, NotMeasured, alternate, median

QUESTIONS = 20_000
TRANSFER_MB = 1000
ROUNDS = 3
FLASH_MB_S_MIN = 200


def run(ground, *words):
    done = subprocess.run([str(ground.programs / "bench-doip"), *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=300)
    if done.returncode != 0:
        raise NotMeasured(f"bench-doip {words[0]}: {done.stderr.strip()[-200:]}")
    return json.loads(done.stdout)


def figures(ground):
    latency, transfer = alternate(ROUNDS, lambda: run(ground, "latency", QUESTIONS), lambda: run(ground, "transfer", TRANSFER_MB))
    kept = {"latency": latency, "transfer": transfer}

    def middle(rounds, name):
        return median([each[name] for each in rounds])
    for percentile in ("p50", "p99"):
        ours, bare = middle(latency, f"ours_{percentile}_us"), middle(latency, f"bare_{percentile}_us")
        yield Figure(f"doip: UDS answer, {percentile}", ours, bare, "bare TCP ping-pong", "µs", ours / bare, "", None, kept)
    ours = middle(transfer, "ours_mb_s")
    for peer, name in (("copy", "bare TCP copy, SHA-256"), ("turns", "the same, block by block")):
        bare = middle(transfer, f"{peer}_mb_s")
        yield Figure("doip: TransferData, 64 KiB", ours, bare, name, "MB/s", ours / bare, f"≥ {FLASH_MB_S_MIN} MB/s", ours >= FLASH_MB_S_MIN, kept)
