// What is under the cursor: type and documentation of a name, the signature of the call around it, or a magic's help.

import ts from "typescript"
import type { Inspection } from "./Checker.js"
import { withoutCellNames } from "./diagnostics.js"
import { helpOf, magicLines } from "./expandMagics.js"
import { findMagic } from "./magics/registry.js"
import type { TypingView, View } from "./TypingView.js"

const nothing: Inspection = { found: false, bundle: {} }

export function inspectCell(code: string, offset: number, detail: 0 | 1, typing: TypingView): Inspection {
  const line = magicLines(code).find(({ start, end }) => start <= offset && offset <= end)
  const magic = line === undefined ? undefined : findMagic(line.name)
  if (magic !== undefined) return { found: true, bundle: helpOf(magic) as Record<string, string> }
  const view = typing.open(code, offset)
  if (view === undefined) return nothing
  const info = quickInfo(view, view.position) ?? quickInfo(view, view.position - 1)
  if (info !== undefined)
    return shown(info.displayParts, info.documentation, detail === 1 ? info.tags : undefined)
  return signature(view)
}

function quickInfo({ service, path }: View, position: number): ts.QuickInfo | undefined {
  return position < 0 ? undefined : service.getQuickInfoAtPosition(path, position)
}

/** Between the brackets of a call there is no name: the call's signature is what is asked for. */
function signature({ service, path, position }: View): Inspection {
  const help = service.getSignatureHelpItems(path, position, undefined)
  const item = help?.items[help.selectedItemIndex]
  if (item === undefined) return nothing
  const parameters = item.parameters.map(({ displayParts }) => ts.displayPartsToString(displayParts))
  const separator = ts.displayPartsToString(item.separatorDisplayParts)
  const text = [item.prefixDisplayParts, item.suffixDisplayParts].map(ts.displayPartsToString)
  return bundle(
    `${text[0]}${parameters.join(separator)}${text[1]}`,
    ts.displayPartsToString(item.documentation),
  )
}

function shown(
  parts: readonly ts.SymbolDisplayPart[] | undefined,
  documentation: readonly ts.SymbolDisplayPart[] | undefined,
  tags: readonly ts.JSDocTagInfo[] | undefined,
): Inspection {
  const docs = ts.displayPartsToString(documentation ? [...documentation] : [])
  const tagLines = (tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trim())
  const all = [docs, tagLines.join("\n")].filter(Boolean).join("\n\n")
  return bundle(ts.displayPartsToString(parts ? [...parts] : []), all)
}

function bundle(signatureText: string, docs: string): Inspection {
  const text = withoutCellNames(signatureText)
  return {
    found: true,
    bundle: {
      "text/plain": [text, docs].filter(Boolean).join("\n\n"),
      "text/markdown": [`\`\`\`typescript\n${text}\n\`\`\``, docs].filter(Boolean).join("\n\n"),
    },
  }
}
