/* A library with NVML's interface (nvml.h, R580) for tests on machines without a GPU: two GPUs with known numbers. The
   second one supports less. */
#include <stdint.h>
#include <string.h>
#include <stdio.h>

typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct {
  unsigned int pid;
  unsigned long long usedGpuMemory;
  unsigned int gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;
typedef struct gpu { int index; } *nvmlDevice_t;

static struct gpu gpus[2] = {{0}, {1}};
enum { SUCCESS = 0, INVALID = 2, NOT_SUPPORTED = 3, INSUFFICIENT_SIZE = 7 };

int nvmlInit_v2(void) { return SUCCESS; }
int nvmlInitWithFlags(unsigned int flags) { return flags == 0 ? SUCCESS : INVALID; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { return code == SUCCESS ? "Success" : "Error"; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return SUCCESS; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
  if (index > 1) return INVALID;
  *device = &gpus[index];
  return SUCCESS;
}
int nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
  if (length < 96) return INSUFFICIENT_SIZE;
  snprintf(name, length, "Test GPU %d", device->index);
  return SUCCESS;
}
int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *rates) {
  rates->gpu = 75 - device->index;
  rates->memory = 33;
  return SUCCESS;
}
int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
  memory->total = 80ULL << 30;
  memory->used = (12ULL << 30) + device->index;
  memory->free = memory->total - memory->used;
  return SUCCESS;
}
int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) {
  if (device->index == 1) return NOT_SUPPORTED;
  *milliwatts = 412500;
  return SUCCESS;
}
int nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *milliwatts) {
  if (device->index == 1) return NOT_SUPPORTED;
  *milliwatts = 700000;
  return SUCCESS;
}
int nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius) {
  if (sensor != 0) return INVALID;
  *celsius = 61 + device->index;
  return SUCCESS;
}
int nvmlDeviceGetClockInfo(nvmlDevice_t device, int type, unsigned int *mhz) {
  *mhz = type == 1 ? 1755 : 9999;
  return SUCCESS;
}
int nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, int type, unsigned int *mhz) {
  *mhz = type == 1 ? 1980 : 9999;
  return SUCCESS;
}
/* The name of older drivers; newer ones have EventReasons as well. */
int nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long *reasons) {
  *reasons = device->index == 0 ? 0x1 | 0x4 | 0x40 : 0x1;
  return SUCCESS;
}
/* More processes than a caller guesses: the first call says how many. */
int nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *infos) {
  unsigned int there = device->index == 0 ? 70 : 0;
  if (*count < there) { *count = there; return INSUFFICIENT_SIZE; }
  for (unsigned int i = 0; i < there; i++) {
    infos[i].pid = 1000 + i;
    infos[i].usedGpuMemory = i == 69 ? ~0ULL : (unsigned long long)(i + 1) << 20;
    infos[i].gpuInstanceId = infos[i].computeInstanceId = 0xFFFFFFFF;
  }
  *count = there;
  return SUCCESS;
}
