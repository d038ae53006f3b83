// What other extensions may ask for. Types and tokens only.

import { Token } from "@lumino/coreutils"
import type { ISignal } from "@lumino/signaling"
import type { KernelFeed } from "./comm/KernelFeed.js"

/** What the panel is looking at: the current notebook's kernel, or why there is nothing to see. */
export type Subject =
  | { readonly kind: "none" }
  | { readonly kind: "starting"; readonly notebook: string }
  | { readonly kind: "other"; readonly notebook: string; readonly kernel: string }
  | { readonly kind: "ours"; readonly notebook: string; readonly feed: KernelFeed }

export interface ITelemetryHub {
  readonly subject: Subject
  /** After every event message and whenever the subject changes. */
  readonly changed: ISignal<ITelemetryHub, void>
}

export const ITelemetryHub = new Token<ITelemetryHub>(
  "@shardlab/extension:ITelemetryHub",
  "The telemetry of shardlab kernels, and which of them the current notebook uses.",
)
