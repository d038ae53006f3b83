"""Answers a kernel's requests. Each runs in a thread of its own; a run gives its rows piece by piece as they are asked for."""

import threading
from collections import Counter
from concurrent.futures import CancelledError as PoolCancelled

import pandas as pd
import pyarrow as pa
from distributed import futures_of, wait
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from . import scans, watch, writes
from .access import Access
from .convert import Failed
from .plan import Build
from .types import to_table

PACKED = pd.DataFrame({"ipc": pd.Series([], dtype=pd.ArrowDtype(pa.large_binary()))})


class Stopped(Exception):
    pass


class Run:
    """One request: its number, whether it was stopped, how many pieces may be sent, what runs for it."""

    def __init__(self, number):
        self.number = number
        self.stopped, self.asked, self.futures = threading.Event(), threading.Semaphore(0), []

    def check(self):
        if self.stopped.is_set():
            raise Stopped()


class Server:
    def __init__(self, client, send):
        self.client, self.send = client, send
        self.runs, self.kept = {}, {}
        self.lock = threading.Lock()

    def take(self, message):
        """From the reading thread; never waits."""
        number, method = message["id"], message["method"]
        if method == "next":
            run = self.runs.get(number)
            if run is not None:
                run.asked.release()
            return
        if method == "cancel":
            self.stop(number)
            return
        run = self.runs[number] = Run(number)
        threading.Thread(target=self.answer, args=(message, run), daemon=True).start()

    def stop(self, number):
        run = self.runs.get(number)
        if run is None:
            return
        run.stopped.set()
        run.asked.release()
        threading.Thread(target=self.client.cancel, args=(run.futures,), kwargs={"force": True}, daemon=True).start()

    def answer(self, message, run):
        number = message["id"]
        try:
            value = getattr(self, "do_" + message["method"])(message, run)
            self.send({"id": number, "type": "done", "value": value})
        except BaseException as error:  # noqa: BLE001 every failure is an answer
            self.send({"id": number, "type": "error", **failure(error, run)})
        finally:
            self.runs.pop(number, None)

    # --- requests
    def do_describe(self, message, run):
        fields, cast = scans.describe(message["source"], Access(message.get("access")))
        return {"fields": fields, "cast": cast}

    def do_shards(self, message, run):
        found = scans.pieces(message["source"], Access(message.get("access")))
        return [{"path": f.path, "rowGroup": group, "rows": rows, "bytes": size} for f, group, rows, size in found]

    def do_explain(self, message, run):
        frame = self.build(message["plan"], run)[0]
        if message["mode"] == "simple":
            return "\n".join(frame.optimize(fuse=False).expr.tree_repr().splitlines())
        tree = lambda expr: expr.expr.tree_repr()
        return f"as built\n{tree(frame)}\n\noptimised\n{tree(frame.optimize(fuse=True))}"

    def do_run(self, message, run):
        frame, fields = self.build(message["plan"], run)
        packed = frame.map_partitions(pack, fields, meta=PACKED, enforce_metadata=False)
        run.futures = futures = in_order(self.start(packed, run))
        for place in range(len(futures)):
            run.asked.acquire()
            run.check()
            future, futures[place] = futures[place], None
            pieces = list(future.result()["ipc"])
            if not pieces:
                run.asked.release()  # the kernel asks again for what it got only
            for data in pieces:
                run.check()
                self.send({"id": message["id"], "type": "batch"}, data)
        return None

    def do_write(self, message, run):
        """Each partition writes its files; the folder is made visible by the kernel."""
        frame, fields = self.build(message["plan"], run)
        target = {name: message[name] for name in ("folder", "pattern", "format", "partitionBy")}
        written = writes.write_partitions(frame, fields, target, Access(message.get("access")))
        run.futures = futures = in_order(self.start(written, run))
        wait(futures)  # also when one fails: the kernel clears away what the others write, once they have ended
        return sum(int(future.result()["rows"].sum()) for future in futures)

    def do_checkpoint(self, message, run):
        self.kept[message["name"]] = kept = self.persist(self.build(message["plan"], run)[0], run)
        run.futures = futures_of(kept)
        for future in run.futures:
            future.result()

    def do_forget(self, message, run):
        self.kept.pop(message["name"], None)

    def do_sizes(self, message, run):
        """Bytes of what is kept, by its name; partitions still to be made count nothing."""
        keys = {name: [future.key for future in futures_of(frame)] for name, frame in list(self.kept.items())}
        bytes_of = self.client.nbytes([key for own in keys.values() for key in own], summary=False)
        return {name: sum(bytes_of.get(key, 0) for key in own) for name, own in keys.items()}

    def do_workers(self, message, run):
        return self.client.run_on_scheduler(watch.workers)

    def do_ownStream(self, message, run):
        self.client.run_on_scheduler(watch.own_stream, name=f"websocket-{self.client.id}")

    def do_running(self, message, run):
        return self.client.run_on_scheduler(watch.running, groups=set(message["groups"]))

    # --- what they share
    def build(self, plan, run):
        width = max(2, sum(self.client.nthreads().values()))
        with self.lock:  # a cache is made by one query
            made = Build(self.kept, lambda frame: self.persist(frame, run), width).frame(plan)
        run.check()
        return made

    def start(self, frame, run):
        persisted = self.persist(frame, run)
        run.check()
        return futures_of(persisted)

    def persist(self, frame, run):
        """Begins to compute the partitions, and says which tasks that takes."""
        ready = frame.optimize()
        self.send({"id": run.number, "type": "started", "groups": groups(ready)})
        return self.client.persist(ready)


def groups(frame):
    """The tasks by the name of their group, which a key begins with."""
    names = Counter(key[0] if isinstance(key, tuple) else key for key in frame.__dask_graph__())
    return [{"name": name, "tasks": count} for name, count in names.items()]


def in_order(futures):
    return sorted(futures, key=lambda future: future.key[1])


def pack(frame, fields):
    """A partition as one Arrow stream, so that the process beside the kernel only passes bytes on; none for no rows."""
    if len(frame) == 0:
        return PACKED
    table = to_table(frame, fields)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=65_536)
    data = pa.array([sink.getvalue().to_pybytes()], pa.large_binary())
    return pd.DataFrame({"ipc": pd.Series(pd.arrays.ArrowExtensionArray(data))})


def failure(error, run):
    if run.stopped.is_set() or isinstance(error, Stopped):
        return {"kind": "cancelled", "message": ""}
    if isinstance(error, KilledWorker):
        return {"kind": "worker", "message": f"{error.allowed_failures} workers ended while they ran one of its tasks"}
    if isinstance(error, (FutureCancelledError, PoolCancelled)):
        return {"kind": "lost", "message": str(error) or "the scheduler dropped the query"}
    if isinstance(error, (Failed, FileNotFoundError)):
        return {"kind": "data", "message": str(error)}
    return {"kind": "other", "message": f"{type(error).__name__}: {error}"}
