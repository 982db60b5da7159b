#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""size.py on small inputs: which members count, how deep a chain of calls is, when a change is refused."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import size  # noqa: E402


def call_graph(text, md5=(144, 168)):
    with tempfile.TemporaryDirectory() as folder:
        room = pathlib.Path(folder) / "src" / "netx"
        room.mkdir(parents=True)
        (room / "a.c.ci").write_text(text)
        return size.CallGraph(pathlib.Path(folder), [("netx", "a.c.obj")], md5)


def node(name, octets, kind="static"):
    return f'node: {{ title: "{name}" label: "{name}\\na.c:1:1\\n{octets} bytes ({kind})" }}\n'


def edge(source, target):
    return f'edge: {{ sourcename: "{source}" targetname: "{target}" label: "a.c:2:2" }}\n'


class Members(unittest.TestCase):
    def test_only_what_the_linker_takes(self):
        objects = object.__new__(size.Objects)
        objects.defines = {"service": "s.o", "helper": "h.o", "unused": "u.o"}
        objects.needs = {"s.o": {"helper", "memcpy"}, "h.o": {"service"}, "u.o": {"helper"}}
        self.assertEqual(objects.behind({"service"}), {"s.o", "h.o"})


class Stack(unittest.TestCase):
    def test_deepest_chain(self):
        graph = call_graph(node("top", 8) + node("a.c:flat", 100) + node("a.c:deep", 40) + node("a.c:leaf", 80)
                           + edge("top", "a.c:flat") + edge("top", "a.c:deep") + edge("a.c:deep", "a.c:leaf")
                           + edge("a.c:flat", "memcpy"))
        self.assertEqual(graph.depth("top"), (128, ("top", "a.c:deep", "a.c:leaf")))

    def test_call_through_a_known_pointer(self):
        digest = node("pop3_apop_digest", 8) + edge("pop3_apop_digest", "__indirect_call")
        graph = call_graph(digest + node("a.c:md5", 24) + edge("a.c:md5", "_nx_md5_update") + node("a.c:other", 400))
        self.assertEqual(graph.depth("pop3_apop_digest")[0], 8 + 24 + 144)
        self.assertEqual(call_graph(digest).depth("pop3_apop_digest")[0], 8)

    def test_call_through_an_unknown_pointer_is_an_error_where_it_is_reached(self):
        graph = call_graph(node("top", 8) + edge("top", "below") + node("below", 8) + edge("below", "__indirect_call")
                           + node("beside", 16))
        self.assertRaises(SystemExit, graph.depth, "top")
        self.assertEqual(graph.depth("beside")[0], 16)

    def test_recursion_is_an_error(self):
        graph = call_graph(node("top", 8) + edge("top", "top"))
        self.assertRaises(SystemExit, graph.depth, "top")

    def test_a_frame_of_variable_size_is_an_error(self):
        self.assertRaises(SystemExit, call_graph, node("top", 8, "dynamic"))


class Gates(unittest.TestCase):
    good = {"text": 3000, "pair": 2900, "block": 500, "stack": 500, "pair_stack": 400, "n50": 300, "gcc": "12.2.1"}
    record = {figure: str(value) for figure, value in good.items()}

    def test_bars(self):
        self.assertEqual(size.broken_bars("cortex-m4", self.good), [])
        for figure, value in (("text", 3701), ("pair", 3301), ("block", 577), ("stack", 625), ("n50", 401)):
            self.assertEqual(len(size.broken_bars("cortex-m4", {**self.good, figure: value})), 1)

    def test_drift(self):
        self.assertEqual(size.drift("cortex-m4", {**self.good, "text": 3060}, self.record), [])
        self.assertEqual(len(size.drift("cortex-m4", {**self.good, "text": 3061}, self.record)), 1)
        self.assertEqual(len(size.drift("cortex-m4", {**self.good, "text": 2939}, self.record)), 1)
        self.assertEqual(len(size.drift("cortex-m4", self.good, None)), 1)

    def test_a_figure_that_was_never_recorded(self):
        record = {figure: value for figure, value in self.record.items() if figure != "pair"}
        self.assertEqual(len(size.drift("cortex-m4", self.good, record)), 1)

    def test_another_compiler_is_not_compared(self):
        self.assertEqual(size.drift("cortex-m4", {**self.good, "text": 3600, "gcc": "13.1.0"}, self.record), [])


if __name__ == "__main__":
    unittest.main()
