// The worker thread behind raster.ts: resvg and vega live here and nowhere else, loaded on the first request that needs
// them (resvg 5 MB, vega about 150 ms).

import { createRequire } from "node:module"
import { parentPort } from "node:worker_threads"
import type { Loader, Spec } from "vega"
import type { TopLevelSpec } from "vega-lite"
import type { RasterReply, RasterRequest } from "./raster.js"

const require = createRequire(import.meta.url)
const fontFiles = ["DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSans", "DejaVuSans-Bold"].map(
  name => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`),
)

const port = parentPort!
port.on("message", async (request: RasterRequest) => {
  try {
    const svg = request.kind === "svg" ? request.svg : await vegaToSvg(request.spec)
    const png = await render(svg, request.scale)
    port.postMessage({ id: request.id, png } satisfies RasterReply)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    port.postMessage({ id: request.id, error: message } satisfies RasterReply)
  }
})

async function render(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js")
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontFiles,
      loadSystemFonts: false,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
      serifFamily: "DejaVu Sans",
      monospaceFamily: "DejaVu Sans",
    },
  })
  return image.render().asPng()
}

async function vegaToSvg(spec: unknown): Promise<string> {
  const vega = await import("vega")
  const compiled = isVega(spec) ? spec : (await import("vega-lite")).compile(spec as TopLevelSpec).spec
  const view = new vega.View(vega.parse(compiled), { renderer: "none", loader: refusingLoader() })
  view.logLevel(vega.None)
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

function isVega(spec: unknown): spec is Spec {
  const marks = typeof spec === "object" && spec !== null && "marks" in spec
  return marks && Array.isArray(spec.marks)
}

/** A picture is drawn from the data in its specification; a link in one would make a notebook reach for the network. */
function refusingLoader(): Loader {
  const refuse = (uri: string) =>
    Promise.reject(new Error(`${uri} is not loaded: put the data in the specification`))
  return { load: refuse, sanitize: refuse, http: refuse, file: refuse } as unknown as Loader
}
