// Which kernel the panel shows, and the feed of each kernel, by kernel id. Follows the current notebook. Not a view.

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook"
import type { Kernel } from "@jupyterlab/services"
import { type ISignal, Signal } from "@lumino/signaling"
import type { ITelemetryHub, Subject } from "../tokens.js"
import { KernelFeed } from "./KernelFeed.js"

export class Hub implements ITelemetryHub {
  readonly #tracker: INotebookTracker
  readonly #feeds = new Map<string, KernelFeed>()
  readonly #others = new Set<string>()
  readonly #changed = new Signal<this, void>(this)

  constructor(tracker: INotebookTracker) {
    this.#tracker = tracker
    tracker.widgetAdded.connect((_, notebook) => this.#follow(notebook))
    tracker.currentChanged.connect(() => this.#changed.emit())
    tracker.forEach(notebook => {
      this.#follow(notebook)
    })
  }

  get changed(): ISignal<this, void> {
    return this.#changed
  }

  get subject(): Subject {
    const notebook = this.#tracker.currentWidget
    if (!notebook) return { kind: "none" }
    const name = notebook.title.label
    const kernel = notebook.sessionContext.session?.kernel
    if (!kernel) return { kind: "starting", notebook: name }
    const feed = this.#feeds.get(kernel.id)
    if (feed) return { kind: "ours", notebook: name, feed }
    if (!this.#others.has(kernel.id)) return { kind: "starting", notebook: name }
    return { kind: "other", notebook: name, kernel: notebook.sessionContext.kernelDisplayName }
  }

  #follow(notebook: NotebookPanel): void {
    const context = notebook.sessionContext
    context.kernelChanged.connect((_, change) => this.#meet(change.newValue))
    this.#meet(context.session?.kernel ?? null)
    notebook.disposed.connect(() => this.#changed.emit())
  }

  #meet(kernel: Kernel.IKernelConnection | null): void {
    if (!kernel) {
      this.#changed.emit()
      return
    }
    void isOurs(kernel).then(ours => {
      const known = this.#feeds.get(kernel.id)
      if (kernel.isDisposed || (known && !known.isDisposed)) return
      if (ours) this.#open(kernel)
      else this.#others.add(kernel.id)
      this.#changed.emit()
    })
  }

  #open(kernel: Kernel.IKernelConnection): void {
    const feed = new KernelFeed(kernel)
    this.#feeds.set(kernel.id, feed)
    feed.changed.connect(() => this.#changed.emit())
    kernel.disposed.connect(() => {
      this.#feeds.delete(kernel.id)
      feed.dispose()
      this.#changed.emit()
    })
  }
}

/** By the kernelspec's name, else by what the kernel says it is (a spec may be installed under any name). */
async function isOurs(kernel: Kernel.IKernelConnection): Promise<boolean> {
  if (kernel.name === "shardlab") return true
  try {
    return (await kernel.info).implementation === "shardlab"
  } catch {
    return false
  }
}
