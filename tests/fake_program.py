"""A program that keeps the supervisor's contract: it serves /metrics on the port it is given, or ends as it is told.

python fake_program.py steady | needs-a-person | deaf
"""

from __future__ import annotations

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# HELP alertbus_ready 1 when the program works\nalertbus_ready 1.0\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    behaviour = sys.argv[1]
    if behaviour == "needs-a-person":
        print("STOPPED: the ledger is ahead of the log", file=sys.stderr)
        print("goodbye", file=sys.stderr)
        sys.exit(78)
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    HTTPServer(("127.0.0.1", int(os.environ["ALERTBUS_METRICS_PORT"])), Metrics).serve_forever()


if __name__ == "__main__":
    main()
