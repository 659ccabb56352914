"""Building and verifying a package, beside the plain hashing and enciphering of the same bytes."""
import json
import os
import shutil
import subprocess
import time

from figures import Figure, NotMeasured, alternate, median

IMAGE_BYTES = 10_000_000
BUDGET_MS = 100
LARGE_IMAGE_BYTES = 200_000_000


def timed_ms(argv):
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotMeasured(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return (time.perf_counter() - start) * 1000, done.stdout


def figures(ground):
    image = ground.folder / "image-10.bin"
    image.write_bytes(os.urandom(IMAGE_BYTES))
    large = ground.folder / "image-200.bin"
    large.write_bytes(os.urandom(LARGE_IMAGE_BYTES))
    return [in_memory(ground, image), on_disk(ground, image), *throughput(ground, large)]


def in_memory(ground, image):
    measured = json.loads(timed_ms([ground.programs / "bench-package", image])[1])
    ours = measured["build_ms"] + measured["verify_ms"]
    return Figure("package: build + verify 10 MB", ours, measured["sha256_ms"], "its SHA-256 once", "ms",
                  ours / measured["sha256_ms"], f"< {BUDGET_MS} ms", ours < BUDGET_MS, measured)


def on_disk(ground, image):
    """The whole programs, as an engineer runs them: files, both signatures, start and end of the process."""
    stage = ground.trusted_stage()
    keys = stage.cloud.repo / "keys" / "packages"
    pitstop = ground.programs / "pitstop"
    count = 0

    def ours():
        nonlocal count
        count += 1
        build, _ = timed_ms([pitstop, "package", "build", "--campaign-id", f"disk-{count}", "--ecu-011-binary", image,
                             "--ecu-011-version", "1.1.0", "--ecu-011-hardware", "brake-controller-2",
                             "--signing-keys", keys, "--output-dir", ground.folder])
        verify, _ = timed_ms([pitstop, "package", "verify", ground.folder / f"Campaign_disk-{count}", "--keys", keys])
        return build + verify

    def peer():
        return timed_ms(["sha256sum", image])[0]

    both = alternate(5, ours, peer)
    mine, theirs = map(median, both)
    return Figure("package: the same by the command line", mine, theirs, "sha256sum FILE", "ms", mine / theirs,
                  f"< {BUDGET_MS} ms", mine < BUDGET_MS, {"ours": both[0], "peer": both[1]})


def throughput(ground, image):
    """MB/s of image, for the whole programs. Building reads the image and writes it twice (full package and zone's
    package), with two digests of the image and two of what is written; verifying reads both again."""
    stage = ground.trusted_stage()
    keys = stage.cloud.repo / "keys" / "packages"
    pitstop = ground.programs / "pitstop"
    campaign = ground.folder / "Campaign_large"

    def rate(argv):
        return LARGE_IMAGE_BYTES / 1000 / timed_ms(argv)[0]

    def build():
        shutil.rmtree(campaign, ignore_errors=True)
        return rate([pitstop, "package", "build", "--campaign-id", "large", "--ecu-011-binary", image, "--ecu-011-version",
                     "1.1.0", "--signing-keys", keys, "--output-dir", ground.folder])

    def verify():
        return rate([pitstop, "package", "verify", campaign, "--keys", keys])

    def hashed():
        return rate(["sha256sum", image])

    def enciphered():
        return rate(["openssl", "enc", "-aes-256-ctr", "-K", "00" * 32, "-iv", "00" * 16, "-in", image,
                     "-out", ground.folder / "enciphered.bin"])

    built, verified, sums, ciphers = alternate_in_order(5, build, verify, hashed, enciphered)
    rounds = {"build": built, "verify": verified, "sha256sum": sums, "openssl enc": ciphers}
    figures = []
    for what, ours in (("build", built), ("verify", verified)):
        for name, peer in (("sha256sum", sums), ("openssl enc -aes-256-ctr", ciphers)):
            mine, theirs = median(ours), median(peer)
            figures.append(Figure(f"package: {what} 200 MB", mine, theirs, name, "MB/s", mine / theirs, "-", None, rounds))
    return figures


def alternate_in_order(rounds, *measures):
    """As alternate, but always in this order: what is verified was built before."""
    taken = [[] for _ in measures]
    for _ in range(rounds):
        for index, measure in enumerate(measures):
            taken[index].append(measure())
    return taken
