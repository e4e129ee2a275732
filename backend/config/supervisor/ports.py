"""Whether the web server's port is free, and who has it."""

from __future__ import annotations

import socket

import psutil


class PortTaken(Exception):
    """The message names the port, its holder where we may know it, and the way out."""


def need_free_port(host: str, port: int) -> None:
    """Raises PortTaken when something listens there already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise PortTaken(f"Port {port} is for root only. Take a number above 1023: make demo PORT=8000") from None
        except OSError:
            other = free_port(host, port + 1)
            raise PortTaken(
                f"Port {port} is taken{_holder(port)}. Stop that, or take another: make demo PORT={other}"
            ) from None


def free_port(host: str, start: int) -> int:
    """The first free port from `start` on (`start` itself when none of a hundred is)."""
    for port in range(start, min(start + 100, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if probe.connect_ex((host, port)) != 0:
                return port
    return start


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("inet"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                process = psutil.Process(connection.pid)
                return f" by {process.name()} (process {process.pid}, user {process.username()})"
    except psutil.Error:
        return ""
    return ""
