// How much worse one network is than another on the same rows, with a 95 % interval. Paired: rows that both get right, or
// both wrong, say nothing about the difference, so the interval is far narrower than those of the two accuracies.

/** How much is lost, positive when it is; a share for accuracies, in the metric's unit for errors. */
export interface Drop {
  readonly value: number
  /** The ends of the 95 % interval. */
  readonly low: number
  readonly high: number
}

/** The 97.5 % point of the normal distribution. */
const z = 1.959964

/** Collects one loss a row: the first network's score minus the second's, or the other way round for errors. */
export class PairedDrop {
  private rows = 0
  private mean = 0
  private squares = 0
  private lost = 0
  private won = 0

  /** `isBinary`: each loss is -1, 0 or 1. */
  constructor(private readonly isBinary: boolean) {}

  add(loss: number): void {
    this.rows++
    const off = loss - this.mean
    this.mean += off / this.rows
    this.squares += off * (loss - this.mean)
    if (loss > 0) this.lost++
    else if (loss < 0) this.won++
  }

  result(): Drop {
    return this.isBinary ? this.ofShares() : this.ofMeans()
  }

  /**
   * The adjusted Wald interval of Bonett and Price (2012), Journal of Educational and Behavioral Statistics 37, 479-488: one
   * row is added to each kind of disagreement. It stays honest where Wald's own collapses: without any disagreement.
   */
  private ofShares(): Drop {
    const { lost, won, rows } = this
    const [worse, better] = [(lost + 1) / (rows + 2), (won + 1) / (rows + 2)]
    const centre = worse - better
    const reach = z * Math.sqrt((worse + better - centre ** 2) / (rows + 2))
    return {
      value: (lost - won) / rows,
      low: Math.max(centre - reach, -1),
      high: Math.min(centre + reach, 1),
    }
  }

  /** The mean of the differences, normal by the central limit theorem. Not known from one row. */
  private ofMeans(): Drop {
    const { mean, squares, rows } = this
    const reach = rows < 2 ? Infinity : z * Math.sqrt(squares / (rows - 1) / rows)
    return { value: mean, low: mean - reach, high: mean + reach }
  }
}
