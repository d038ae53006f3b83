// Pixels to another size: a triangle filter in each direction, widened where the image shrinks so that every pixel counts
// (what Pillow calls BILINEAR). Colours are mixed as stored. Not decoding: decodeWorker.ts.

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Red, green, blue, alpha of each pixel, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray
}

/** Rows of `channels` bytes a pixel: colours without alpha, or their brightness (ITU-R 601). */
export function resized(
  image: Pixels,
  { height, width, channels }: { height: number; width: number; channels: 1 | 3 },
): Uint8Array {
  const planes = channelsOf(image, channels)
  const across = resample(planes, image.height, image.width, width, channels)
  const down = transposed(across, image.height, width, channels)
  const both = resample(down, width, image.height, height, channels)
  return transposed(both, width, height, channels)
}

function channelsOf({ data, width, height }: Pixels, channels: 1 | 3): Uint8Array {
  const pixels = width * height
  const out = new Uint8Array(pixels * channels)
  for (let i = 0; i < pixels; i++) {
    const [red, green, blue] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!]
    if (channels === 1) out[i] = Math.round((red * 299 + green * 587 + blue * 114) / 1000)
    else out.set([red, green, blue], 3 * i)
  }
  return out
}

/** Each of `rows` rows of `from` pixels to `to` pixels. */
function resample(data: Uint8Array, rows: number, from: number, to: number, channels: number): Uint8Array {
  if (from === to) return data
  const taps = tapsOf(from, to)
  const out = new Uint8Array(rows * to * channels)
  for (let row = 0; row < rows; row++)
    for (const [x, { first, weights }] of taps.entries())
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        let at = (row * from + first) * channels + channel
        for (const weight of weights) {
          sum += weight * data[at]!
          at += channels
        }
        out[(row * to + x) * channels + channel] = Math.round(sum)
      }
  return out
}

/** For each new pixel the old ones that it is made of. */
function tapsOf(from: number, to: number): { first: number; weights: number[] }[] {
  const scale = from / to
  const reach = Math.max(scale, 1)
  return Array.from({ length: to }, (_, x) => {
    const centre = (x + 0.5) * scale
    const first = Math.max(Math.round(centre - reach), 0)
    const last = Math.min(Math.round(centre + reach), from)
    const raw = Array.from({ length: last - first }, (_, i) =>
      Math.max(1 - Math.abs((first + i + 0.5 - centre) / reach), 0),
    )
    const sum = raw.reduce((total, weight) => total + weight, 0)
    return { first, weights: raw.map(weight => weight / sum) }
  })
}

function transposed(data: Uint8Array, rows: number, columns: number, channels: number): Uint8Array {
  const out = new Uint8Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < channels; channel++)
        out[(column * rows + row) * channels + channel] = data[(row * columns + column) * channels + channel]!
  return out
}
