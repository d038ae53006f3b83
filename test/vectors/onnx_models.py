"""Makes onnx_models.json.gz: small networks and models of tables as the usual exporters write them, with rows to run.
What they give is not kept: the tests ask onnxruntime-node on the same file.

    pip install scikit-learn skl2onnx onnxmltools onnxruntime lightgbm xgboost
    python onnx_models.py
"""

import base64
import gzip
import json
import tempfile
from pathlib import Path

import numpy
import onnx
from lightgbm import LGBMClassifier, LGBMRegressor
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloats
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from skl2onnx import to_onnx
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor

random = numpy.random.default_rng(7)
models = {}


def keep(name, model, rows):
    rows = numpy.asarray(rows)
    kind = "int32" if rows.dtype.kind == "i" else "float32"
    numbers = [None if number != number else number for number in rows.reshape(-1).tolist()]
    models[name] = {
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "type": kind,
        "shape": list(rows.shape),
        "rows": numbers,
    }


x = random.normal(size=(200, 5)).astype(numpy.float32)
three = (x[:, 0] + x[:, 1] * x[:, 2] > 0.4).astype(int) + (x[:, 3] > 0.5)
two = (x[:, 0] - x[:, 4] * x[:, 2] > 0).astype(int)
number = x[:, 0] * 2 + numpy.abs(x[:, 1]) - x[:, 2] * x[:, 3]
holes = x.copy()
holes[random.random(x.shape) < 0.1] = numpy.nan
rows = x[:9]


def scikit(name, model, target, data=x):
    fitted = model.fit(data, target)
    options = {id(fitted): {"zipmap": False}} if hasattr(fitted, "predict_proba") else None
    keep(name, to_onnx(fitted, data[:1], options=options, target_opset={"": 17, "ai.onnx.ml": 3}), data[:9])


scikit("logistic_two", make_pipeline(StandardScaler(), LogisticRegression()), two)
scikit("logistic_three", make_pipeline(SimpleImputer(), Normalizer(), LogisticRegression()), three, holes)
scikit("linear", LinearRegression(), numpy.stack([number, two], 1))
scikit("forest_three", RandomForestClassifier(5, max_depth=4, random_state=1), three)
scikit("forest_two", RandomForestClassifier(5, max_depth=4, random_state=1), two)
scikit("forest_number", RandomForestRegressor(5, max_depth=4, random_state=1), number)
scikit("boosted_two", GradientBoostingClassifier(n_estimators=6, max_depth=3, random_state=1), two)
scikit("boosted_three", GradientBoostingClassifier(n_estimators=4, max_depth=3, random_state=1), three)
scikit("boosted_number", GradientBoostingRegressor(n_estimators=6, max_depth=3, random_state=1), number)
scikit("perceptron", MLPClassifier((8,), max_iter=60, random_state=1), three)
named = numpy.array(["high", "low"])[two]
scikit("forest_texts", RandomForestClassifier(3, max_depth=3, random_state=1), named)

whole = random.integers(0, 4, size=(120, 3)).astype(numpy.int64)
categories = ColumnTransformer([("hot", OneHotEncoder(handle_unknown="ignore", sparse_output=False), [0, 2])])
scikit("one_hot", make_pipeline(categories, LogisticRegression()), (whole[:, 0] > whole[:, 2]).astype(int), whole)

kinds = [("input", ToolsFloats([None, 5]))]
for name, model, target in [
    ("xgboost_two", XGBClassifier(n_estimators=5, max_depth=3), two),
    ("xgboost_three", XGBClassifier(n_estimators=4, max_depth=3), three),
    ("xgboost_number", XGBRegressor(n_estimators=5, max_depth=3), number),
]:
    keep(name, convert_xgboost(model.fit(holes, target), initial_types=kinds, target_opset=15), holes[:9])
for name, model, target in [
    ("lightgbm_two", LGBMClassifier(n_estimators=5, num_leaves=8, verbose=-1), two),
    ("lightgbm_number", LGBMRegressor(n_estimators=5, num_leaves=8, verbose=-1), number),
]:
    keep(name, convert_lightgbm(model.fit(x, target), initial_types=kinds, target_opset=15, zipmap=False), rows)


# --- a small network of images, quantised in the ways of onnxruntime


def weights(name, *shape):
    return numpy_helper.from_array((random.normal(size=shape) / numpy.sqrt(numpy.prod(shape[1:]))).astype(numpy.float32), name)


