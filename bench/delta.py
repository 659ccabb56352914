"""Deltas between consecutive versions of real programs, beside bsdiff, xdelta3 and zstd: size, time and memory, both ways.

The pairs come from packages that this machine's own apt sources offer in two versions (downloaded and unpacked into a temporary
folder, never installed), and from a firmware image whose functions a linker laid out in two orders. Memory is what a program asks for
of the heap at its peak (glibc's memusage), beyond what it asks for to say its version; an ECU has no pages that are
promised and never touched. The time of making stands beside the time for two images of 16 bytes: in the server, which makes deltas
in its own process, nothing is started. Every result is compared byte for byte.
"""
import dataclasses
import os
import pathlib
import random
import re
import shutil
import subprocess
import time

from figures import Figure, NotMeasured, median, progress

# A package, or the names that it had in several releases; of each the largest program that both versions have.
PACKAGES = ["libssl3t64 libssl3", "nginx", "git", "perl-base", "libc6", "libcurl4t64 libcurl4", "openssh-server"]
ROUNDS, ROUNDS_OF_SMALL = 3, 15
SMALL_BYTES = 1 << 18  # what is done in the time in which a program starts
TIMES_FASTER = 5     # than bsdiff
MEMORY_SHARE = 0.1   # of the least of the others
FUNCTIONS = 400


@dataclasses.dataclass
class Pair:
    name: str
    old: pathlib.Path
    new: pathlib.Path


@dataclasses.dataclass
class Program:
    name: str
    make: object      # (old, new, delta) → command
    apply: object     # (old, delta, out) → command
    start_s: float = 0          # for almost nothing
    own_kib: float = 0          # for saying its version


@dataclasses.dataclass
class Taken:
    size: int = 0
    make_s: list = dataclasses.field(default_factory=list)
    make_kib: float = 0
    apply_s: list = dataclasses.field(default_factory=list)
    apply_kib: float = 0


