# SPDX-License-Identifier: MIT
"""Figures in documents: the text between <!-- NAME --> and <!-- /NAME --> belongs to the tool that measures them."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent


def _pattern(name):
    return re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- /{re.escape(name)} -->)", re.S)


def read(path, name):
    """The block's text, or an error where the document has no such block."""
    found = _pattern(name).search((ROOT / path).read_text())
    if found is None:
        raise SystemExit(f"{path}: no block <!-- {name} --> ... <!-- /{name} -->")
    return found[0].split("\n", 1)[1].rsplit("<!-- /", 1)[0]


def write(path, name, text):
    """Replaces the block's text, which ends with a newline."""
    read(path, name)
    document = (ROOT / path).read_text()
    (ROOT / path).write_text(_pattern(name).sub(lambda m: m[1] + text + m[2], document))


def table(head, rows):
    """A Markdown table of strings."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
