#!/usr/bin/env python3
"""Checks the models: each must hold, and each guard that is taken away must be missed.

    models/check.py            run everything; exit 1 if anything is not as expected
    models/check.py --write    also write the table of key_compromise.pml into docs/threats.md

Needs spin and gcc (tools/setup test). Works in a temporary folder.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from attack_table import ATTACKS, keys_of, smallest, table  # noqa: E402  (beside this file)

HERE = pathlib.Path(__file__).resolve().parent
THREATS = HERE.parent / "docs" / "threats.md"
BEGIN, END = "<!-- models/check.py --write: begin -->", "<!-- models/check.py --write: end -->"
LIMIT_S = 240  # of one search; the longest takes two seconds

# Guards that nobody misses as long as another one stands, and why they are there all the same. The runner proves it: alone they
# are not missed; when the other one is gone, they are what still stops an attacker without any key.
REDUNDANT = {
    "check_timestamp_not_older": ("check_listed_snapshot_not_older", "it also refuses other bytes of the same version"),
    "check_snapshot_not_older": (None, "what a Timestamp listed is remembered as long as the Snapshot; kept because it stands by itself"),
    "check_snapshot_promised_version": ("check_snapshot_promise", "digests are optional in a Snapshot's promise elsewhere"),
    "check_targets_promised_version": ("check_targets_promise", "digests are optional in a Snapshot's promise elsewhere"),
    # ab_install: what is wrong is found when it is checked, or else when it is booted; and it should not come so far.
    "forget_before_erase": ("verify_at_boot", "a record must not vouch for cells that are being erased"),
    "check_image_digest": ("verify_at_boot", "a tester must hear at once that its image did not arrive"),
    "verify_at_boot": ("check_image_digest", "cells may also change after they were checked"),
    "end_journal_before_erase": (None, "the digest finds what went on with another transfer's bytes; kept so that it need not"),
    "refuse_during_trial": ("forget_before_erase", "the image on trial must stay what it is"),
    "commit_only_what_runs": ("forget_before_erase", "nobody can confirm what did not run"),
}

class Model:
    def __init__(self, name, folder, compiler):
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        source = HERE / f"{name}.pml"
        shutil.copy(source, self.folder)
        block = re.search(r"/\* Guards, by the numbers.*?\*/\n((?:#define \w+ \d+\n)+)", source.read_text(encoding="utf-8"))
        self.guards = {guard: int(number) for guard, number in re.findall(r"#define (\w+) (\d+)", block.group(1))}
        self.run(["spin", f"-P{compiler} -E -x c", "-a", f"{name}.pml"])
        self.run([compiler, "-O1", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"])

    def run(self, command, environment=None):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=LIMIT_S, env=environment)
        if done.returncode != 0:
            sys.exit(f"{self.name}: {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def search(self, removed=(), keys="any"):
        numbers = [str(self.guards[guard]) for guard in removed] + ["0", "0"]
        environment = dict(os.environ, REMOVED=numbers[0], ALSO_REMOVED=numbers[1], WITHOUT_KEYS="1" if keys == "none" else "0")
        # -E: an attacker who finds nothing more to serve is no error.
        return Search(self.run(["./pan", "-E", "-m200000", "-w22", "-n"], environment))


class Search:
    def __init__(self, printed):
        errors = re.search(r"errors: (\d+)", printed)
        if not errors or "max search depth too small" in printed or "out of memory" in printed:
            sys.exit(f"a search did not end:\n{printed[-2000:]}")
        self.holds = errors.group(1) == "0"
        self.states = int(re.search(r"(\S+) states, stored", printed).group(1).split(".")[0])
        self.told = {(word, int(kind), int(partial), int(covered), int(used)) for word, kind, partial, covered, used in
                     re.findall(r"^(ATTACK|BREACH) (\d+) (\d+) (\d+) (\d+)$", printed, re.M)}

    def breaches(self):
        return {said[1:] for said in self.told if said[0] == "BREACH"}


class Report:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def say(self, good, model, removed, text):
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'}  {model:<15} {removed:<34} {text}", flush=True)


STORE_BREACHES = {1: "the state is lost", 2: "the version goes back"}
INSTALL_BREACHES = {1: "nothing boots", 2: "an unchecked image runs", 3: "an older image runs", 4: "a trial has no end",
                    5: "the counter rises without a commit", 6: "cells are programmed that were not erased"}
SET_BREACHES = {1: "the set is mixed and the vehicle may be driven", 2: "the vehicle stands without a reason", 3: "its end is told falsely",
                4: "the set is mixed though every ECU kept its word", 5: "it does not end", 6: "an ECU is activated while another has no image"}


def explain(model, search):
    kind, partial, _, used = min(search.breaches(), key=lambda breach: bin(breach[3]).count("1"))
    if model == "ab_install":
        return INSTALL_BREACHES[kind]
    if model == "set_transaction":
        return SET_BREACHES[kind]
    if model == "trusted_state":
        return f"{STORE_BREACHES[kind]} ({'file' if partial else 'areas'})"
    return f"{ATTACKS[kind]}, {'partial' if partial else 'full'} verification, with {keys_of(used)}"


def check_guard(model, guard):
    alone = model.search([guard])
    if guard not in REDUNDANT:
        text = explain(model.name, alone) if not alone.holds else "nobody misses it"
        return not alone.holds, text
    other, why = REDUNDANT[guard]
    if other is None:
        return alone.holds, f"redundant; {why}" if alone.holds else "not redundant as claimed"
    needed = model.search([other], keys="none").holds and not model.search([guard, other], keys="none").holds
    return alone.holds and needed, f"redundant with {other}; {why}" if alone.holds and needed else "not redundant as claimed"


def with_table(text, lines):
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after


def check_threats(report, lines, write):
    text = THREATS.read_text(encoding="utf-8")
    wanted = with_table(text, lines)
    if write and text != wanted:
        THREATS.write_text(wanted, encoding="utf-8")
        text = wanted
    report.say(text == wanted, "key_compromise", "docs/threats.md", "the table is the model's" if text == wanted else
               "the table is not the model's: models/check.py --write")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true", help="write the table into docs/threats.md")
    options = arguments.parse_args()
    compiler = next((name for name in ("gcc-14", "gcc", "cc") if shutil.which(name)), None)
    if not shutil.which("spin") or not compiler:
        sys.exit("models: spin or gcc is missing: tools/setup test")
    began = time.monotonic()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="pitstop-models-") as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        names = ("key_compromise", "trusted_state", "ab_install", "set_transaction")
        models = dict(zip(names, pool.map(lambda name: Model(name, pathlib.Path(folder), compiler), names)))
        full = dict(zip(names, pool.map(lambda name: models[name].search(), names)))
        for name in names:
            said = "holds" if full[name].holds else explain(name, full[name])
            report.say(full[name].holds, name, "(all guards)", f"{said}; {full[name].states:,} states")
        jobs = [(name, guard) for name in names for guard in models[name].guards]
        for (name, guard), (good, text) in zip(jobs, pool.map(lambda job: check_guard(models[job[0]], job[1]), jobs)):
            report.say(good, name, f"without {guard}", text)
    attacks = smallest(said[1:] for said in full["key_compromise"].told if said[0] == "ATTACK")
    lines = table(attacks)
    check_threats(report, lines, options.write)
    print("\nWhat an attacker with these keys can do:\n")
    print("\n".join(lines))
    print(f"\n{report.passed} passed, {report.failed} failed, {time.monotonic() - began:.0f} s")
    sys.exit(report.failed != 0)


main()
