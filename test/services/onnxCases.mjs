// ONNX's own test cases, made once by the PyPI package `onnx` in an environment of their own below .services: the wheel
// carries the programs that make them, not the files.
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { installOnce, run, servicesFolder } from "./service.mjs"

const packages = ["onnx==1.23.2", "numpy==2.4.6"]

/** @returns {string} the folder with a folder a case */
export function onnxCases() {
  const folder = join(servicesFolder, "onnx")
  const [venv, cases] = [join(folder, "venv"), join(folder, "cases")]
  mkdirSync(folder, { recursive: true })
  installOnce(join(folder, "current"), packages.join(), () => {
    if (!existsSync(join(venv, "bin/python"))) run("python3", ["-m", "venv", venv])
    run(join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", ...packages])
    rmSync(cases, { recursive: true, force: true })
    run(join(venv, "bin/python"), [join(import.meta.dirname, "onnxCases.py"), cases])
  })
  return cases
}
