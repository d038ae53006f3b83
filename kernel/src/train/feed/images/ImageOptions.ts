// Which column holds images, and as what rows of numbers they come out.

import { checkOptions, fail } from "../../../errors.js"

export interface ImageOptions {
  /** PNG or JPEG files as binary values, or paths of such files. */
  readonly column: string
  /** Height and width in pixels; one number for both. Images are resized to it. */
  readonly size: number | readonly [height: number, width: number]
  /** 3 (red, green, blue) or 1 (grey). Default 3. */
  readonly channels?: 1 | 3
  /** What 255 becomes; default 1. */
  readonly white?: number
}

/** What a decoder needs to know, as part of a recipe. */
export interface ImageShape {
  readonly column: string
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
}

/** @throws UNKNOWN_OPTION, BAD_VALUE */
export function imageShape(options: ImageOptions): ImageShape {
  checkOptions("train: images", options, ["column", "size", "channels", "white"])
  const { column, size, channels = 3, white } = options
  const bad = (name: string, value: unknown, fix: string) =>
    fail("BAD_VALUE", {
      where: "train",
      name: `images.${name}`,
      value: JSON.stringify(value) ?? "missing",
      fix,
    })
  if (typeof column !== "string") throw bad("column", column, "Name the column of images.")
  const [height, width] = typeof size === "number" ? [size, size] : (size ?? [])
  if (![height, width].every(length => Number.isSafeInteger(length) && length! > 0))
    throw bad("size", size, "Give pixels: `size: 32`, or `size: [height, width]`.")
  if (channels !== 1 && channels !== 3) throw bad("channels", channels, "Give 3 for colours, 1 for grey.")
  if (white !== undefined && !(white > 0)) throw bad("white", white, "Give a number above 0.")
  return { column, height: height!, width: width!, channels }
}
