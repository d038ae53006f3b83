// What XLA's CUDA plugin needs around it: NVIDIA's libraries, loaded first and in JAX's order, since lookups inside the
// plugin find only what the process has already; and the folder with ptxas and libdevice. Loads nothing itself.

import { existsSync } from "node:fs"
import { join } from "node:path"

type Version = 12 | 13

/** Folder below `nvidia/`, library; CUDA 13's wheels share one folder. */
const libraries: Readonly<Record<Version, readonly (readonly [string, string])[]>> = {
  13: [
    ["cu13", "libcudart.so.13"],
    ["cu13", "libnvrtc.so.13"],
    ["cu13", "libcublas.so.13"],
    ["cu13", "libcublasLt.so.13"],
    ["nccl", "libnccl.so.2"],
    ["cu13", "libcupti.so.13"],
    ["cu13", "libcusparse.so.12"],
    ["cu13", "libcusolver.so.12"],
    ["cu13", "libcufft.so.12"],
    ["nvshmem", "libnvshmem_host.so.3"],
    ["cudnn", "libcudnn.so.9"],
  ],
  12: [
    ["cuda_runtime", "libcudart.so.12"],
    ["cuda_nvrtc", "libnvrtc.so.12"],
    ["cublas", "libcublas.so.12"],
    ["cublas", "libcublasLt.so.12"],
    ["nccl", "libnccl.so.2"],
    ["cuda_cupti", "libcupti.so.12"],
    ["cusparse", "libcusparse.so.12"],
    ["cusolver", "libcusolver.so.11"],
    ["cufft", "libcufft.so.11"],
    ["nvshmem", "libnvshmem_host.so.3"],
    ["cudnn", "libcudnn.so.9"],
  ],
}

/** Relative to site-packages. */
export function cudaLibraries(version: Version): string[] {
  return libraries[version].map(([folder, library]) => `nvidia/${folder}/lib/${library}`)
}

/** Where `bin/ptxas` and `nvvm/libdevice` are, of the wheels in site-packages. */
const toolFolders = ["nvidia/cu13", "nvidia/cuda_nvcc"]

/** XLA_FLAGS that name NVIDIA's tools, or the same flags when there are none or the user names them. */
export function withCudaFolder(flags: string | undefined, sitePackages: string): string | undefined {
  const option = "--xla_gpu_cuda_data_dir"
  const folder = toolFolders.map(name => join(sitePackages, name)).find(path => existsSync(path))
  if (folder === undefined || flags?.includes(option)) return flags
  return [flags, `${option}=${folder}`].filter(Boolean).join(" ")
}
