"""What the scheduler knows of running tasks. Runs in the scheduler."""


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
