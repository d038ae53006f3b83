// What is known of the files behind sources: size and version. Files of this machine are looked at anew each time, which
// costs nothing; remote ones were listed when their source was described, and are asked for once if they were not.

import { missing } from "../../store/files.js"
import { fileAt } from "../../store/localStore.js"
import { storeFor } from "../../store/registry.js"
import type { StoredFile } from "../../store/Store.js"
import { storeKind } from "../../store/uri.js"

export class FileIndex {
  readonly #remote = new Map<string, StoredFile>()

  remember(files: readonly StoredFile[]): void {
    for (const file of files) if (storeKind(file.uri) !== "file") this.#remote.set(file.uri, file)
  }

  async file(uri: string): Promise<StoredFile> {
    const known = storeKind(uri) === "file" ? fileAt(uri) : this.#remote.get(uri)
    if (known !== undefined) return known
    const found = await storeFor(uri).stat(uri)
    if (found === undefined) throw await missing(uri)
    this.remember([found])
    return found
  }
}
