// What stays in the notebook of a cell that read shards, trained or moved a pool: one MIME bundle in four forms, each
// within its budget, so that papermill outputs and viewers without the extension keep the picture. Not the live panel.

import type { MimeBundle } from "../display.js"
import { snapshotMime, type TelemetryEvent } from "./events.js"
import { svgToPng } from "./raster.js"
import { pictureOf } from "./snapshot/picture.js"
import { textOf } from "./snapshot/sentences.js"
import { type SnapshotCell, type Story, storyOf } from "./snapshot/story.js"
import { thinSnapshot } from "./snapshot/thin.js"
import { vegaLiteOf } from "./snapshot/vegaLite.js"

/** Bytes that each form may take in the notebook (the PNG before base64). */
export const snapshotBudget = { own: 64_000, vegaLite: 96_000, png: 80_000, text: 1_000 } as const

export interface SnapshotOptions {
  /** How SVG becomes PNG; for tests. */
  readonly toPng?: (svg: string, options: { scale: number }) => Promise<Uint8Array>
}

/**
 * The bundle of cell `n`, or undefined when it read no shards, trained nothing and moved no pool. `events` may begin
 * before the cell; everything outside it only names workers and gives pool sizes. When the picture cannot be drawn the
 * other three forms remain.
 */
export async function snapshotOf(
  events: readonly TelemetryEvent[],
  cell: SnapshotCell,
  { toPng = svgToPng }: SnapshotOptions = {},
): Promise<MimeBundle | undefined> {
  const story = storyOf(events, cell)
  if (!story) return undefined
  const names = workersBefore(events, story)
  const own = [...names, ...events.filter(({ t }) => t >= story.start && t <= story.end)]
  const png = await pngWithin(snapshotBudget.png, pictureOf(story), toPng)
  return {
    [snapshotMime]: thinSnapshot(story, own, snapshotBudget.own),
    "application/vnd.vegalite.v5+json": vegaLiteOf(story, snapshotBudget.vegaLite),
    ...(png ? { "image/png": Buffer.from(png).toString("base64") } : {}),
    "text/plain": clip(textOf(story), snapshotBudget.text),
  }
}

/** Who worked in the cell and was there before it: their names are in events before it. */
function workersBefore(events: readonly TelemetryEvent[], { start, shards }: Story): TelemetryEvent[] {
  const worked = new Set(shards?.workers.map(({ id }) => id))
  const came = events.flatMap(event => (event.kind === "worker.up" && event.t < start ? [event] : []))
  return [...new Map(came.filter(({ id }) => worked.has(id)).map(event => [event.id, event])).values()]
}

/** Sharp (2 pixels to one) when that fits, else less sharp. */
async function pngWithin(
  budget: number,
  svg: string,
  toPng: NonNullable<SnapshotOptions["toPng"]>,
): Promise<Uint8Array | undefined> {
  for (const scale of [2, 1.5, 1]) {
    const png = await toPng(svg, { scale }).catch(() => undefined)
    if (png && png.byteLength <= budget) return png
  }
  return undefined
}

/** The first whole lines that fit. */
function clip(text: string, budget: number): string {
  const lines = text.split("\n")
  while (Buffer.byteLength(lines.join("\n")) > budget && lines.length > 1) lines.pop()
  return lines.join("\n")
}
