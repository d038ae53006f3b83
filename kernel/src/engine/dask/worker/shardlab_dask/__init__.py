"""Runs plans of shardlab on a Dask cluster. Imported by the process beside a kernel, by the scheduler and by workers."""
