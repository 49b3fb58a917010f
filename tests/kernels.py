"""Kernels that have Keras ready: each is forked from one process that has imported it.

To import Keras costs ten seconds of a core, and every lesson wants a kernel of its own. A kernel
that Jupyter starts with ``python kernels.py -f FILE`` is asked for at the socket COURSE_KERNELS and
lives as long as that process; ``python kernels.py`` alone serves until its standard input ends.
What ``import keras`` brings is ready and nothing else, so an import that a lesson forgot is missed.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading
from socketserver import BaseRequestHandler, ForkingMixIn, UnixStreamServer


def ask(arguments: list[str]) -> None:
    """Ask for a kernel with our streams, environment and folder; end when it ends."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["COURSE_KERNELS"])
        wanted = json.dumps([arguments, dict(os.environ), os.getcwd()]).encode()
        socket.send_fds(line, [len(wanted).to_bytes(8, "little")], [0, 1, 2])
        line.sendall(wanted)
        line.recv(1)  # nothing ever comes; the line breaks


class Kernels(ForkingMixIn, UnixStreamServer):
    """Fork a kernel for everyone who asks."""

    def process_request(self, request, client_address) -> None:
        import keras  # noqa: F401  # not before the first one asks

        gc.freeze()  # what is imported is looked through by nobody again
        super().process_request(request, client_address)


class Kernel(BaseRequestHandler):
    """In the child: be a kernel like any other."""

    def handle(self) -> None:
        os.setsid()
        self.server.socket.close()
        size, streams, _, _ = socket.recv_fds(self.request, 8, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        with self.request.makefile("rb") as file:
            arguments, environment, folder = json.loads(file.read(int.from_bytes(size, "little")))
        threading.Thread(target=end_with, args=(self.request.recv, 1), daemon=True).start()
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["ipykernel_launcher.py", *arguments]
        from ipykernel.kernelapp import IPKernelApp

        # Not its real parent: nobody is to look after that one.
        IPKernelApp.launch_instance([*arguments, "--IPKernelApp.parent_handle=1"])


def end_with(read, *arguments) -> None:
    """End this process and what it started when the other side is gone."""
    read(*arguments)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[1:]:
        ask(sys.argv[1:])
    else:
        del sys.path[0]  # of this file
        threading.Thread(target=end_with, args=(sys.stdin.read,), daemon=True).start()
        Kernels(os.environ["COURSE_KERNELS"], Kernel).serve_forever()
