"""Who does the work: threads that each watch a box here, or the workers of a dask cluster.

Both are Python's own executor interface, so that grading has one path.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from grading import submission

SECONDS = 30  # to reach a scheduler


class NoScheduler(RuntimeError):
    """The scheduler cannot be reached, or has no worker."""


@contextlib.contextmanager
def executor(jobs: int, address: str, task: submission.Task) -> Iterator[Executor]:
    """An executor for tasks like ``task``; leaving the block waits for what still runs here.

    Raises:
        NoScheduler: nobody answers at ``address``.
        OtherEngine: a worker has another program, other packages or data, or no sandbox.
    """
    if not address:
        pool = ThreadPoolExecutor(jobs)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return
    from distributed import Client  # takes a second to import

    try:
        client = Client(address, timeout=SECONDS, set_as_default=False)
    except OSError as error:
        raise NoScheduler(f"No scheduler at {address}: {error}") from None
    with client:
        answers = client.run(why_not, task.setting, task.key, on_error="return")
        if not answers:
            raise NoScheduler(f"The scheduler at {address} has no worker.")
        if wrong := [f"\n  {worker}: {why}" for worker, why in answers.items() if why is not None]:
            text = "Nothing was graded: these workers would not give the same grades."
            raise submission.OtherEngine(text + "".join(wrong))
        yield client.get_executor(pure=False, retries=0)


def why_not(setting: submission.Setting, wanted: str) -> str | None:
    """Runs on a worker: why it cannot grade, or None."""
    try:
        own = submission.bench(setting)
        submission.ready(setting)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None if own.key == wanted else "another program, other packages or other data than here"
