"""The PyPI suite jupyter_kernel_test on our kernel: every sample it offers for a kernel that has no pager."""

import unittest

import jupyter_kernel_test as jkt


class ShardlabTests(jkt.KernelTests):
    kernel_name = "shardlab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'
    completion_samples = [
        {"text": "[1, 2, 3].forEac", "matches": {"forEach"}},
        {"text": "Math.cbr", "matches": {"cbrt"}},
        {"text": "/* 🎉 */ JSON.stringif", "matches": {"stringify"}},
    ]
    complete_code_samples = ["1", "const x: number = 1", "function f(x: number) {\n  return x * 2\n}", "`a ${1}`"]
    incomplete_code_samples = ["function f(x: number) {", "const s = `open", "f(1,", "[1, 2"]
    invalid_code_samples = ["let = = 3 )", "}", "import 7"]
    code_generate_error = 'throw new Error("as asked")'
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[n => n * n].map(f => f(9))", "result": "[ 81 ]"},
        {"code": '"a" + "b"', "result": "'ab'"},
        {"code": "1 + 2 + 3 + 4", "result": "10"},
    ]
    code_display_data = [
        {"code": 'display({ "text/html": "<b>bold</b>", "text/plain": "bold" })', "mime": "text/html"},
        {"code": "display([1, 2])", "mime": "text/plain"},
    ]
    code_history_pattern = "1 + ? + 3 + *"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = 'import { clearOutput } from "shardlab"\nclearOutput()'

    def test_stdin(self):
        self.flush_channels()
        msg_id = self.kc.execute('const line = await input("name? ")\nline + prompt("again? ")', allow_stdin=True)
        for prompt, value in (("name? ", "a"), ("again? ", "b")):
            request = self.kc.get_stdin_msg(timeout=jkt.TIMEOUT)
            # Not validate_message: its schema has `password` as a number, the protocol as a boolean.
            self.assertEqual(request["header"]["msg_type"], "input_request")
            self.assertEqual(request["parent_header"]["msg_id"], msg_id)
            self.assertEqual(request["content"], {"prompt": prompt, "password": False})
            self.kc.input(value)
        reply = self.get_non_kernel_info_reply(timeout=jkt.TIMEOUT)
        self.assertEqual(reply["content"]["status"], "ok")

    def test_comm_info(self):
        self.flush_channels()
        msg_id = self.kc.comm_info()
        reply = self.get_non_kernel_info_reply(timeout=jkt.TIMEOUT)
        jkt.validate_message(reply, "comm_info_reply", msg_id)
        self.assertEqual(reply["content"]["comms"], {})


class ShardlabWelcomeTests(jkt.IopubWelcomeTests):
    kernel_name = "shardlab"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
