"""What the scheduler knows of workers and of tasks that run. Runs in the scheduler."""


def workers(dask_scheduler=None):
    return [
        {
            "address": worker.address,
            "name": str(worker.name),
            "threads": worker.nthreads,
            "status": worker.status.name,
            "memory": int(worker.metrics.get("memory", 0)),
            "memoryLimit": int(worker.memory_limit or 0),
            "spilled": int((worker.metrics.get("spilled_bytes") or {}).get("disk", 0)),
            "running": len(worker.processing),
        }
        for worker in dask_scheduler.workers.values()
    ]


def own_stream(name, dask_scheduler=None):
    """Every listener to the stream of events is a plugin of one name, and a second one would push the first one out: the
    listener that came last gets a name of its own."""
    plugin = dask_scheduler.plugins.pop("websocket", None)
    if plugin is not None:
        plugin.name = name
        dask_scheduler.plugins[name] = plugin


def running(groups, dask_scheduler=None):
    """Tasks of these groups that a worker was computing when it last told of itself, which it does about twice a second. A
    task that the scheduler gave it and that waits there is none of them."""
    return [
        {
            "key": list(task.key) if isinstance(task.key, tuple) else task.key,
            "worker": worker.address,
            "start": worker.last_seen - seconds,
        }
        for worker in dask_scheduler.workers.values()
        for task, seconds in worker.executing.items()
        if task.processing_on is worker and task.group.name in groups
    ]
