// A cell while it is being typed, as the language service sees it: always the same virtual file, so that the next key
// costs milliseconds. Gives positions both ways.

import type ts from "typescript"
import type { CellHost } from "./CellHost.js"
import type { CellState } from "./CellState.js"
import type { CellText } from "./CellText.js"
import { cellModule } from "./cellModule.js"
import { expandMagics } from "./expandMagics.js"
import { parseCell } from "./parse.js"

const file = "__typing.ts"

export interface View {
  readonly service: ts.LanguageService
  readonly path: string
  /** Position in the virtual file. */
  readonly position: number
  /** From the virtual file back to the user's text. */
  toUser(position: number): number
}

export class TypingView {
  constructor(
    private readonly service: ts.LanguageService,
    private readonly host: CellHost,
    private readonly state: CellState,
  ) {}

  /** Opens the cell at an offset of the user's text; undefined inside a magic, where there is no TypeScript. */
  open(code: string, offset: number): View | undefined {
    const text: CellText = expandMagics(code).text
    const at = text.toTypeScript(offset)
    if (at === undefined) return undefined
    const source = parseCell(text.typescript)
    const module = cellModule(source, this.state, false)
    this.host.write(file, module.text)
    this.host.setRoots([...this.state.ambient, file])
    return {
      service: this.service,
      path: this.host.path(file),
      position: module.start + at,
      toUser: position => text.toUser(Math.max(0, position - module.start)),
    }
  }
}