def command(argv, folder=None):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder)
    if done.returncode != 0:
        raise NotMeasured(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout


def seconds(argv):
    begun = time.perf_counter()
    command(argv)
    return time.perf_counter() - begun


def asked_kib(argv):
    """At the peak. Whether the program succeeds is not asked: some have no version to say."""
    done = subprocess.run(["memusage", *map(str, argv)], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    peak = re.search(r"heap peak: (\d+)", re.sub(r"\x1b\[[0-9;]*m", "", done.stderr))
    if peak is None:
        raise NotMeasured(f"memusage said nothing of {argv[0]}")
    return int(peak.group(1)) / 1024


def two_versions(package):
    """The two neighbours that are most alike, newest first; nothing where the sources offer fewer than two."""
    if shutil.which("apt-cache") is None:
        return None
    listed = subprocess.run(["apt-cache", "madison", package], capture_output=True, text=True).stdout
    versions = list(dict.fromkeys(line.split("|")[1].strip() for line in listed.splitlines() if line.count("|") == 2))
    pairs = list(zip(versions, versions[1:]))
    return max(pairs, key=lambda pair: len(os.path.commonprefix(pair)), default=None)


def is_program(file):
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(4) == b"\x7fELF"


def unpacked(package, version, folder):
    folder.mkdir()
    command(["apt-get", "download", "-q", f"{package}={version}"], folder)
    command(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder / "tree"])
    return {file.name: file for file in (folder / "tree").rglob("*") if is_program(file)}


def package_pair(names, folder):
    for package in names.split():
        versions = two_versions(package)
        if versions is None:
            continue
        new, old = (unpacked(package, version, folder / f"{package}-{turn}") for turn, version in enumerate(versions))
        shared = [name for name in new if name in old]
        if shared:
            largest = max(shared, key=lambda name: new[name].stat().st_size)
            return Pair(f"{largest} {versions[1]} → {versions[0]}", old[largest], new[largest])
    raise NotMeasured(f"{names}: this machine's sources do not offer two versions")


def function(index, chance):
    calls = "".join(f" a = f{chance.randrange(FUNCTIONS)}(a ^ {chance.randrange(1 << 16)}u, b);" for _ in range(chance.randrange(1, 5)))
    work = "".join(f" a = a * {chance.randrange(3, 9999)}u + (b >> {chance.randrange(1, 31)}); table[a & 255] ^= b;"
                   for _ in range(chance.randrange(2, 12)))
    return f"__attribute__((noinline)) unsigned f{index}(unsigned a, unsigned b) {{{work} if (!(b & {index}u)) return a;{calls} return a + b; }}\n"


def firmware(folder, name, order, changed):
    """A Cortex-M3's image: 400 functions in this order, some of them changed."""
    texts = [function(index, random.Random(index + (10_000 if index in changed else 0))) for index in range(FUNCTIONS)]
    head = "extern \"C\" void reset();\nextern unsigned table[256];\nunsigned table[256];\n"
    head += "".join(f"unsigned f{index}(unsigned, unsigned);\n" for index in range(FUNCTIONS))
    head += "__attribute__((section(\".vectors\"), used)) void* const vectors[64] = {(void*)0x20004000" + ", (void*)reset" * 15 + "};\n"
    tail = "extern \"C\" void reset() { for (unsigned i = 0;; ++i) f0(i, i); }\n"
    source, linked, image = folder / f"{name}.cpp", folder / f"{name}.elf", folder / f"{name}.bin"
    source.write_text(head + "".join(texts[index] for index in order) + tail)
    (folder / "flash.ld").write_text("SECTIONS { . = 0x08000000; .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) }\n"
                                     "/DISCARD/ : { *(.ARM*) *(.comment) } . = 0x20000000; .bss : { *(.bss*) } }\n")
    command(["arm-none-eabi-g++", "-mcpu=cortex-m3", "-mthumb", "-Os", "-fno-exceptions", "-fno-toplevel-reorder", "-nostdlib", "-w",
             "-T", folder / "flash.ld", source, "-o", linked])
    command(["arm-none-eabi-objcopy", "-O", "binary", linked, image])
    return image


def firmware_pair(folder):
    if shutil.which("arm-none-eabi-g++") is None:
        raise NotMeasured("firmware image: arm-none-eabi-g++ is not installed")
    chance = random.Random(1)
    order = list(range(FUNCTIONS))
    old = firmware(folder, "old", order, set())
    for _ in range(12):  # groups of functions that stand elsewhere, as when a library is linked in another place
        at = chance.randrange(FUNCTIONS - 20)
        group = order[at:at + 20]
        del order[at:at + 20]
        to = chance.randrange(len(order))
        order[to:to] = group
    return Pair("firmware image, moved code", old, firmware(folder, "new", order, set(chance.sample(range(FUNCTIONS), 6))))


def programs(ground):
    pitstop = ground.programs / "pitstop"
    return [
        Program("pitstop", lambda old, new, delta: [pitstop, "delta", "make", old, new, delta],
                lambda old, delta, out: [pitstop, "delta", "apply", old, delta, out]),
        Program("bsdiff", lambda old, new, delta: ["bsdiff", old, new, delta], lambda old, delta, out: ["bspatch", old, out, delta]),
        Program("xdelta3 -9", lambda old, new, delta: ["xdelta3", "-9", "-e", "-f", "-s", old, new, delta],
                lambda old, delta, out: ["xdelta3", "-d", "-f", "-s", old, delta, out]),
        Program("zstd -19 --patch-from", lambda old, new, delta: ["zstd", "-q", "-f", "-19", "--long=31", f"--patch-from={old}", new, "-o", delta],
                lambda old, delta, out: ["zstd", "-q", "-f", "-d", "--long=31", f"--patch-from={old}", delta, "-o", out]),
    ]


def compare(pair, program, folder, taken):
    delta, out = folder / "delta", folder / "out"
    for file in (delta, out):
        file.unlink(missing_ok=True)
    taken.make_s.append(seconds(program.make(pair.old, pair.new, delta)))
    taken.apply_s.append(seconds(program.apply(pair.old, delta, out)))
    if out.read_bytes() != pair.new.read_bytes():
        raise NotMeasured(f"{program.name}: {pair.name} does not come back")
    taken.size = delta.stat().st_size


def compare_memory(pair, program, folder, taken):
    delta, out = folder / "delta", folder / "out"
    taken.make_kib = asked_kib(program.make(pair.old, pair.new, delta)) - program.own_kib
    taken.apply_kib = asked_kib(program.apply(pair.old, delta, out)) - program.own_kib


def learn_start(program, folder):
    nothing = Pair("almost nothing", folder / "old-16", folder / "new-16")
    nothing.old.write_bytes(b"0123456789abcdef")
    nothing.new.write_bytes(b"0123456789ABCDEF")
    taken = Taken()
    for _ in range(rounds_of(nothing)):
        compare(nothing, program, folder, taken)
    program.start_s = median(taken.make_s)
    program.own_kib = asked_kib([program.make(nothing.old, nothing.new, folder / "delta")[0], "--version"])


def rounds_of(pair):
    return ROUNDS_OF_SMALL if pair.new.stat().st_size < SMALL_BYTES else ROUNDS


def beyond_start_s(program, taken):
    return max(median(taken.make_s) - program.start_s, 1e-4)


def details(pair, all_taken):
    lines = [f"{pair.name}: {pair.new.stat().st_size:,} bytes",
             f"  {'':22}{'delta':>10}{'ratio':>7}{'made in':>10}{'with':>11}{'applied in':>12}{'with':>11}"]
    ours = next(iter(all_taken.values())).size
    for name, taken in all_taken.items():
        lines.append(f"  {name:22}{taken.size:>10,}{taken.size / ours:>7.2f}{median(taken.make_s) * 1000:>7.0f} ms{taken.make_kib:>7,.0f} KiB"
                     f"{median(taken.apply_s) * 1000:>9.0f} ms{taken.apply_kib:>7,.0f} KiB")
    return "\n".join(lines)


def pair_figures(pair, all_programs, all_taken):
    ours, *_ = all_taken.values()
    peers = {name: taken for name, taken in all_taken.items() if name != "pitstop"}
    smallest, leanest = min(peers, key=lambda name: peers[name].size), min(peers, key=lambda name: peers[name].apply_kib)
    by_name = {program.name: program for program in all_programs}
    ours_s, bsdiff_s = (beyond_start_s(by_name[name], all_taken[name]) for name in ("pitstop", "bsdiff"))
    speed = bsdiff_s / ours_s
    memory = ours.apply_kib / peers[leanest].apply_kib if peers[leanest].apply_kib > 0 else None
    rounds = {name: dataclasses.asdict(taken) for name, taken in all_taken.items()}
    size = ours.size / peers[smallest].size
    short = pair.name.split(",")[0].split(" ")[0]
    return [
        Figure(f"delta {short}: size", ours.size, peers[smallest].size, smallest, "B", size, "the smallest", size < 1, rounds),
        Figure(f"delta {short}: make", ours_s * 1000, bsdiff_s * 1000, "bsdiff", "ms beyond its start", speed,
               f"≥ {TIMES_FASTER} × as fast", speed >= TIMES_FASTER),
        Figure(f"delta {short}: memory to apply", ours.apply_kib, peers[leanest].apply_kib, leanest, "KiB", memory,
               f"≤ {MEMORY_SHARE}", memory is not None and memory <= MEMORY_SHARE),
    ]


def pairs(folder):
    """Every pair that can be had, and a line for each that cannot."""
    for names in PACKAGES:
        try:
            yield package_pair(names, folder)
        except (NotMeasured, OSError) as missing:
            print(f"skipped: {' '.join(str(missing).split())}")
    try:
        yield firmware_pair(folder)
    except (NotMeasured, OSError) as missing:
        print(f"skipped: {' '.join(str(missing).split())}")


def figures(ground):
    folder = ground.folder / "delta"
    folder.mkdir()
    all_programs = programs(ground)
    missing = [name for name in ("bsdiff", "bspatch", "xdelta3", "zstd", "memusage") if shutil.which(name) is None]
    if missing:
        raise NotMeasured(f"not installed: {' '.join(missing)}")
    for program in all_programs:
        learn_start(program, folder)
    result = []
    for pair in pairs(folder):
        progress(f"delta: {pair.name}")
        all_taken = {program.name: Taken() for program in all_programs}
        for turn in range(rounds_of(pair)):
            for program in all_programs if turn % 2 == 0 else reversed(all_programs):
                compare(pair, program, folder, all_taken[program.name])
        progress("")
        for program in all_programs:
            compare_memory(pair, program, folder, all_taken[program.name])
        print(details(pair, all_taken))
        result += pair_figures(pair, all_programs, all_taken)
    if not result:
        raise NotMeasured("no pair could be had")
    return result
