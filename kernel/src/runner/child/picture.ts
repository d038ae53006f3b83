// Adds a PNG to a bundle that only has a Vega chart, so that the notebook keeps a picture where Vega is not (papermill
// outputs on a code host, nbconvert, mail). Drawn in a worker thread; a chart that cannot be drawn stays as it is.

import type { MimeBundle } from "../../display.js"

const chart = /^application\/vnd\.vega(lite)?\.v\d+\+json$/

/** A promise only when there is something to draw. */
export function withPicture(bundle: MimeBundle): MimeBundle | Promise<MimeBundle> {
  const mime = Object.keys(bundle).find(key => chart.test(key))
  return mime === undefined || bundle["image/png"] !== undefined ? bundle : draw(bundle, bundle[mime])
}

async function draw(bundle: MimeBundle, spec: unknown): Promise<MimeBundle> {
  try {
    const { vegaToPng } = await import("../../telemetry/raster.js")
    return { ...bundle, "image/png": await vegaToPng(spec) }
  } catch {
    return bundle // data by URL, or a specification that Vega refuses: the front end says what is wrong with it
  }
}
