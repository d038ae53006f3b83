// Why a policy decided what it decided, as text and as the card of the panel. It prints a decision's own steps and
// computes nothing.

import { type Displayable, displaySymbol, escapeHtml, type MimeBundle } from "../display.js"
import { checkOptions } from "../errors.js"
import type { DecisionStep } from "../telemetry/events.js"
import type { Decision, Observed, Policy } from "./Policy.js"

export type ExplainedDecision = Omit<Decision, "state">

/** A decision with its reasons: show it in a cell, or print it. */
export class Explanation implements Displayable {
  constructor(
    readonly decision: ExplainedDecision,
    /** The policy's name for people. */
    readonly policy: string,
    /** When it was made, ms since the epoch; undefined for a what-if. */
    readonly at?: number,
  ) {}

  get title(): string {
    const { from, to } = this.decision
    return from === to ? `Why still ${from}?` : `Why ${from} → ${to}?`
  }

  toString(): string {
    const { reason, steps } = this.decision
    const width = Math.max(0, ...steps.map(step => step.rule.length))
    const lines = steps.map(
      step =>
        `  ${step.name.padEnd(10)} ${step.rule.padEnd(width)}  ${step.out}${step.limited ? "  (limited)" : ""}`,
    )
    return [`${this.title} ${this.#byline()}`, reason, ...lines].join("\n")
  }

  [displaySymbol](): MimeBundle {
    const rows = this.decision.steps.map(htmlStep).join("")
    const head = `<b>${escapeHtml(this.title)}</b> <span style="opacity:.7">${escapeHtml(this.#byline())}</span>`
    return {
      "text/plain": this.toString(),
      "text/html": `<div>${head}<p>${escapeHtml(this.decision.reason)}</p><table><tbody>${rows}</tbody></table></div>`,
    }
  }

  #byline(): string {
    return this.at === undefined ? this.policy : `${clock(this.at)} · ${this.policy}`
  }
}

/** What `policy` would decide on first sight of this, and why. Nothing is changed anywhere. */
export function explain(policy: Policy, observed: Observed): Explanation {
  checkOptions("scale.explain", observed, ["replicas", "ready", "metrics"])
  const now = Date.now()
  return new Explanation(policy.decide(policy.initial(observed, now), observed, now), policy.title)
}

/** Time of day, as on the panel's axis. */
export function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8)
}

function htmlStep({ name, rule, out, limited }: DecisionStep): string {
  const chip = limited
    ? ' <span style="border:1px solid #D55E00;border-radius:8px;padding:0 6px">limited</span>'
    : ""
  const weight = limited ? ' style="font-weight:bold"' : ""
  return (
    `<tr${weight}><td style="text-align:left;opacity:.7">${name}</td>` +
    `<td style="text-align:left">${escapeHtml(rule)}${chip}</td><td>${escapeHtml(out)}</td></tr>`
  )
}
