// Where this program keeps what it can make again: the user's cache folder, as the XDG base directories say.

import { homedir } from "node:os"
import { join } from "node:path"

export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "shardlab")
}
