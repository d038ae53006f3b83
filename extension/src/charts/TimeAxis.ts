// The one time axis that all lanes share: pixels to time and back, and where its ticks are. Pure.

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400].map(s => s * 1000)

export class TimeAxis {
  /** Time span [from, to], ms since the epoch, over pixels [left, right]. */
  constructor(
    readonly from: number,
    readonly to: number,
    readonly left: number,
    readonly right: number,
  ) {}

  x(t: number): number {
    return this.left + ((t - this.from) / (this.to - this.from)) * (this.right - this.left)
  }

  t(x: number): number {
    return this.from + ((x - this.left) / (this.right - this.left)) * (this.to - this.from)
  }

  /** Round moments, at least `gap` pixels apart; a step of at least one second. */
  ticks(gap = 90): number[] {
    const room = (this.right - this.left) / gap
    const step = steps.find(s => (this.to - this.from) / s <= room) ?? steps.at(-1)!
    const ticks: number[] = []
    for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) ticks.push(t)
    return ticks
  }
}
