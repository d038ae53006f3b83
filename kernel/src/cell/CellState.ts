// What a checker remembers of the cells that ran, as plain data: enough to make another checker that knows the same. The
// session keeps a copy, so that a checker process can be replaced, or die, without the notebook losing its types.

import type { DeclarationKind } from "./declarations.js"

export type TypecheckMode = "on" | "warn" | "off"

export interface CellModule {
  /** File name: `__cell3.d.ts`, or `.ts` for a cell whose types cannot be written as declarations. */
  readonly file: string
  readonly text: string
}

/** Where later cells find a name. */
export interface NameEntry {
  readonly name: string
  /** Module name without extension, such as `__cell3` or `__live3`. */
  readonly module: string
  readonly kind: DeclarationKind
}

/** What one committed cell adds. */
export interface StateDelta {
  readonly next: number
  readonly mode: TypecheckMode
  readonly modules: readonly CellModule[]
  readonly names: readonly NameEntry[]
  readonly packages: readonly string[]
  /** Modules that change types everywhere (`declare global`). */
  readonly ambient: readonly string[]
}

export class CellState {
  next = 1
  mode: TypecheckMode = "on"
  readonly modules = new Map<string, string>()
  readonly names = new Map<string, NameEntry>()
  readonly packages = new Set<string>()
  readonly ambient = new Set<string>()

  apply(delta: StateDelta): void {
    this.next = Math.max(this.next, delta.next)
    this.mode = delta.mode
    for (const { file, text } of delta.modules) this.modules.set(file, text)
    for (const entry of delta.names) {
      // A name declared again moves to the end: the latest is offered first.
      this.names.delete(entry.name)
      this.names.set(entry.name, entry)
    }
    for (const name of delta.packages) this.packages.add(name)
    for (const name of delta.ambient) this.ambient.add(name)
  }

  /** Everything as one delta, to start another checker with. */
  all(): StateDelta {
    return {
      next: this.next,
      mode: this.mode,
      modules: [...this.modules].map(([file, text]) => ({ file, text })),
      names: [...this.names.values()],
      packages: [...this.packages],
      ambient: [...this.ambient],
    }
  }
}
