// The Python that runs on an executor in place of the user's function: keeps one Node child for each function that runs at
// a time in this worker, pipes Arrow to it and back, and turns its failures and its death into errors. Written for
// PySpark's workers (a process a task) and for Sail (threads of the server's own process).

export const trampolineSource = String.raw`
import atexit, base64, json, os, shutil, struct, subprocess, sys, threading, types, zlib
import pyarrow as pa

BOOT = (
    'const f=require("fs"),r=n=>{const b=Buffer.alloc(n);for(let i=0;i<n;){const k=f.readSync(0,b,i,n-i,null);'
    'if(k===0)process.exit(0);i+=k}return b};'
    'require("vm").runInThisContext("(function(require,module,exports){"+r(r(4).readUInt32LE(0)).toString()+"\\n})",'
    '{filename:"shardlab-worker.js"})(require,{exports:{}},{})'
)

# Shared by all functions of this Python process.
shared = sys.modules.setdefault("_shardlab_children_1", types.ModuleType("_shardlab_children_1"))
if not hasattr(shared, "lock"):
    shared.lock = threading.Lock()
    shared.idle = {}
    shared.pid = os.getpid()

class FunctionError(RuntimeError):
    pass

def find_node(config):
    for candidate in (os.environ.get("SHARDLAB_NODE"), config["node"], shutil.which("node")):
        if candidate and os.path.exists(candidate):
            return candidate
    fail(config, "FUNCTION_EXECUTOR", "Node.js was not found on " + os.uname().nodename,
         "Install Node 18 or newer there, or name it in the environment variable SHARDLAB_NODE.")

def fail(config, code, problem, fix):
    told = {"id": config["id"], "code": code, "values": {"where": config["where"], "problem": problem, "fix": fix}}
    raise FunctionError(config["mark"] + " " + base64.b64encode(json.dumps(told).encode()).decode() + " " + problem)

class Child:
    def __init__(self, config):
        self.loaded = set()
        self.words = b""
        env = {k: v for k, v in os.environ.items() if k not in ("NODE_OPTIONS", "NODE_CHANNEL_FD")}
        self.process = subprocess.Popen([find_node(config), "--no-warnings", "-e", BOOT], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.drain, daemon=True)
        self.reader.start()
        program = zlib.decompress(base64.b64decode(config["program"]))
        self.raw(config, struct.pack("<I", len(program)) + program)

    # What it prints belongs to the executor's log; the end of it may tell why it died.
    def drain(self):
        while True:
            part = self.process.stderr.read1(65536)
            if not part:
                return
            self.words = (self.words + part)[-8192:]
            try:
                sys.stderr.write(part.decode("utf-8", "replace"))
                sys.stderr.flush()
            except Exception:
                pass

    def raw(self, config, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            self.died(config)

    def send(self, config, letter, body):
        self.raw(config, letter + struct.pack("<I", len(body)))
        self.raw(config, body)

    def read(self, config, size):
        data = self.process.stdout.read(size)
        if data is None or len(data) < size:
            self.died(config)
        return data

    # The results of one request.
    def answers(self, config):
        while True:
            head = self.read(config, 5)
            body = self.read(config, struct.unpack("<I", head[1:])[0])
            if head[:1] == b"D":
                return
            if head[:1] == b"X":
                raise FunctionError(body.decode("utf-8"))
            yield body

    def died(self, config):
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.reader.join(2)
        words = self.words.decode("utf-8", "replace")
        if "heap out of memory" in words or "Reached heap limit" in words:
            why, fix = "ran out of memory", "Use smaller batches or groups, or give Node more: NODE_OPTIONS=--max-old-space-size."
        elif code == -9:
            why, fix = "was killed (SIGKILL), as a system does when memory runs out", "Give the executor more memory, or hold less in the function."
        elif code < 0:
            why, fix = "was ended by signal %d" % -code, "Run it again."
        else:
            lines = [line.strip() for line in words.splitlines() if "rror" in line]
            why, fix = "ended with exit code %d%s" % (code, " (" + lines[-1][:200] + ")" if lines else ""), "The function must not end its process."
        fail(config, "FUNCTION_EXECUTOR", "the Node process of the function " + why, fix)

    def run(self, config, table):
        if config["id"] not in self.loaded:
            self.send(config, b"L", config["job"].encode())
            for _ in self.answers(config):
                pass
            self.loaded.add(config["id"])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write(table)
        self.send(config, b"B", config["id"].encode() + b"\n" + sink.getvalue().to_pybytes())
        for body in self.answers(config):
            for batch in pa.ipc.open_stream(body):
                yield batch

    def close(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except Exception:
                pass

def acquire(config):
    with shared.lock:
        # A worker that was forked must not talk to its parent's child.
        if shared.pid != os.getpid():
            shared.idle, shared.pid = {}, os.getpid()
        waiting = shared.idle.setdefault(config["version"], [])
        while waiting:
            child = waiting.pop()
            if child.process.poll() is None:
                return child
    return Child(config)

def release(config, child):
    with shared.lock:
        waiting = shared.idle.setdefault(config["version"], [])
        if len(waiting) < 8:
            waiting.append(child)
            return
    child.close()

def close_all():
    if shared.pid == os.getpid():
        for waiting in shared.idle.values():
            for child in waiting:
                child.close()

atexit.register(close_all)

SIMPLE = {
    "boolean": pa.bool_(), "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "float32": pa.float32(), "float64": pa.float64(), "utf8": pa.string(), "binary": pa.binary(),
    "date": pa.date32(), "timestamp": pa.timestamp("us"), "timestamptz": pa.timestamp("us", "UTC"),
}

def arrow_type(kind):
    name = kind["kind"]
    if name == "decimal":
        return pa.decimal128(kind["precision"], kind["scale"])
    if name == "list":
        return pa.list_(arrow_type(kind["item"]))
    if name == "struct":
        return pa.struct([pa.field(f["name"], arrow_type(f["type"])) for f in kind["fields"]])
    if name == "map":
        return pa.map_(arrow_type(kind["key"]), arrow_type(kind["value"]))
    return SIMPLE.get(name)

def incoming(data, fields):
    arrays = []
    for index, field in enumerate(fields):
        column = data.column(index)
        wanted = arrow_type(field["type"])
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if wanted is not None and column.type != wanted:
            column = column.cast(wanted, safe=False)
        arrays.append(column)
    names = [field["name"] for field in fields]
    if isinstance(data, pa.Table):
        return pa.Table.from_arrays(arrays, names=names).combine_chunks()
    return pa.RecordBatch.from_arrays(arrays, names=names)

def outgoing(batch, fields):
    arrays = []
    for index, field in enumerate(fields):
        column = batch.column(index)
        wanted = arrow_type(field["type"])
        if column.type != wanted:
            column = column.cast(wanted)
        arrays.append(column)
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(
        [pa.field(field["name"], arrow_type(field["type"])) for field in fields]))

def through(config, items):
    child = acquire(config)
    clean = False
    try:
        for item in items:
            for batch in child.run(config, incoming(item, config["input"])):
                yield outgoing(batch, config["output"])
        clean = True
    finally:
        # After a failure or half-way through, nobody knows what is still in the pipe.
        if clean:
            release(config, child)
        else:
            child.close()

def make(config):
    if config["group"]:
        schema = pa.schema([pa.field(f["name"], arrow_type(f["type"])) for f in config["output"]])
        def of_group(table):
            return pa.Table.from_batches(list(through(config, [table])), schema=schema)
        return of_group
    def of_batches(batches):
        return through(config, (batch for batch in batches if batch.num_rows > 0))
    return of_batches
`

/** An expression whose value is the function. */
export function trampoline(config: object): string {
  const source = pythonText(trampolineSource)
  const json = pythonText(JSON.stringify(config))
  return `(lambda ns: (exec(compile(${source}, "shardlab_function", "exec"), ns), ns["make"](__import__("json").loads(${json})))[1])({"__name__": "shardlab_function"})`
}

/** JSON's text literals are Python's, but for characters that JSON leaves out of its escapes. */
function pythonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}
