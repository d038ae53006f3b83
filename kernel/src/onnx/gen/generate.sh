#!/usr/bin/env bash
# Makes onnx_pb.ts from onnx.proto (both are committed; run this only when one of the versions below changes).
# npm exec runs in the package's folder, so the paths are absolute.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
plugin='{"local":"protoc-gen-es","out":"'$here'","opt":["target=ts","import_extension=js"]}'
npm exec --yes --package=@bufbuild/buf@1.75.0 --package=@bufbuild/protoc-gen-es@2.17.0 -- \
  buf generate "$here" --template '{"version":"v2","plugins":['"$plugin"']}'
