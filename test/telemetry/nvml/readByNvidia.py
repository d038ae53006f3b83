"""Reads the test library with NVIDIA's own client, and prints what it sees: the library's layout is then NVML's."""
import json
import pynvml as n

n.nvmlInit()
gpu = n.nvmlDeviceGetHandleByIndex(0)
memory = n.nvmlDeviceGetMemoryInfo(gpu)
processes = n.nvmlDeviceGetComputeRunningProcesses(gpu)
print(json.dumps({
    "name": n.nvmlDeviceGetName(gpu),
    "count": n.nvmlDeviceGetCount(),
    "util": n.nvmlDeviceGetUtilizationRates(gpu).gpu,
    "memory": [memory.used, memory.total],
    "watts": n.nvmlDeviceGetPowerUsage(gpu) / 1000,
    "limit": n.nvmlDeviceGetEnforcedPowerLimit(gpu) / 1000,
    "celsius": n.nvmlDeviceGetTemperature(gpu, n.NVML_TEMPERATURE_GPU),
    "mhz": n.nvmlDeviceGetClockInfo(gpu, n.NVML_CLOCK_SM),
    "throttle": n.nvmlDeviceGetCurrentClocksThrottleReasons(gpu),
    "processes": [[p.pid, p.usedGpuMemory] for p in processes],
}))
