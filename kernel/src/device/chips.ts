// Whether the accelerator that a plugin is for is in this machine at all. Asked where the plugin itself asks badly: without
// a TPU, libtpu waits minutes for a metadata server before it gives up, and nothing can end that call.

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const google = "0x1ae0"

/** TPUs are PCI devices of Google's. */
export function hasTpu(pciDevices = "/sys/bus/pci/devices"): boolean {
  try {
    return readdirSync(pciDevices).some(device => vendor(join(pciDevices, device)) === google)
  } catch {
    return false
  }
}

function vendor(device: string): string | undefined {
  try {
    return readFileSync(join(device, "vendor"), "utf8").trim()
  } catch {
    return undefined
  }
}
