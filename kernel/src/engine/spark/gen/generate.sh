#!/usr/bin/env bash
# Makes the TypeScript in this folder (or in the folder named as the argument) from proto/, which is unchanged from the
# jar spark-connect_2.13-4.3.0 in PyPI's `pyspark` 4.3.0. Both are committed; run this only when a version changes.
# npm exec runs in the package's folder, so the paths are absolute.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
plugin='{"local":"protoc-gen-es","out":"'$out'","opt":["target=ts","import_extension=js"]}'
npm exec --yes --package=@bufbuild/buf@1.75.0 --package=@bufbuild/protoc-gen-es@2.17.0 -- \
  buf generate "$here/proto" --template '{"version":"v2","plugins":['"$plugin"']}'
