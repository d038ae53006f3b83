// What a running cell publishes on iopub, always under the request that started it. Silent requests publish nothing but
// status and comm traffic, as the protocol asks.

import type { CellPublisher, WireComm } from "./handlers.js"
import type { Message } from "./message.js"

export interface PublisherHost {
  publish(type: string, content: Record<string, unknown>, parent: Message): void
  publishComm(message: WireComm, parent: Message): void
  requestInput(parent: Message, prompt: string, password: boolean): Promise<string>
}

/** `noteResult` gets the text of the cell's result, for the history. */
export function cellPublisher(
  host: PublisherHost,
  request: Message,
  n: number,
  noteResult: (text: string) => void,
): CellPublisher {
  const silent = request.content.silent === true
  const publish = (type: string, content: Record<string, unknown>): void => {
    if (!silent) host.publish(type, content, request)
  }
  return {
    stream: (name, text) => publish("stream", { name, text }),
    display(data, { id, update, metadata = {} }) {
      const transient = id === undefined ? {} : { display_id: id }
      publish(update === true ? "update_display_data" : "display_data", { data, metadata, transient })
    },
    result(data, metadata) {
      const text = data["text/plain"]
      if (typeof text === "string") noteResult(text)
      publish("execute_result", { execution_count: n, data, metadata })
    },
    clear: wait => publish("clear_output", { wait }),
    comm: message => host.publishComm(message, request),
    input: (prompt, password) => host.requestInput(request, prompt, password),
  }
}
