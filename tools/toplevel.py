# SPDX-License-Identifier: MIT
"""C files as lists of top-level items, read by their layout.

The layout is the one that clang-format gives this repository: an item begins in column 0 and ends where its brackets are
closed. Knows enough of C to tell what an item defines and which identifiers it uses, and nothing of what they mean.
"""
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.S)
WORD = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")


class Branch:
    """One branch of a conditional group: #if, #elif or #else, and the comment above it."""

    def __init__(self, group, directive, comment, gap):
        self.group, self.directive, self.comment, self.gap = group, directive, comment, gap
        self.inner_gap = self.end_gap = False  # blank lines behind it, and before the group's #endif
        self.number = len(group)
        group.append(self)


class Item:
    """A definition, declaration, directive or free-standing comment, with the comment above it."""

    def __init__(self, place, lines, comment, gap, path):
        self.place, self.lines, self.comment, self.gap, self.path = place, lines, comment, gap, path
        self.kind, names, uses = classify(code_of("\n".join(lines)))
        self.name = lines[0].split(None, 1)[1] if self.kind == "include" else names[0] if names else None
        self.defines = set(names)
        self.uses = uses - self.defines
        for branch in path:
            self.uses.update(WORD.findall(branch.directive))


def code_of(text):
    """The text without its comments; its literals are empty ones."""
    return TOKEN.sub(lambda m: " " if m[0].startswith("/") else m[0][0] * 2, text)


def classify(code):
    """Kind of an item, the names it defines, the identifiers it uses."""
    uses = set(WORD.findall(code))
    flat = " ".join(code.split())
    if not flat:
        return "comment", [], set()
    if flat.startswith("#"):
        directive, *rest = flat[1:].split(None, 1)
        if directive == "define":
            return "macro", [re.match(r"\w+", rest[0])[0]], uses - {"define"}
        return directive, [], set()
    if re.match(r"[A-Z][A-Z0-9_]+\(", flat):
        return "function", [re.match(r"\w+\(\s*(\w+)", flat)[1]], uses
    constants = re.findall(r"[{,]\s*([A-Za-z_]\w*)", flat) if re.match(r"(typedef )?enum\b", flat) else []
    if flat.startswith("typedef"):
        if "{" in flat:
            return "type", [flat.rsplit("}", 1)[1].strip(" ;"), *constants], uses
        function = re.match(r"[^(]*?(\w+) ?\(", flat)
        return "type", [function[1] if function else re.findall(r"\w+", flat)[-1]], uses
    if re.match(r"(enum|struct|union)( \w+)? ?(\{.*\} ?)?;$", flat):
        tag = re.match(r"\w+ (\w+)", flat)
        return "type", constants or ([tag[1]] if tag else []), uses
    function = re.match(r"[^={]*?(\w+) ?\(", flat)
    if function:
        return "function" if "{" in flat else "prototype", [function[1]], uses
    variable = re.match(r".*?(\w+)(\[[^\]]*\])* ?(=|;)", flat)
    return "extern" if flat.startswith("extern") else "variable", [variable[1]], uses


def decide(expression, known):
    """Truth of a condition whose every name is known (a value, or None for not defined), else None."""
    def defined(match):
        return str(int(known[match[1]] is not None)) if match[1] in known else match[0]

    text = re.sub(r"defined\s*\(?\s*(\w+)\s*\)?", defined, expression)
    text = re.sub(r"\b[A-Za-z_]\w*\b", lambda m: str(known[m[0]] or 0) if m[0] in known else m[0], text)
    if re.search(r"[A-Za-z_]", text):
        return None
    return bool(eval(re.sub(r"!(?!=)", " not ", text.replace("&&", " and ").replace("||", " or ")), {}))


def condition_of(line):
    """The expression of an #if, #ifdef or #ifndef; None for any other line."""
    match = re.match(r"#\s*(if|ifdef|ifndef)\b\s*(.*)", line)
    if not match:
        return None
    return {"if": match[2], "ifdef": f"defined({match[2]})", "ifndef": f"!defined({match[2]})"}[match[1]]


