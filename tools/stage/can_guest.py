"""What tools/can-kernel runs in its virtual machine: our ECUs and zone on SocketCAN against the kernel's ISO-TP and Debian's can-utils."""
import os
import re
import signal
import socket
import struct
import subprocess
import time

SOL_ISOTP, RECV_FC, LL_OPTS = 106, 2, 5  # of linux/can/isotp.h
FD, CLASSIC = "ECU_011", "ECU_013"
PLACE = {FD: ("vcan0", 0x711, 0x719), CLASSIC: ("vcan1", 0x713, 0x71B)}  # bus, request, answer
MTU = {"vcan0": 72, "vcan1": 16}
VIN = b"\x62\xf1\x90WPTSTP00000000001"
IMAGE = open("/image", "rb").read()
SIZES = [5, 6, 7, 8, 11, 12, 13, 61, 62, 63, 64, 65, 126, 127, 4093, 4094, 4095]  # of messages, where a frame more is needed


def run(*words, **more):
    return subprocess.run([str(word) for word in words], **({"capture_output": True, "timeout": 60} | more))


def watched(*words, to=subprocess.PIPE):
    """The program, after it has had the time to begin to listen."""
    program = subprocess.Popen(words, stdout=to, text=True)
    time.sleep(0.5)
    return program


