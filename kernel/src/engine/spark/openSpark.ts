// Connects to a server and finds out what it can: the one way to a SparkEngine.

import { parseAddress } from "./address.js"
import { type Capabilities, probe } from "./capabilities.js"
import type { Monitor } from "./monitor/Monitor.js"
import { OperationLog } from "./operationLog.js"
import { Session } from "./Session.js"
import { SparkEngine, type SparkEngineOptions } from "./SparkEngine.js"
import { Transport, type TransportOptions } from "./transport.js"

export interface OpenOptions extends TransportOptions, Pick<SparkEngineOptions, "interrupt" | "tag"> {
  /** Where running operations are noted, for the kernel after this one. */
  readonly stateFolder?: string
  /** Makes what watches operations, once it is known what the server can tell. */
  readonly monitor?: (session: Session, capabilities: Capabilities) => Promise<Monitor>
}

/** What every session is set to: times in UTC, progress often enough to look alive, paths in plans not cut at 100 letters. */
const settings = {
  "spark.sql.session.timeZone": "UTC",
  "spark.connect.progress.reportInterval": "250ms",
  "spark.sql.maxMetadataStringLength": "400",
}

/** @throws CLUSTER_UNREACHABLE, CLUSTER_REFUSED */
export async function openSpark(address: string, options: OpenOptions = {}): Promise<SparkEngine> {
  const session = new Session(new Transport(parseAddress(address), options))
  try {
    const capabilities = await probe(session)
    session.hasErrorDetails = capabilities.errorDetails
    await session.configure(settings)
    const record = () => ({
      server: session.server,
      userId: session.userId,
      sessionId: session.sessionId,
      ...(session.serverSessionId !== undefined && { serverSessionId: session.serverSessionId }),
    })
    const monitor = await options.monitor?.(session, capabilities)
    const { interrupt, tag, stateFolder } = options
    return new SparkEngine({
      session,
      capabilities,
      recorder: new OperationLog(record, stateFolder),
      ...(monitor !== undefined && { monitor }),
      ...(interrupt !== undefined && { interrupt }),
      ...(tag !== undefined && { tag }),
    })
  } catch (error) {
    session.transport.close()
    throw error
  }
}
