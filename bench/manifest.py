"""Judging vehicle version manifests, beside the signature checks in them alone; and attesting time for many at once."""
import json
import subprocess

from figures import Figure, NotMeasured


def figures(ground):
    done = subprocess.run([str(ground.programs / "bench-manifest")], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotMeasured(f"bench-manifest: {(done.stderr or done.stdout).strip()[-200:]}")
    measured = json.loads(done.stdout)
    if min(measured.values()) <= 0:
        raise NotMeasured("bench-manifest: a manifest was not believed")
    checks = f"its {measured['checks']} checks alone"
    return [row("manifests judged, 1 thread", measured, "one_thread", checks, "/s"),
            row("manifests judged, 2 threads", measured, "two_threads", checks, "/s"),
            row("time: nonces attested, 1 thread", measured, "nonces", "a signature each", "/s")]


def row(what, measured, name, peer_name, unit):
    ours, peer = measured[name], measured[f"{name}_peer"]
    return Figure(what, ours, peer, peer_name, unit, ours / peer, "", None, measured)
