// The bytes of a model's files at any address that the stores know. Whole files: a model fits in memory, or it cannot run.

import { existsSync, statSync } from "node:fs"
import { fullAddress, missing } from "../../store/files.js"
import { storeFor } from "../../store/registry.js"
import { storeKind } from "../../store/uri.js"

/** @throws FILE_MISSING, STORE_MISSING with the nearest name. */
export async function readBytes(address: string): Promise<Uint8Array> {
  const full = fullAddress(address)
  const store = storeFor(full)
  if (isFolder(full) || (await store.stat(full)) === undefined) throw await missing(address)
  const parts: Uint8Array[] = []
  for await (const part of await store.read(full)) parts.push(part)
  return Buffer.concat(parts)
}

/** The address of a file beside another one. */
export function beside(address: string, name: string): string {
  return address.replace(/[^/]*$/, "") + name
}

/** What a folder of a model holds, in the order in which it is looked for. */
const inFolders = ["model.json", "model.onnx", "model.safetensors", "saved_model.pb"]

/** The file of a model when the address is a folder; else the address. */
export async function modelFileAt(address: string): Promise<string> {
  const full = fullAddress(address)
  const isSaid = full.endsWith("/") || isFolder(full)
  // Object stores have no folders: an address is one when nothing lies at it.
  if (!isSaid && (await storeFor(full).stat(full)) !== undefined) return address
  const root = `${address.replace(/\/+$/, "")}/`
  for (const name of inFolders)
    if ((await storeFor(full).stat(fullAddress(root + name))) !== undefined) return root + name
  throw await missing(isSaid ? root + inFolders[0] : address)
}

function isFolder(full: string): boolean {
  return storeKind(full) === "file" && existsSync(full) && statSync(full).isDirectory()
}
