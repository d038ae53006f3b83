// A cell in two forms: the text that the user wrote (with magics) and the TypeScript that stands for it, with the way
// between their offsets. Not a source map of the emitted JavaScript: that is emit.ts, which goes through this.

/** A run of TypeScript text and the user's text that it comes from. */
interface Segment {
  readonly start: number
  readonly length: number
  readonly userStart: number
  readonly userLength: number
  /** True when both texts are the same characters; false for text that stands for a magic. */
  readonly verbatim: boolean
}

export class CellText {
  private constructor(
    /** As the user wrote it. */
    readonly user: string,
    /** The TypeScript that stands for it. */
    readonly typescript: string,
    private readonly segments: readonly Segment[],
  ) {}

  static builder(user: string): CellTextBuilder {
    const parts: string[] = []
    const segments: Segment[] = []
    let length = 0
    const add = (text: string, userStart: number, userEnd: number, verbatim: boolean) => {
      segments.push({
        start: length,
        length: text.length,
        userStart,
        userLength: userEnd - userStart,
        verbatim,
      })
      parts.push(text)
      length += text.length
    }
    return {
      copy: (start, end) => {
        if (end > start) add(user.slice(start, end), start, end, true)
      },
      replace: (start, end, text) => add(text, start, end, false),
      build: () => new CellText(user, parts.join(""), segments),
    }
  }

  /** Where a position of the TypeScript is in the user's text; generated text maps to the start of its magic. */
  toUser(offset: number): number {
    const found = this.segments.findLast(segment => segment.start <= offset)
    if (found === undefined) return 0
    if (!found.verbatim) return found.userStart
    return found.userStart + Math.min(offset - found.start, found.userLength)
  }

  /** Where a position of the user's text is in the TypeScript, or undefined inside a magic. */
  toTypeScript(offset: number): number | undefined {
    const holds = (s: Segment) => s.userStart <= offset && offset <= s.userStart + s.userLength
    const found = this.segments.findLast(segment => segment.verbatim && holds(segment))
    if (found !== undefined) return found.start + offset - found.userStart
    return this.user.length === 0 ? 0 : undefined
  }
}

/** Builds the TypeScript from left to right. */
export interface CellTextBuilder {
  /** The user's characters from `start` to `end`, unchanged. */
  copy(start: number, end: number): void
  /** `text` in place of the user's characters from `start` to `end`. */
  replace(start: number, end: number, text: string): void
  build(): CellText
}

/** Line and column, both from 1, of an offset. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lastBreak = before.lastIndexOf("\n")
  return { line: before.split("\n").length, column: offset - lastBreak }
}
