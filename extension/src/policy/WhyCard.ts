// The why? card: prints the steps of one decision, the deciding ones bold. It computes nothing; what it says was recorded
// with the decision.

import { h } from "../charts/dom.js"
import { clock } from "../charts/format.js"
import type { Decision } from "../store/state.js"

export class WhyCard {
  readonly root = h("section", { class: "shardlab-Why", "aria-label": "Why this decision", hidden: true })
  readonly #onStep: (by: -1 | 1) => void
  #shown: Decision | undefined
  #dry: Decision | undefined

  constructor(onStep: (by: -1 | 1) => void) {
    this.#onStep = onStep
  }

  /** `dry` is what a policy that only looks on wanted last, if there is one. */
  show(decision: Decision | undefined, dry: Decision | undefined): void {
    if (decision === this.#shown && dry === this.#dry) return
    this.#shown = decision
    this.#dry = dry
    this.root.hidden = decision === undefined
    if (!decision) return
    this.root.replaceChildren(
      this.#head(decision),
      ...reason(decision),
      steps(decision),
      ...(dry ? [dryRun(dry)] : []),
    )
  }

  #head(decision: Decision): HTMLElement {
    const step = (by: -1 | 1, text: string, name: string) => {
      const button = h("button", { class: "shardlab-Why-step", "aria-label": name, title: name }, text)
      button.addEventListener("click", () => this.#onStep(by))
      return button
    }
    const held = decision.from === decision.to
    return h(
      "header",
      {},
      h("h3", {}, held ? `Why still ${decision.to}?` : `Why ${decision.from} → ${decision.to}?`),
      h("span", { class: "shardlab-secondary" }, `${clock(decision.t)} · ${decision.policy}`),
      h("span", { class: "shardlab-spacer" }),
      step(-1, "‹", "Previous decision"),
      step(1, "›", "Next decision"),
    )
  }
}

function reason(decision: Decision): HTMLElement[] {
  return decision.reason ? [h("p", {}, decision.reason)] : []
}

function steps(decision: Decision): HTMLElement {
  return h(
    "table",
    {},
    h(
      "tbody",
      {},
      ...decision.steps.map(({ name, rule, out, limited }) =>
        h(
          "tr",
          { class: limited ? "shardlab-mod-limited" : "" },
          h("th", { scope: "row" }, name),
          h("td", {}, rule, ...(limited ? [" ", h("span", { class: "shardlab-Chip" }, "limited")] : [])),
          h("td", {}, out),
        ),
      ),
    ),
  )
}

function dryRun(dry: Decision): HTMLElement {
  const mark = h("i", {
    class: "shardlab-Mark shardlab-mod-dash",
    "data-colour": "power",
    "aria-hidden": "true",
  })
  return h("p", { class: "shardlab-Why-dry" }, mark, `${dry.policy} (dry run): ${dry.to} at ${clock(dry.t)}`)
}
