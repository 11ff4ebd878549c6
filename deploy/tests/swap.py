#!/usr/bin/env python3
"""Asks a server over TLS until a certificate was swapped, and during an upload that began before.

Usage: swap.py PORT FOLDER

Writes FOLDER/asking when the first answer is there, and ends when FOLDER/swapped is there. Any
request that fails ends it with 1.
"""

import http.client
import pathlib
import ssl
import sys

ROW = b'{"id":1,"name":"ada"}\n'


def connect(port):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)


def health(port):
    connection = connect(port)
    connection.request("GET", "/health")
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        sys.exit(f"/health answered {status}")


def main():
    port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    upload = connect(port)
    upload.putrequest("POST", "/stream/convert")
    upload.putheader("Content-Type", "application/x-ndjson")
    upload.putheader("Transfer-Encoding", "chunked")
    upload.endheaders()
    asked = rows = 0
    while not (folder / "swapped").exists():
        health(port)
        upload.send(b"%x\r\n%s\r\n" % (len(ROW), ROW))
        asked += 1
        rows += 1
        (folder / "asking").write_text("yes")
    upload.send(b"0\r\n\r\n")
    response = upload.getresponse()
    lines = response.read().decode().splitlines()
    if response.status != 200 or len(lines) != rows + 1:
        sys.exit(f"the upload gave {response.status} and {len(lines)} lines for {rows} rows")
    print(f"{asked} requests and an upload of {rows} rows, none failed while the certificate changed")


main()
