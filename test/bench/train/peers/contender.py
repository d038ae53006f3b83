# The line protocol of speed.mjs, for contenders in Python: each line {"network", "steps"} of stdin is answered with the
# milliseconds that so many steps took and the last loss.
import json
import sys
import time


def serve(networks):
    """networks: name -> function of the number of steps that gives (batch, run); run() trains that many and gives the loss."""
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = (request["network"], request["steps"])
        try:
            if key not in ready:
                ready[key] = networks[key[0]](key[1])
            start = time.perf_counter()
            # Read within the time: a library may have only queued the work until then.
            loss = float(ready[key]())
            answer = {"ms": 1000 * (time.perf_counter() - start), "loss": loss}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
        print(json.dumps(answer), flush=True)
