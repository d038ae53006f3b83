"""The cluster of one kernel: one that runs somewhere, or workers of this machine that end with this process."""

import os
import tempfile
import zipfile

import dask
from distributed import Client, LocalCluster

SETTINGS = {
    "dataframe.convert-string": False,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.scheduler.allowed-failures": 3,
    "distributed.admin.log-format": "%(message)s",
}


def connect(options):
    """(client, cluster or None)"""
    dask.config.set(SETTINGS)
    if "address" in options:
        client = Client(options["address"], timeout="10s", set_as_default=True)
        client.upload_file(package())
        return client, None
    cluster = LocalCluster(
        n_workers=options["workers"],
        threads_per_worker=options.get("threads", 1),
        memory_limit=options.get("memory", "auto"),
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        processes=True,
        local_directory=options["folder"],
        worker_dashboard_address=None,
        silence_logs=30,
    )
    return Client(cluster, set_as_default=True), cluster


def package():
    """This package as one file that schedulers and workers can import."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(tempfile.mkdtemp(prefix="shardlab-dask-"), "shardlab_dask.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(os.listdir(here)):
            if name.endswith(".py"):
                archive.write(os.path.join(here, name), f"shardlab_dask/{name}")
    return path
