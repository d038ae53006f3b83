// The seam between addresses and the services that hold files. A store lists, reads, writes and moves whole files; it is
// not a reader of formats (an engine is) and keeps no connection open. Every remote error names the address, never a
// credential. ObjectStore.ts, httpStore.ts, hdfsStore.ts and localStore.ts are the four; registry.ts finds one.

export interface StoredFile {
  /** Full address, as it would be read again. */
  readonly uri: string
  readonly bytes: number
  /** Differs whenever the content does: an ETag, or a time of change. */
  readonly version: string
}

export interface Store {
  /** Every file below a folder address (ends with `/`), hidden ones too, sorted by address. */
  list(folder: string): Promise<readonly StoredFile[]>
  /** The file of exactly this address; undefined when there is none. */
  stat(uri: string): Promise<StoredFile | undefined>
  /** Content as it arrives; a range counts bytes. */
  read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
  /** Writes a small file in one step: readers see all of it or none. `mustBeNew` gives false when it exists already. */
  put(uri: string, bytes: Uint8Array, options?: { readonly mustBeNew?: boolean }): Promise<boolean>
  /** A large file of this machine, in bounded memory. */
  upload(localFile: string, uri: string): Promise<void>
  /** Replaces the target in one step; the file is at both or at either address in between, never at half. */
  move(from: string, to: string): Promise<void>
  remove(uri: string): Promise<void>
  /** Everything below a folder address. */
  removeFolder(folder: string): Promise<void>
  /** Machines that hold each part of a file, where the store tells. */
  hosts?(uri: string): Promise<readonly BlockHosts[]>
}

export interface ByteRange {
  readonly start: number
  readonly bytes: number
}
export interface BlockHosts extends ByteRange {
  readonly hosts: readonly string[]
}