class Program:
    def __init__(self, name, config):
        self.log, self.seen = f"/tmp/{config}.log", 0
        self.process = subprocess.Popen([name, "--config", f"/stage/car/{config}.yaml"], stdout=open(self.log, "wb"), stderr=subprocess.STDOUT)

    def new(self):
        return open(self.log, encoding="utf-8", errors="replace").read().splitlines()[self.seen:]

    def mark(self):
        self.seen += len(self.new())

    def says(self, words):
        for _ in range(400):
            if any(words in line for line in self.new()):
                return
            time.sleep(0.05)
        raise AssertionError(f"'{words}' not said, but {self.new()[-6:]}")

    def busy_s(self):
        return sum(map(int, open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def same(got, wanted):
    assert got == wanted, f"{len(got)} bytes {got[:24].hex()}, expected {len(wanted)} bytes {wanted[:24].hex()}"


class Tester:
    """The kernel's ISO-TP as the other side of an ECU."""

    def __init__(self, ecu, separation=0):
        bus, request, answer = PLACE[ecu]
        self.socket = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
        self.socket.setsockopt(SOL_ISOTP, RECV_FC, bytes([0, separation, 0]))
        if MTU[bus] == 72:
            self.socket.setsockopt(SOL_ISOTP, LL_OPTS, bytes([72, 64, 1]))
        self.socket.bind((bus, answer, request))
        self.socket.settimeout(20)

    def ask(self, request):
        if request:
            self.socket.send(request)
        answer = self.socket.recv(70000)
        return self.ask(b"") if answer[:1] == b"\x7f" and answer[2] == 0x78 else answer


def can_utils(ecu, request, *options):
    """What isotprecv prints after isotpsend has sent."""
    bus, ask, answer = PLACE[ecu]
    ids = ["-s", f"{ask:X}", "-d", f"{answer:X}", *(["-L", "72:64:1"] if MTU[bus] == 72 else [])]
    with watched("isotprecv", *ids, *options, bus) as receiver:
        run("isotpsend", *ids, bus, input=request.hex(" ").encode(), check=True)
        try:
            return bytes.fromhex(receiver.communicate(timeout=20)[0])
        finally:
            receiver.kill()


def link(*words):
    for name in MTU:
        run("ip", "link", *words[:1], name, *words[1:], check=True)


def up():
    for name, mtu in MTU.items():
        run("ip", "link", "set", name, "mtu", mtu, "up", check=True)


def send(frame):
    for bus in MTU:
        run("cansend", bus, frame, check=True)


def read_memory(size):
    return b"\x23\x24" + struct.pack(">IH", 0, size)


def short_and_long(ecu):
    same(can_utils(ecu, b"\x3e\x00"), b"\x7e\x00")
    same(can_utils(ecu, b"\x22\xf1\x90"), VIN)
    dids = [struct.pack(">H", did) for did in (0xF190, 0xF18C, 0xF187, 0xF191, 0xF195, 0xF189, 0xF188, 0xF1A2)]
    same(can_utils(ecu, b"\x22" + b"".join(dids)), b"\x62" + b"".join(Tester(ecu).ask(b"\x22" + did)[1:] for did in dids))
    same(can_utils(ecu, read_memory(4000), "-b", "3", "-m", "F5"), b"\x63" + IMAGE[:4000])


def every_size(ecu):
    tester = Tester(ecu)
    for size in SIZES:
        same(tester.ask(read_memory(size - 1)), b"\x63" + IMAGE[:size - 1])
        same(tester.ask(b"\x36\x01" + bytes(size - 2)), b"\x7f\x36\x7f")  # not in this session: only that it came is seen


def blocks(ecu):
    """The image out by 35, and 20 KiB in by 34, in blocks that just need a frame more and in the largest."""
    tester, got, left = Tester(ecu), b"", 20480
    same(tester.ask(b"\x10\x03")[:2], b"\x50\x03")
    same(tester.ask(b"\x35\x00\x44" + struct.pack(">II", 0, len(IMAGE)))[:1], b"\x75")
    for number in range(1, 200):
        got += tester.ask(bytes([0x36, number]))[2:] if len(got) < len(IMAGE) else b""
    same(got, IMAGE)
    same(tester.ask(b"\x37")[:1] + tester.ask(b"\x31\x01\xf0\x12")[:4], b"\x77\x71\x01\xf0\x12")
    most = int.from_bytes(tester.ask(b"\x34\x00\x44" + struct.pack(">II", 0xF0000000, left))[2:], "big")
    for number, size in enumerate([*SIZES, *[most] * 9], 1):
        size = min(size - 2, most - 2, left)
        left -= size
        if size:
            same(tester.ask(bytes([0x36, number]) + IMAGE[:size]), bytes([0x76, number]))
    same(tester.ask(b"\x37")[:1], b"\x77")


def isotpdump():
    with watched("isotpdump", "-s", "713", "-d", "71B", "vcan1") as dump:
        same(Tester(CLASSIC).ask(b"\x22\xf1\x90"), VIN)
        time.sleep(0.3)
        dump.terminate()
        said = dump.communicate()[0]
    assert all(words in said for words in ("[SF] ln: 3", "[FF] ln: 20", "[FC] FC: 0", "[CF] sn: 1", "[CF] sn: 2")), said


def everybody_answers(ask="functional"):
    testers = [Tester(ecu) for ecu in PLACE]
    if ask == "functional":
        send("7DF#0322F190CCCCCCCC")
    for tester in testers:
        same(tester.ask(b"" if ask == "functional" else b"\x22\xf1\x90"), VIN)


def by_the_zone():
    zone = Program("pitstop-zone", "zone")
    zone.says("ready")
    for ecu in PLACE:
        done = run("pitstop", "diag", "read", "--host", "127.0.0.91", "--ecu", ecu, "--did", "F190")
        assert VIN[3:] in done.stdout, (done, zone.new())
    zone.process.terminate()


def kernels_isotp():
    text = run("io_can_test", "--gtest_filter=SocketCan*:KernelIsotp*", timeout=150).stdout.decode()
    for word, name in re.findall(r"^\[ +(OK|FAILED|SKIPPED) +\] (\w+\.\w+) \(", text, re.M):
        print({"OK": "ok", "FAILED": "no", "SKIPPED": "--"}[word], name, flush=True)
    assert "FAILED" not in text and " PASSED " in text, text[-2500:]


def lost_and_back(ecus, lose, find, why):
    busy = {ecu: ecu.busy_s() for ecu in ecus}
    lose()
    time.sleep(4)
    for ecu in ecus:
        ecu.says(why)
        busy_s = ecu.busy_s() - busy[ecu]
        assert len(ecu.new()) <= 2 and busy_s < 0.8, f"{busy_s} s of 4 and {len(ecu.new())} lines: {ecu.new()[:8]}"
    find()
    for ecu in ecus:
        ecu.says("is back")


def waited_for(ecus):
    for ecu in ecus:
        ecu.says("no such interface")
        ecu.mark()
    link("add", "type", "vcan")
    time.sleep(3)
    early = [ecu.new() for ecu in ecus if ecu.new()]
    up()
    for ecu in ecus:
        ecu.says("requests 0x")
    assert not early, early


def without_fd(ecus):
    MTU["vcan0"] = 16
    lost_and_back(ecus, lambda: link("set", "down"), up, "Network is down")
    send("711#0322F190CCCCCCCC")
    ecus[0].says("takes no CAN FD frames")
    for ecu in ecus:
        ecu.mark()
    MTU["vcan0"] = 72
    lost_and_back(ecus, lambda: link("set", "down"), up, "Network is down")


def in_the_middle(ecus):
    tester = Tester(FD, separation=50)
    tester.socket.send(read_memory(4000))
    time.sleep(0.7)
    lost_and_back(ecus, lambda: link("set", "down"), up, "Network is down")
    ecus[0].says("isotp.bus-lost")


def error_frames(ecus):
    for error in ("20000004", "20000008", "20000020", "20000080"):  # controller, protocol, no acknowledgement, bus error
        send(f"{error}#0000000000000000")
    time.sleep(1)
    assert not any(ecu.new() for ecu in ecus), [ecu.new() for ecu in ecus]


def flood(ecus):
    """Others' frames, first as fast as they come, then more than the kernel keeps while an ECU does not read."""
    with subprocess.Popen(["cangen", "vcan0", "-g", "0.1", "-I", "5A5", "-f", "-b", "-L", "r"], stderr=subprocess.DEVNULL) as noise:
        for _ in range(5):
            same(Tester(FD).ask(read_memory(2000)), b"\x63" + IMAGE[:2000])
        noise.kill()
    ecus[0].process.send_signal(signal.SIGSTOP)
    run("cangen", "vcan0", "-g", "0", "-p", "10", "-I", "5A5", "-n", "20000")
    ecus[0].process.send_signal(signal.SIGCONT)
    time.sleep(2)  # what comes while its queue is still full is lost, as in any controller


def main():
    ecus = [Program("pitstop-ecu", ecu) for ecu in PLACE]

    def check(what, work, *given):
        try:
            for ecu in ecus:
                ecu.mark()
            work(*given)
            if given[:1] == (ecus,):
                everybody_answers("physical")
            print(f"ok {what}", flush=True)
        except Exception as error:  # whatever it is, the other checks shall be made
            print(f"no {what}: {type(error).__name__}: {error}", flush=True)

    check("interfaces that are missing, then down, are waited for; one line says so", waited_for, ecus)
    with watched("candump", "-L", "-r", str(1 << 24), "vcan0,700:700", "vcan1,700:700", to=open("/tmp/candump.log", "wb")) as dump:
        for ecu, kind in ((FD, "CAN FD"), (CLASSIC, "classic CAN")):
            check(f"{kind}: isotpsend and isotprecv, one frame, many identifiers, 4000 bytes with BS and STmin", short_and_long, ecu)
            check(f"{kind}: requests and answers of {len(SIZES)} sizes around every frame boundary", every_size, ecu)
            check(f"{kind}: blocks (36) out of the ECU and into it", blocks, ecu)
        check("isotpdump understands us", isotpdump)
        check("a functional request", everybody_answers)
        check("pitstop diag over DoIP, the zone and SocketCAN", by_the_zone)
        dump.terminate()
    check("ISO-TP, each end in turn the kernel's (io_can_test)", kernels_isotp)
    check("a flood of other frames", flood, ecus)
    check("error frames are ignored", error_frames, ecus)
    check("bus-off: begins anew", lost_and_back, ecus, lambda: send("20000040#0000000000000000"), lambda: None, "bus-off")
    check("interfaces down and up", lost_and_back, ecus, lambda: link("set", "down"), up, "Network is down")
    check("interfaces deleted and made again", lost_and_back, ecus, lambda: link("del"), lambda: (link("add", "type", "vcan"), up()), "is lost")
    check("down in the middle of an answer", in_the_middle, ecus)
    check("an interface without CAN FD: the ECU says why it cannot answer", without_fd, ecus)
    print("end", flush=True)


main()
