"""One row for each thing measured, and the table of them."""
import dataclasses
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time


class NotMeasured(Exception):
    """A figure that could not be taken; the text says why, in one line."""


def wait_for_port(program, port, deadline_s=10):
    """Until the program takes connections there."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        program.check()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise NotMeasured(f"{program.name} takes no connection within {deadline_s} s")


@dataclasses.dataclass
class Figure:
    what: str
    ours: float
    peer: float
    peer_name: str
    unit: str
    ratio: float | None   # ours to peer, as the budget counts it; none where there is nothing to compare
    budget: str
    met: bool | None      # none: there is no budget for it
    rounds: dict = dataclasses.field(default_factory=dict)  # everything that the medians were taken from


def run_benchmarks(program, rounds, min_time_s):
    """The medians of one run of a Google Benchmark program, which mixes its rounds: a row for each name without its suffix of clocks."""
    done = subprocess.run([str(program), f"--benchmark_repetitions={rounds}", "--benchmark_format=json",
                           "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={min_time_s}s"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotMeasured(f"{program.name}: {done.stderr.strip()[-200:]}")
    return {re.split("/(real|process)_time", row["run_name"])[0]: row for row in json.loads(done.stdout)["benchmarks"]
            if row.get("aggregate_name") == "median"}


def median(values):
    return statistics.median(values)


def alternate(rounds, *measures):
    """Each in turn, `rounds` times, so that what the machine does meanwhile falls on all alike: a list for each."""
    taken = [[] for _ in measures]
    for number in range(rounds):
        turn = list(enumerate(measures))
        for index, measure in turn if number % 2 == 0 else reversed(turn):
            taken[index].append(measure())
    return taken


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(figures):
    rows = [("what", "ours", "peer", "", "ratio", "budget", "")]
    for figure in figures:
        met = {True: "met", False: "NOT MET", None: ""}[figure.met]
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        rows.append((figure.what, f"{number(figure.ours)} {figure.unit}", f"{number(figure.peer)} {figure.unit}",
                     figure.peer_name, ratio, figure.budget, met))
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    right = (1, 2, 4)
    return "\n".join("  ".join(cell.rjust(width) if column in right else cell.ljust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def machine():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "CPU")
    except OSError:
        model = "CPU"
    return f"{os.cpu_count()} × {model}"


def write_json(file, figures, failures):
    content = {"machine": machine(), "figures": [dataclasses.asdict(figure) for figure in figures], "not_measured": failures}
    pathlib.Path(file).write_text(json.dumps(content, indent=2) + "\n")


def progress(text):
    """For people at a terminal: a line that replaces itself."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
