"""TPC-H in one Python library. Queries are asked for one at a time over standard input, so that the bench can take turns; the
clocks are this process's. `serve.py polars folder fraction`: the module polars_queries has `tables`, `rows` and q1 to q22."""
import importlib
import json
import resource
import sys
import time

library, folder, fraction = sys.argv[1], sys.argv[2], float(sys.argv[3])
names = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
module = importlib.import_module(f"{library}_queries")
tables = module.tables(folder, names)

for line in sys.stdin:
    asked = json.loads(line)
    try:
        start, cpu = time.perf_counter(), time.process_time()
        rows = module.rows(getattr(module, f"q{asked['query']}")(tables, fraction))
        answer = {"ms": (time.perf_counter() - start) * 1000, "cpu": (time.process_time() - cpu) * 1000}
        if asked["rows"]:
            answer["rows"] = [[str(value) for value in row] for row in rows]
        del rows
    except Exception as error:  # the bench says which peer could not, and goes on
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    # Kilobytes; the greatest so far.
    answer["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(answer), flush=True)