def resolve(lines, known):
    """Takes away the conditionals that are decided by known names. lines: pairs of number and text."""
    out, stack = [], []  # per open conditional: decided?, its branch is taken, lines above are taken
    for number, line in lines:
        taken = all(s[1] for s in stack)
        condition = condition_of(line)
        if condition is not None:
            default = re.match(r"#\s*ifndef (\w+)", line)
            truth = decide(condition, known) if taken else None
            stack.append([truth is not None, truth is not False])
            if taken and default and known.get(default[1]) is not None:
                out.append((number, f"#define {default[1]} {known[default[1]]}"))
            elif truth is False:
                drop_comment(out)
            if truth is None and taken:
                out.append((number, line))
        elif re.match(r"#\s*(elif|else|endif)\b", line):
            decided = stack[-1][0]
            if decided and re.match(r"#\s*elif", line):
                raise SystemExit(f"line {number}: #elif behind a condition that is decided here")
            if line.startswith("#endif"):
                stack.pop()
            elif decided:
                stack[-1][1] = not stack[-1][1]
            if not decided and all(s[1] for s in stack):
                out.append((number, line))
        elif taken:
            out.append((number, line))
    return out


def drop_comment(out):
    """What it is about is taken away."""
    if out and out[-1][1].endswith("*/"):
        while not out.pop()[1].startswith("/*"):
            pass


def take(lines, start, done):
    """Lines from `start` up to the first for which done(text so far) holds."""
    for end in range(start, len(lines)):
        text = "\n".join(line for _, line in lines[start:end + 1])
        if done(text):
            return [line for _, line in lines[start:end + 1]]
    raise SystemExit(f"line {lines[start][0]}: no end of what begins here")


def item_complete(text):
    code = code_of(text).rstrip()
    depth = sum(code.count(c) for c in "({[") - sum(code.count(c) for c in ")}]")
    return depth == 0 and (code.endswith((";", "}")) or re.match(r"[A-Z][A-Z0-9_]+\(.*\)$", code, re.S) is not None)


def parse(name, text, known):
    """The file's first comment (without its SPDX line), and its items."""
    numbered = list(enumerate(text.splitlines(), 1))
    known = dict(known, __cplusplus=None)
    guard = re.search(r"^#ifndef (\w+_H)\n#define \1$", text, re.M)
    if guard:
        known[guard[1]] = None
        numbered = [pair for pair in numbered if pair[1] != f"#define {guard[1]}"]
    lines = resolve(numbered, known)
    head, items, path, comment, gap, at = None, [], (), [], False, 0

    def flush():
        nonlocal comment
        if comment:
            items.append(Item(place, comment, [], gap, path))
            comment = []

    while at < len(lines):
        number, line = lines[at]
        place = f"{name}:{number}"
        if not line:
            flush()
            gap = True
            at += 1
            continue
        if line.startswith("/*"):
            block = take(lines, at, lambda t: t.endswith("*/"))
            at += len(block)
            if "SPDX-License-Identifier" in line:
                continue
            if head is None:
                head = block
                continue
            comment += block
            continue
        if line.startswith("#"):
            block = take(lines, at, lambda t: not t.endswith("\\"))
        else:
            block = take(lines, at, item_complete)
        at += len(block)
        if condition_of(line) is not None:
            path += (Branch([], line, comment, gap),)
        elif re.match(r"#\s*(elif|else)\b", line):
            flush()
            path = path[:-1] + (Branch(path[-1].group, line, [], gap),)
        elif re.match(r"#\s*endif\b", line):
            flush()
            path[-1].group[0].end_gap = gap
            path = path[:-1]
        else:
            items.append(Item(place, block, comment, gap, path))
        comment, gap = [], False
    flush()
    return head or [], items
