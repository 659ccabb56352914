"""ISO-TP through a running bus, beside what the timing of the bus allows: three sets of BS and STmin, CAN and CAN FD."""
import json
import subprocess

from figures import Figure, NotMeasured
from stage.program import Program

SECONDS = 3
BUDGET = 0.95


def figures(ground):
    address = f"unix:{ground.folder / 'bench-can.sock'}"
    bus = ground.keep(Program("bench-bus", [ground.programs / "pitstop-bus", "--listen", address, "--bitrate", "500000",
                                            "--data-bitrate", "2000000"], ground.folder).start())
    bus.wait_for_log("ready at")
    done = subprocess.run([str(ground.programs / "bench-can"), address, str(SECONDS)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    bus.stop()
    if done.returncode != 0:
        raise NotMeasured(f"bench-can: {(done.stderr or done.stdout).strip()[-200:]}")
    return [row(measured) for measured in json.loads(done.stdout)]


def row(measured):
    ours, theory = measured["ours"] / 1000, measured["theory"] / 1000
    return Figure(f"ISO-TP on {measured['name']}", ours, theory, "the bus timing", "kB/s", ours / theory, f">= {BUDGET}",
                  ours / theory >= BUDGET, measured)
