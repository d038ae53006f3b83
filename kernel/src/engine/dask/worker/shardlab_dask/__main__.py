"""The process beside a kernel: `python -m shardlab_dask '{"workers": 2, ...}'`. Requests come on stdin, answers go to stdout:
four bytes of length and JSON; a message whose `bytes` is not 0 is followed by so many. It ends when stdin does, whatever ended
the kernel."""

import json
import os
import struct
import sys
import threading


def main():
    # Whatever prints goes to stderr, which is a log; only this module has the stream of answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(message, data=b""):
        text = json.dumps({**message, "bytes": len(data)}).encode()
        with lock:
            out.write(struct.pack(">I", len(text)) + text)
            out.write(data)
            out.flush()

    source = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    options = json.loads(sys.argv[1])
    client = cluster = None
    try:
        import dask

        from .cluster import connect
        from .server import Server

        client, cluster = connect(options)
        dashboard = cluster.dashboard_link if cluster else client.dashboard_link
        send({"type": "ready", "scheduler": client.scheduler.address, "dashboard": dashboard, "version": dask.__version__})
        serve(source, Server(client, send))
    except BaseException as error:  # noqa: BLE001 the kernel says it
        send({"type": "failed", "message": f"{type(error).__name__}: {error}"})
    finally:
        leave(client, cluster)


def serve(source, server):
    while True:
        head = source.read(4)
        if len(head) < 4:
            return
        server.take(json.loads(source.read(struct.unpack(">I", head)[0])))


def leave(client, cluster):
    """Not longer than a few seconds: workers see the end of this process by themselves."""
    timer = threading.Timer(5, os._exit, [0])
    timer.daemon = True
    timer.start()
    try:
        if client is not None:
            client.close(timeout=2)
        if cluster is not None:
            cluster.close(timeout=3)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
