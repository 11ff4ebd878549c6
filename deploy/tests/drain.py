#!/usr/bin/env python3
"""Stops a server under load and counts the requests that it left without an answer.

Usage: drain.py SERVER [SECONDS]

Clients keep connections alive and ask as fast as they can; a hundred more watch the live metrics. Then
SIGTERM comes. A request is lost if all of it was sent and its answer did not come whole. A connection
that cannot be opened any more is no lost request. The server must end with 0 within two seconds.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

TOKEN = "0123456789abcdef" * 4
CLIENTS = 8
WATCHERS = 100
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
ROWS = b'{"id":1,"name":"ada"}\n{"id":2,"name":"grace"}\n'
CONVERT = (
    b"POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    b"Content-Length: %d\r\n\r\n" % len(ROWS)
) + ROWS
WATCH = (
    b"GET /metrics/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
    % TOKEN.encode()
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(server, port):
    environment = dict(
        os.environ,
        PORT=str(port),
        TONL_AUTH_TOKEN=TOKEN,
        TONL_RATE_LIMIT_ENABLED="false",
        TONL_MAX_CONNECTIONS_PER_IP="1000",
    )
    process = subprocess.Popen([server], env=environment, stderr=subprocess.PIPE)
    threading.Thread(target=process.stderr.read, daemon=True).start()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        except OSError:
            time.sleep(0.01)
    sys.exit("the server did not start")


class Lost(Exception):
    """The connection ended inside of an answer, or before it."""


def answer(connection):
    """Reads one answer; gives whether the connection stays."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise Lost
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            piece = connection.recv(65536)
            if not piece:
                raise Lost
            body += piece
    else:
        while not body.endswith(b"0\r\n\r\n"):
            piece = connection.recv(65536)
            if not piece:
                raise Lost
            body += piece
    return b"connection: close" not in lower


class Client(threading.Thread):
    """Asks until it cannot connect any more."""

    def __init__(self, port, request):
        super().__init__()
        self.port, self.request = port, request
        self.answered = self.lost = 0

    def run(self):
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", self.port), 5)
            except OSError:
                return
            with connection:
                stays = True
                while stays:
                    try:
                        connection.sendall(self.request)
                        stays = answer(connection)
                        self.answered += 1
                    except (Lost, OSError):
                        self.lost += 1
                        stays = False


class Watcher(threading.Thread):
    """Watches the live metrics until they end; they must end with the promised event."""

    def __init__(self, port):
        super().__init__()
        self.connection = socket.create_connection(("127.0.0.1", port), 5)
        self.connection.sendall(WATCH)
        self.connection.settimeout(30)
        self.ended_well = False

    def run(self):
        data = b""
        with self.connection:
            while True:
                try:
                    piece = self.connection.recv(65536)
                except OSError:
                    return
                if not piece:
                    break
                data = (data + piece)[-4096:]
        self.ended_well = b"event: shutdown" in data and data.endswith(b"0\r\n\r\n")


def main():
    server = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    port = free_port()
    process = start(server, port)
    watchers = [Watcher(port) for _ in range(WATCHERS)]
    clients = [Client(port, request) for request in (HEALTH, CONVERT) for _ in range(CLIENTS // 2)]
    for thread in watchers + clients:
        thread.start()
    time.sleep(seconds)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(30)
    took = time.monotonic() - began
    for thread in watchers + clients:
        thread.join(30)
    answered = sum(client.answered for client in clients)
    lost = sum(client.lost for client in clients)
    polite = sum(watcher.ended_well for watcher in watchers)
    print(
        f"drain: {answered} answered, {lost} lost; {polite} of {WATCHERS} event streams ended politely; "
        f"exit code {code} after {took:.2f} s"
    )
    if lost or polite != WATCHERS or code != 0 or took > 2:
        sys.exit(1)


main()
