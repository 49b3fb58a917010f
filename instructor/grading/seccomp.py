"""A filter of system calls for the box, in the kernel's own language (BPF).

A box of an ordinary user keeps that user's rights inside the kernel: it could lease, lock or watch
files that other boxes read, read the keys of the session, talk to the host of a virtual machine, or
hide memory. No lesson needs these calls.
"""

import platform
import struct

EPERM, ALLOW, KILL = 0x0005_0001, 0x7FFF_0000, 0x8000_0000
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # in struct seccomp_data
F_SETLEASE, F_NOTIFY, AF_VSOCK = 1024, 1026, 40
# fmt: off
CALLS = {
    "x86_64": (0xC000003E, {
        "fcntl": 72, "add_key": 248, "request_key": 249, "keyctl": 250, "shmget": 29, "msgget": 68,
        "semget": 64, "mq_open": 240, "memfd_secret": 447, "userfaultfd": 323, "bpf": 321,
        "perf_event_open": 298, "io_uring_setup": 425, "ptrace": 101, "process_vm_readv": 310,
        "process_vm_writev": 311, "memfd_create": 319, "flock": 73, "inotify_init": 253,
        "inotify_init1": 294, "socket": 41,
    }),
    "aarch64": (0xC00000B7, {
        "fcntl": 25, "add_key": 217, "request_key": 218, "keyctl": 219, "shmget": 194,
        "msgget": 186, "semget": 190, "mq_open": 180, "memfd_secret": 447, "userfaultfd": 282,
        "bpf": 280, "perf_event_open": 241, "io_uring_setup": 425, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "memfd_create": 279,
        "flock": 32, "inotify_init1": 26, "socket": 198,
    }),
}
# fmt: on


def program(nameless_files: bool) -> bytes:
    """The filter for this processor, empty for one we do not know.

    Args:
        nameless_files: allow memfd_create, whose memory only a control group counts in full.
    """
    if platform.machine() not in CALLS:
        return b""
    architecture, calls = CALLS[platform.machine()]
    partly = ("fcntl", "memfd_create", "socket")
    refused = [n for name, n in calls.items() if name not in partly]
    refused += [] if nameless_files else [calls["memfd_create"]]
    code = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    code += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, 0x4000_0000), (RETURN, 0, 0, EPERM)]  # x32
    for number in refused:
        code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, EPERM)]
    code += [(EQUAL, 0, 4, calls["socket"]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    code += [(EQUAL, 0, 1, AF_VSOCK), (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
    code += [(EQUAL, 0, 4, calls["fcntl"]), (LOAD, 0, 0, SECOND_ARGUMENT)]
    code += [(EQUAL, 1, 0, F_SETLEASE), (EQUAL, 0, 1, F_NOTIFY), (RETURN, 0, 0, EPERM)]
    code += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
