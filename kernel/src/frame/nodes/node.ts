// What all plan nodes share. Not the nodes: each is a file of its own beside this one.

let made = 0

/** Unique in this process; engines use it to name what belongs to a node (Spark: `plan_id`). */
export function nextPlanId(): number {
  return ++made
}
