// The name of a worker where there is little room: its number is what tells it apart, so the words before it give way. Pure.

/** The longest form of `executor 12` that `fits`: `executor 12`, `exec 12`, `ex 12`, at last `…12`. */
export function shortWorker(name: string, fits: (text: string) => boolean): string {
  if (fits(name)) return name
  const [, word = "", rest = ""] = /^([a-z]+) ?(.*)$/i.exec(name) ?? []
  const forms = rest === "" ? [] : [4, 2].map(letters => `${word.slice(0, letters)} ${rest}`)
  const form = forms.find(fits)
  if (form !== undefined) return form
  let kept = name.length - 1
  while (kept > 1 && !fits(`…${name.slice(-kept)}`)) kept--
  return `…${name.slice(-kept)}`
}
