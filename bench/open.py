"""Opening images in an ECU: memory that must not grow with the image, beside the naive way that holds everything."""
import json
import shutil
import subprocess

from figures import Figure, NotMeasured, alternate, median

FORMS = ("zstd+hpke", "delta+hpke")
SIZES_MB = (1, 16, 256)
HEAP_KIB_MAX = 256
ROUNDS = 3


def run(ground, *words):
    done = subprocess.run([str(ground.programs / "bench-open"), *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotMeasured(f"bench-open {words[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout


def both_ways(ground, form, size_mb):
    """Rounds of (streamed, naive): what the program says of each."""
    folder = ground.folder / f"open-{form}-{size_mb}"
    folder.mkdir()
    try:
        run(ground, "make", form, size_mb, folder)
        return alternate(ROUNDS, *(lambda way=way: json.loads(run(ground, way, form, size_mb, folder)) for way in ("stream", "naive")))
    finally:
        shutil.rmtree(folder)


def largest_kib(rounds):
    return max(taken["heap_bytes"] for taken in rounds) / 1024


def figures(ground):
    for form in FORMS:
        first_kib = None
        for size_mb in SIZES_MB:
            streamed, naive = both_ways(ground, form, size_mb)
            ours, theirs = largest_kib(streamed), largest_kib(naive)
            first_kib = first_kib or ours
            kept = {"streamed": streamed, "naive": naive}
            yield Figure(f"open: heap for {size_mb} MB, {form}", ours, theirs, "whole image in memory", "KiB", ours / theirs,
                         f"≤ {HEAP_KIB_MAX} KiB, the same for every size", ours <= HEAP_KIB_MAX and ours == first_kib, kept)
        speeds = [median([size_mb / taken["seconds"] for taken in way]) for way in (streamed, naive)]
        yield Figure(f"open: {SIZES_MB[-1]} MB, {form}", *speeds, "whole image in memory", "MB/s", speeds[0] / speeds[1], "", None, kept)
