// Globs: `*` and `?` stay inside a folder, `**` crosses folders; `[abc]` and `{a,b}` work.

export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path)
}

/** The part before the first wild name, without its last slash. */
export function globRoot(pattern: string): string {
  const parts = pattern.split("/")
  return parts.slice(0, parts.findIndex(isGlob)).join("/")
}

/** One regular expression a glob; every other character stands for itself. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]/]+\]|\{[^}/]*\}|[\\^$.|+()[\]{}]/g, part => {
    if (part === "**/") return "(?:[^/]+/)*"
    if (part === "**") return ".*"
    if (part === "*") return "[^/]*"
    if (part === "?") return "[^/]"
    if (part.length > 2 && part.startsWith("["))
      return `[${part
        .slice(1, -1)
        .replace(/^!/, "^")
        .replace(/[\\\]]/g, "\\$&")}]`
    if (part.length > 1) return `(?:${part.slice(1, -1).split(",").map(escapeRegExp).join("|")})`
    return escapeRegExp(part)
  })
  return new RegExp(`^${source}$`)
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&")
}
