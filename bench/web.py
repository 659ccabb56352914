"""The server's HTTPS beside nginx: same machine, certificate, key exchange, suite, client and bytes."""
import hashlib
import os
import re
import shutil
import subprocess
import time

from figures import Figure, NotMeasured, alternate, median, progress, wait_for_port
from stage.program import Program
from stage.network import free_port

PACKAGE_MB = 256
GROUP = "X25519MLKEM768"  # of profile 2
SUITE = "TLS_AES_256_GCM_SHA384"
HEALTH_SECONDS = 4
HEALTH_SHARE = 0.5


class Nginx:
    def __init__(self, ground, cloud, health_body):
        self.folder = ground.folder / "nginx"
        self.port = free_port()
        self.root = self.folder / "files"
        self.root.mkdir(parents=True)
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            raise NotMeasured("nginx is not installed: apt-get install nginx-light")
        config = self.folder / "nginx.conf"
        config.write_text(self.text(cloud, health_body))
        self.program = Program("nginx", [program, "-p", self.folder, "-c", config, "-e", "stderr"], ground.folder)
        self.cloud = cloud

    def text(self, cloud, health_body):
        user = "user root;\n" if os.geteuid() == 0 else ""
        places = "".join(f"    {name}_temp_path {self.folder}/{name};\n"
                         for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{user}worker_processes 2;
daemon off;
pid {self.folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
{places}    server {{
        listen 127.0.0.1:{self.port} ssl reuseport;
        ssl_certificate {cloud.pki}/server/server.crt;
        ssl_certificate_key {cloud.pki}/server/server.key;
        ssl_protocols TLSv1.3;
        ssl_ecdh_curve {GROUP};
        ssl_conf_command Ciphersuites {SUITE};
        root {self.root};
        location = /health {{ default_type application/json; return 200 '{health_body}'; }}
    }}
}}
"""

    def start(self):
        self.program.start()
        wait_for_port(self.program, self.port)
        return self

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def stop(self):
        self.program.stop()


def agreed(port, cloud):
    """(group, suite), as an independent client sees them."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", cloud.pki / "ca" / "ca.crt"],
                          input="Q\n", capture_output=True, text=True, timeout=10)
    group = re.search(r"Negotiated TLS1\.3 group: (\S+)", done.stdout)
    suite = re.search(r"Cipher is (\S+)", done.stdout)
    return group and group.group(1), suite and suite.group(1)


def check_alike(nginx, cloud):
    for name, port in (("pitstop-server", cloud.https_port), ("nginx", nginx.port)):
        if agreed(port, cloud) != (GROUP, SUITE):
            raise NotMeasured(f"{name} agreed on {agreed(port, cloud)} instead of {GROUP} with {SUITE}")


def peer_beside(ground):
    """nginx, serving what the running server serves."""
    stage = ground.running_stage()
    if ground.nginx is None:
        status, body = health_of(stage.cloud)
        if status != 200:
            raise NotMeasured(f"/health answers {status}: {body[:100]!r}")
        ground.nginx = Nginx(ground, stage.cloud, body.decode()).start()
        check_alike(ground.nginx, stage.cloud)
    return stage, ground.nginx


def health_of(cloud):
    """Once it is well: the broker's first connection comes a moment after the start."""
    for _ in range(100):
        status, body = cloud.request("GET", "/health")
        if status == 200:
            break
        time.sleep(0.05)
    return status, body.rstrip(b"\n")


# --- download -----------------------------------------------------------------------------------------------------
def make_package(ground, stage):
    image = ground.folder / f"image-{PACKAGE_MB}.bin"
    piece = os.urandom(1_000_000)
    with open(image, "wb") as file:
        for number in range(PACKAGE_MB):
            file.write(number.to_bytes(4, "big") + piece[4:])
    package = stage.build_package("download", "1.1.0", image, ecus=ground.one_ecu())
    image.unlink()
    stage.cloud.create_campaign(package, "Download", "For the benchmark.")
    return package / "full_package.bin"


def speed_mb_s(argv):
    done = subprocess.run([*argv[:-1], "--output", "/dev/null", "--max-time", "60", "--write-out", "%{http_code} %{size_download} %{time_total}",
                           argv[-1]], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotMeasured(f"curl {argv[-1]}: {done.stderr.strip()}")
    status, size, seconds = done.stdout.split()
    if status != "200":
        raise NotMeasured(f"curl {argv[-1]}: status {status}")
    return int(size) / float(seconds) / 1e6


def digest_of(argv):
    """What curl got, read from its pipe."""
    hasher = hashlib.sha256()
    with subprocess.Popen([str(word) for word in argv], stdout=subprocess.PIPE) as curl:
        while piece := curl.stdout.read(1 << 20):
            hasher.update(piece)
    return hasher.hexdigest()


def download(ground):
    stage, nginx = peer_beside(ground)
    progress(f"https: making and uploading a package of {PACKAGE_MB} MB")
    package = make_package(ground, stage)
    os.link(package, nginx.root / "full_package.bin")
    ours = stage.cloud.curl("/packages/download/full_package.bin")
    peer = [*ours[:-1], nginx.url + "/full_package.bin"]
    with open(package, "rb") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest()
    for name, argv in (("pitstop-server", ours), ("nginx", peer)):
        if digest_of(argv) != right:
            raise NotMeasured(f"{name} did not deliver the package's bytes")
    progress("https: downloads")
    both = alternate(7, lambda: speed_mb_s(ours), lambda: speed_mb_s(peer))
    mine, theirs = map(median, both)
    return [Figure(f"https: download of {PACKAGE_MB} MB, one client", mine, theirs, "nginx", "MB/s", mine / theirs, "≥ nginx",
                   mine >= theirs, {"ours": both[0], "peer": both[1]})]


# --- small answers ------------------------------------------------------------------------------------------------
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


def load(url):
    """(requests each second, p99 in ms)"""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NotMeasured("wrk is not installed: apt-get install wrk")
    done = subprocess.run([wrk, "-t1", "-c32", f"-d{HEALTH_SECONDS}s", "--latency", url], capture_output=True, text=True, timeout=60)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", done.stdout)
    if not rate or not late or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise NotMeasured(f"wrk {url}: {' '.join((done.stdout + done.stderr).split())[-200:]}")
    return float(rate.group(1)), float(late.group(1)) * _UNITS_MS[late.group(2)]


def health(ground):
    stage, nginx = peer_beside(ground)
    progress("health: requests")
    both = alternate(3, lambda: load(stage.cloud.url + "/health"), lambda: load(nginx.url + "/health"))
    rate, peer_rate = (median([one[0] for one in side]) for side in both)
    late, peer_late = (median([one[1] for one in side]) for side in both)
    rounds = {"ours": both[0], "peer": both[1]}
    return [Figure("health: requests, 32 connections", rate, peer_rate, "nginx return 200", "/s", rate / peer_rate,
                   f"≥ {HEALTH_SHARE} × nginx", rate >= HEALTH_SHARE * peer_rate, rounds),
            Figure("health: p99 under that load", late, peer_late, "nginx return 200", "ms", late / peer_late, "", None)]
