"""The car of a hundred ECUs: how long one campaign takes for all of them, beside the time that its slowest bus is busy at least."""
import json
import pathlib
import subprocess
import sys

from figures import Figure, NotMeasured

CAR = pathlib.Path(__file__).resolve().parent.parent / "tools" / "car"
LIMIT_S = 240


def figures(ground):
    file = ground.folder / "car.json"
    done = subprocess.run([sys.executable, str(CAR), "--programs", str(ground.programs), "--update", "--once", "--json", str(file)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
    if done.returncode != 0:
        raise NotMeasured(f"car: {(done.stderr or done.stdout).strip()[-200:]}")
    taken = json.loads(file.read_text())
    name = f"its slowest bus, {taken['slowest_bus']}"
    yield Figure(f"car: {taken['ecus']} ECUs, makespan", taken["makespan_s"], taken["theory_s"], name, "s", taken["ratio"],
                 "≤ 1.1", taken["ratio"] <= 1.1, taken)
    yield Figure("car: of it installing", taken["install_s"], taken["theory_s"], name, "s", taken["install_ratio"], "", None)
    gateway = taken["usage"]["gateway"]
    yield Figure("car: gateway's peak memory", gateway["rss_mib"], 0, "", "MiB", None, "", None)
    yield Figure("car: gateway's CPU", gateway["cpu_s"], 0, "", "s", None, "", None)
