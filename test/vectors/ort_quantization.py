"""Writes ort_quantization.json.gz: what onnxruntime's Python quantiser makes of some ranges, weights and one network.

python -m venv /tmp/v && /tmp/v/bin/pip install onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
/tmp/v/bin/python ort_quantization.py

Options: QDQ, per channel, QUInt8 activations, QInt8 weights, MinMax, reduce_range as each case says. Weights and rows of
the network are small multiples of 1/2, so that float32 sums are exact in any order and the ranges the same on any CPU.
"""

import gzip
import json
import os
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import compute_scale_zp, quantize_data

random = np.random.default_rng(7)


def ranges():
    pairs = [(0, 0), (0, 1), (-1, 0), (-1, 1), (0.25, 3), (-3, -0.25), (-0.1, 0.7), (1e-39, 2e-39), (-1e-30, 1e-30), (0, 3e38)]
    pairs += [tuple(sorted(random.standard_normal(2) * 10.0 ** random.integers(-6, 6))) for _ in range(60)]
    # Zero points that fall on a half.
    pairs += [(-0.5, 254.5), (-1.5, 253.5), (-2.5, 252.5)]
    for low, high, kind in [(0, 255, np.uint8), (-128, 127, np.int8), (-127, 127, np.int8), (-64, 64, np.int8)]:
        for pair in pairs:
            for symmetric in (False, True):
                rmin, rmax = (np.array(value, dtype=np.float32) for value in pair)
                zero, scale = compute_scale_zp(
                    rmin, rmax, np.array(low, kind), np.array(high, kind), symmetric
                )
                yield {
                    "kind": "range",
                    "range": {"min": float(rmin), "max": float(rmax)},
                    "integers": {"low": low, "high": high},
                    "symmetric": symmetric,
                    "affine": {"scale": float(np.float32(scale)), "zero": int(zero)},
                }


def weights():
    for shape, axis in [([4, 3, 2, 2], 0), ([5, 1, 3], 0), ([6, 4], 1), ([3, 7], 0)]:
        for reduce in (False, True):
            data = (random.standard_normal(shape) * 10.0 ** random.integers(-3, 2, shape[axis]).reshape(
                [-1 if i == axis else 1 for i in range(len(shape))]
            )).astype(np.float32)
            index = [slice(None)] * len(shape)
            index[axis] = 1
            data[tuple(index)] = 0
            parts = [
                quantize_data(data.take(i, axis).flatten(), TensorProto.INT8, True, reduce_range=reduce)
                for i in range(shape[axis])
            ]
            integers = np.stack(
                [part[2].reshape(data.take(0, axis).shape) for part in parts], axis=axis
            )
            yield {
                "kind": "weight",
                "shape": shape,
                "axis": axis,
                "reduceRange": reduce,
                "data": data.flatten().tolist(),
                "integers": integers.flatten().tolist(),
                "scales": [float(np.float32(part[1])) for part in parts],
            }


def halves(*shape):
    return (random.integers(-2, 3, shape) / 2).astype(np.float32)


def network():
    constants = {}
    nodes = []

    def node(op, inputs, output, **attributes):
        nodes.append({"op": op, "name": output, "inputs": inputs, "output": output, "attributes": attributes})
        return output

    def weighted(op, name, x, shape, **attributes):
        constants[f"{name}/kernel"] = halves(*shape)
        constants[f"{name}/bias"] = halves(shape[0] if op == "Conv" else shape[1])
        return node(op, [x, f"{name}/kernel", f"{name}/bias"], name, **attributes)

    x = node("Transpose", ["image"], "image/channelsFirst", perm={"ints": [0, 3, 1, 2]})
    x = weighted("Conv", "first", x, (4, 2, 3, 3), pads={"ints": [1, 1, 1, 1]})
    x = node("Relu", [x], "first/relu")
    x = node("MaxPool", [x], "pool", kernel_shape={"ints": [2, 2]}, strides={"ints": [2, 2]})
    y = weighted("Conv", "second", x, (4, 4, 3, 3), pads={"ints": [1, 1, 1, 1]})
    x = node("Add", [x, y], "sum")
    x = node("Relu", [x], "sum/relu")
    x = weighted("Conv", "each", x, (4, 1, 3, 3), group={"int": 4}, pads={"ints": [0, 0, 1, 1]}, strides={"ints": [2, 2]})
    x = node("GlobalAveragePool", [x], "mean")
    x = node("Flatten", [x], "mean/flatten", axis={"int": 1})
    x = weighted("Gemm", "dense", x, (4, 8))
    x = node("Relu", [x], "dense/relu")
    x = weighted("Gemm", "head", x, (8, 3))
    # One channel so small that its bias would not fit 32 bits, one of nothing but a bias.
    constants["head/kernel"][:, 0] *= 2.0**-60
    constants["head/bias"][0] = 0.5
    constants["dense/kernel"][:, 1] = 0
    node("Softmax", [x], "head/softmax", axis={"int": -1})
    return nodes, constants


def build(nodes, constants):
    def value(attribute):
        return next(iter(attribute.values()))

    graph = helper.make_graph(
        [
            helper.make_node(
                n["op"], n["inputs"], [n["output"]], n["name"], **{k: value(v) for k, v in n["attributes"].items()}
            )
            for n in nodes
        ],
        "golden",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 8, 8, 2])],
        [helper.make_tensor_value_info("head/softmax", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(data, name) for name, data in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Rows(CalibrationDataReader):
    def __init__(self, rows):
        self.batches = iter([{"image": rows[:3]}, {"image": rows[3:]}])

    def get_next(self):
        return next(self.batches, None)


def networks():
    nodes, constants = network()
    rows = halves(5, 8, 8, 2)
    for reduce in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            plain, small = os.path.join(folder, "float.onnx"), os.path.join(folder, "int8.onnx")
            onnx.save(build(nodes, constants), plain)
            quantize_static(
                plain,
                small,
                Rows(rows),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=reduce,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
            made = {t.name: numpy_helper.to_array(t) for t in onnx.load(small).graph.initializer}
        yield {
            "kind": "network",
            "reduceRange": reduce,
            "nodes": nodes,
            "constants": {n: {"shape": list(a.shape), "data": a.flatten().tolist()} for n, a in constants.items()},
            "rows": {"shape": list(rows.shape), "data": rows.flatten().tolist()},
            "made": {n: a.flatten().tolist() for n, a in made.items()},
        }


cases = [*ranges(), *weights(), *networks()]
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ort_quantization.json.gz")
head = {"source": f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}", "cases": cases}
with open(here, "wb") as file:
    file.write(gzip.compress(json.dumps(head, separators=(",", ":")).encode(), mtime=0))
