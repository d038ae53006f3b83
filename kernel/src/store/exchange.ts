// Two folders of one file system swap their names in one step, so that no reader ever finds neither. Linux's renameat2
// does that; elsewhere the old folder steps aside first, and comes back when the second rename fails.

import { renameSync } from "node:fs"
import { loadKoffi } from "../koffi.js"

const cwd = -100 // AT_FDCWD
const swap = 2 // RENAME_EXCHANGE

type RenameAt2 = (fromFolder: number, from: string, toFolder: number, to: string, flags: number) => number
let renameat2: RenameAt2 | undefined | null

/** Afterwards `a` holds what `b` held, and the other way round. */
export function exchange(a: string, b: string): void {
  renameat2 ??= load()
  if (renameat2 !== null && renameat2(cwd, a, cwd, b, swap) === 0) return
  const aside = `${a}.old`
  renameSync(b, aside)
  try {
    renameSync(a, b)
  } catch (error) {
    renameSync(aside, b)
    throw error
  }
  renameSync(aside, a)
}

function load(): RenameAt2 | null {
  if (process.platform !== "linux") return null
  try {
    return loadKoffi()
      .load("libc.so.6")
      .func("int renameat2(int, const char *, int, const char *, unsigned int)") as RenameAt2
  } catch {
    return null // an older libc, or musl
  }
}
