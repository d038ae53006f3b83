// A Python function as the pickle that a PythonUDF carries, written by hand: the pickle holds no bytecode but says "eval
// this source", so it does not depend on the Python that reads it. Protocol 2, which every Python knows.

/** The pickled tuple `(eval(source), eval(typeSource))`. */
export function pickleFunction(source: string, typeSource: string): Uint8Array {
  return Buffer.concat([
    Buffer.from("\x80\x02", "latin1"), // protocol 2
    evaluated(source),
    evaluated(typeSource),
    Buffer.from("\x86.", "latin1"), // a tuple of both; end
  ])
}

/** `builtins.eval` applied to a tuple of one text. */
function evaluated(source: string): Buffer {
  const text = Buffer.from(source, "utf8")
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  return Buffer.concat([
    Buffer.from("cbuiltins\neval\n", "latin1"), // the function
    Buffer.from("X", "latin1"), // a text of `length` bytes
    length,
    text,
    Buffer.from("\x85R", "latin1"), // a tuple of it; call
  ])
}
