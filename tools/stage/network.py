"""Ports and loopback networks that no other stage on this machine uses."""
import socket

from .program import StageError


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def take_network():
    """A third number N for the car's addresses 127.0.N.x, and the socket that keeps other stages off it."""
    for network in range(1, 255):
        claim = socket.socket()
        try:
            claim.bind((f"127.0.{network}.250", 13400))
            return network, claim
        except OSError:
            claim.close()
    raise StageError("all loopback networks 127.0.1.x to 127.0.254.x are in use")
