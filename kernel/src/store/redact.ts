// Keeps credentials out of everything that is shown: values that were used once are remembered, and replaced wherever
// text goes to a user. Also cuts passwords and signatures out of addresses, whoever made them. Stores nothing on disk.

const used = new Set<string>()

/** Remembers a credential and gives it back. Short ones are left out: they would blot out ordinary text. */
export function secret<T extends string | undefined>(value: T): T {
  if (value !== undefined && value.length >= 6) {
    used.add(value)
    used.add(encodeURIComponent(value))
  }
  return value
}

const signedParameters =
  /([?&](?:sig|signature|token|access_token|password|secret|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential))=)[^&\s'"`)]+/gi
const passwordInAddress = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/gi
const passwordInOptions = /\b((?:password|passwd|AccountKey)\s*=\s*)('[^']*'|[^\s;,)]+)/gi

/** The text without credentials, each replaced by `***`. */
export function redact(text: string): string {
  let clean = text
  for (const value of used) if (clean.includes(value)) clean = clean.replaceAll(value, "***")
  return clean
    .replace(signedParameters, "$1***")
    .replace(passwordInAddress, "$1***")
    .replace(passwordInOptions, "$1***")
}
