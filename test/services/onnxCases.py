"""Writes ONNX's own test cases for operators as files: argument 1 is the folder. A file NAME.none stands for a value that is
no tensor (a sequence, an optional one)."""

import sys
import warnings
from pathlib import Path

import numpy
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")


def write(path, value):
    if not isinstance(value, TensorProto):
        try:
            value = numpy_helper.from_array(numpy.asarray(value))
        except (TypeError, ValueError, KeyError):
            path.with_suffix(".none").touch()
            return
    path.write_bytes(value.SerializeToString())


for case in collect_testcases(None):
    folder = Path(sys.argv[1]) / case.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    for kind, values in zip(("input", "output"), case.data_sets[0], strict=True):
        for number, value in enumerate(values):
            at = folder / f"{kind}_{number}.pb"
            if value is None or isinstance(value, list | dict):
                at.with_suffix(".none").touch()
            else:
                write(at, value)
