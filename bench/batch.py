"""Hybrid Director Targets: batches that share one ML-DSA signature, beside one for each vehicle."""
from figures import Figure, run_benchmarks

BUDGET_PER_S = 50_000
ROUNDS = 5


def figures(ground):
    """Both in one run of one program, which mixes their rounds."""
    taken = run_benchmarks(ground.programs / "bench-batch", ROUNDS, 1)
    one, three, plain = (taken[name] for name in ("in_batches/4096/1", "in_batches/4096/3", "one_by_one"))
    ecdsa = taken["ecdsa_alone"]["items_per_second"]
    details = {"rounds": ROUNDS, "ecdsa_per_core_s": ecdsa, "ml_dsa_per_core_s": taken["ml_dsa_alone"]["items_per_second"],
               "file_bytes": one["file_bytes"]}
    return [beside_plain("batch: hybrid Targets on 2 cores, one image", one, plain, BUDGET_PER_S, details),
            beside_plain("batch: the same, three images", three, plain, None, {"file_bytes": three["file_bytes"]}),
            # Where the CPU is shared with others, the wall clock counts their work too; and ECDSA is what is left to pay.
            Figure("batch: one image, per CPU second × 2", 2 * per_cpu_second(one), 2 * ecdsa, "ECDSA alone", "/s",
                   per_cpu_second(one) / ecdsa, "", None)]


def per_cpu_second(row):
    return row["items_per_second"] * row["real_time"] / row["cpu_time"]


def beside_plain(what, ours, plain, budget, details):
    rate = ours["items_per_second"]
    return Figure(what, rate, plain["items_per_second"], "ML-DSA for each", "/s", rate / plain["items_per_second"],
                  "" if budget is None else f"≥ {budget:,} /s", None if budget is None else rate >= budget, details)