image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 12, 12])
scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 4])
network = helper.make_model(
    helper.make_graph(
        [
            helper.make_node("Conv", ["image", "k1", "b1"], ["c1"], pads=[1, 1, 1, 1], name="c1"),
            helper.make_node("Relu", ["c1"], ["r1"]),
            helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("Conv", ["p1", "k2", "b2"], ["c2"], pads=[1, 1, 1, 1], group=8, name="c2"),
            helper.make_node("Relu", ["c2"], ["r2"]),
            helper.make_node("Add", ["r2", "p1"], ["s2"]),
            helper.make_node("Conv", ["s2", "k3", "b3"], ["c3"], name="c3"),
            helper.make_node("Sigmoid", ["c3"], ["g3"]),
            helper.make_node("Concat", ["g3", "p1"], ["t3"], axis=1),
            helper.make_node("GlobalAveragePool", ["t3"], ["p4"]),
            helper.make_node("Flatten", ["p4"], ["f4"]),
            helper.make_node("Gemm", ["f4", "w5", "b5"], ["scores"], transB=1, name="g5"),
        ],
        "small",
        [image],
        [scores],
        [
            weights("k1", 8, 3, 3, 3),
            weights("b1", 8),
            weights("k2", 8, 1, 3, 3),
            weights("b2", 8),
            weights("k3", 6, 8, 1, 1),
            weights("b3", 6),
            weights("w5", 4, 14),
            weights("b5", 4),
        ],
    ),
    opset_imports=[helper.make_opsetid("", 17)],
    ir_version=8,
)
images = random.normal(size=(16, 3, 12, 12)).astype(numpy.float32)


class Reader(CalibrationDataReader):
    def __init__(self):
        self.rows = iter({"image": images[i : i + 1]} for i in range(len(images)))

    def get_next(self):
        return next(self.rows, None)


folder = Path(tempfile.mkdtemp())
onnx.save(network, folder / "float.onnx")
for name, way in [
    ("quantised_qdq", {"quant_format": QuantFormat.QDQ, "per_channel": True, "activation_type": QuantType.QUInt8}),
    ("quantised_operators", {"quant_format": QuantFormat.QOperator, "activation_type": QuantType.QUInt8}),
]:
    quantize_static(folder / "float.onnx", folder / f"{name}.onnx", Reader(), weight_type=QuantType.QInt8, **way)
    keep(name, onnx.load(folder / f"{name}.onnx"), images[:3])
quantize_dynamic(folder / "float.onnx", folder / "dynamic.onnx", weight_type=QuantType.QUInt8)
keep("quantised_dynamic", onnx.load(folder / "dynamic.onnx"), images[:3])

# --- a reader of sequences

steps = helper.make_tensor_value_info("steps", TensorProto.FLOAT, ["batch", 6, 4])
last = helper.make_tensor_value_info("last", TensorProto.FLOAT, ["batch", 3])
reader = helper.make_model(
    helper.make_graph(
        [
            helper.make_node("Transpose", ["steps"], ["x"], perm=[1, 0, 2]),
            helper.make_node("LSTM", ["x", "w1", "r1", "b1"], ["y1"], hidden_size=5, direction="bidirectional"),
            helper.make_node("Transpose", ["y1"], ["t1"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", ["t1", "shape"], ["x2"]),
            helper.make_node(
                "GRU", ["x2", "w2", "r2", "b2"], ["", "h2"], hidden_size=3, linear_before_reset=1, direction="forward"
            ),
            helper.make_node("Squeeze", ["h2", "first"], ["last"]),
        ],
        "reader",
        [steps],
        [last],
        [
            weights("w1", 2, 20, 4),
            weights("r1", 2, 20, 5),
            weights("b1", 2, 40),
            weights("w2", 1, 9, 10),
            weights("r2", 1, 9, 3),
            weights("b2", 1, 18),
            numpy_helper.from_array(numpy.array([0, 0, -1], dtype=numpy.int64), "shape"),
            numpy_helper.from_array(numpy.array([0], dtype=numpy.int64), "first"),
        ],
    ),
    opset_imports=[helper.make_opsetid("", 17)],
    ir_version=8,
)
keep("recurrent", reader, random.normal(size=(3, 6, 4)).astype(numpy.float32))

# --- half an encoder layer, as onnxruntime's optimiser fuses it

rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["batch", 6, 8])
encoded = helper.make_tensor_value_info("encoded", TensorProto.FLOAT, ["batch", 6, 8])
ours = {"domain": "com.microsoft"}
encoder = helper.make_model(
    helper.make_graph(
        [
            helper.make_node("FusedMatMul", ["rows", "rows"], ["s"], transB=1, alpha=0.35, **ours),
            helper.make_node("Softmax", ["s"], ["p"], axis=-1),
            helper.make_node("MatMul", ["p", "rows"], ["a"]),
            helper.make_node("SkipLayerNormalization", ["rows", "a", "g", "b", "c"], ["n", "", "", "sum"], epsilon=1e-5, **ours),
            helper.make_node("MatMul", ["n", "w"], ["m"]),
            helper.make_node("BiasGelu", ["m", "d"], ["e"], **ours),
            helper.make_node("FastGelu", ["e", "d"], ["f"], **ours),
            helper.make_node("QuickGelu", ["f"], ["q"], alpha=1.5, **ours),
            helper.make_node("Gelu", ["q"], ["h"], **ours),
            helper.make_node("Add", ["h", "sum"], ["encoded"]),
        ],
        "encoder",
        [rows],
        [encoded],
        [weights("g", 8), weights("b", 8), weights("c", 8), weights("w", 8, 8), weights("d", 8)],
    ),
    opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
    ir_version=8,
)
keep("encoder_fused", encoder, random.normal(size=(3, 6, 8)).astype(numpy.float32))

out = Path(__file__).with_name("onnx_models.json.gz")
out.write_bytes(gzip.compress(json.dumps(models).encode(), mtime=0))
print(out.stat().st_size, list(models))
