#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Documents that cannot rot unseen: `documents.py [ROOT]` checks every Markdown file of the tree.

Links to files and to headings lead somewhere. A code block behind <!-- excerpt FILE --> holds lines of that file, in
their order; a line `...` stands for what is left out, and what follows two slashes is the document's. A translation
(x.ru.md beside x.md) that marks its headings with the original's anchors has the same sections, with the same
identifiers and as many rows of tables in each. docs/README.md names every document.
"""
import collections
import pathlib
import re
import sys

FENCE = re.compile(r"^```.*?^```$", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
EXCERPT = re.compile(r"^<!-- excerpt (\S+) -->\n```\w*\n(.*?)^```$", re.S | re.M)
SECTION = re.compile(r'^<a id="([^"]+)"></a>\n(?=#)|^#+ (.+)$', re.M)


def slug(heading):
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(text):
    text = FENCE.sub("", text)
    found = re.findall(r'<a id="([^"]+)">', text)
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        plain = LINK.sub(lambda link: link[0][1:].split("]")[0], heading)
        same = sum(anchor == slug(plain) or re.fullmatch(re.escape(slug(plain)) + r"-\d+", anchor) is not None
                   for anchor in found)
        found.append(f"{slug(plain)}-{same}" if same else slug(plain))
    return found


def broken_links(path):
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text()))
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            yield f"there is no {target}"
        elif anchor and (file.suffix != ".md" or anchor not in anchors(file.read_text())):
            yield f"{target}: there is no such heading"


def broken_excerpts(root, path):
    for name, block in EXCERPT.findall(path.read_text()):
        if not (root / name).is_file():
            yield f"excerpt of {name}, which does not exist"
            continue
        lines = iter([line.strip() for line in (root / name).read_text().splitlines()])
        for line in block.splitlines():
            line = line.split("  // ")[0].strip()
            # `in` goes on where the last line was found.
            if line not in ("", "...") and line not in lines:
                yield f"not in {name}, or not there: {line}"
                break


def sections(text):
    """Of every section but the title's, by anchor: the identifiers in it, and how many rows its tables have."""
    found, anchor = {}, None
    parts = SECTION.split(FENCE.sub("", text))
    for mark, heading, body in zip(parts[1::3], parts[2::3], parts[3::3]):
        if mark:
            anchor = mark
            continue
        content = collections.Counter(re.findall(r"`([^`\n]+)`", body))
        content["rows"] = len(re.findall(r"^\|", body, re.M))
        found[anchor or slug(heading)] = content
        anchor = None
    return dict(list(found.items())[1:])


def untrue_translation(path):
    original = path.with_name(path.name.replace(".ru.md", ".md"))
    if '<a id="' not in path.read_text() or not original.exists():
        return
    ours, theirs = sections(path.read_text()), sections(original.read_text())
    if list(ours) != list(theirs):
        yield f"other sections than {original.name}: {' '.join(sorted(set(ours) ^ set(theirs)))}"
        return
    for anchor, content in theirs.items():
        lacking, extra = content - ours[anchor], ours[anchor] - content
        if lacking or extra:
            yield f"#{anchor} is not as in {original.name}: lacks {dict(lacking)}, has besides {dict(extra)}"


def unlisted(path):
    """Documents that the index beside them does not name."""
    named = LINK.findall(path.read_text())
    for document in sorted(path.parent.glob("*.md")):
        if document != path and document.name not in named:
            yield f"does not name {document.name}"


def documents(root):
    folders = ("docs", "src", "tests", "examples", "firmware", "bench", "tools")
    return sorted(root.glob("*.md")) + [path for folder in folders for path in sorted((root / folder).rglob("*.md"))]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    complaints = []
    for path in documents(root):
        found = [*broken_links(path), *broken_excerpts(root, path)]
        if path.name.endswith(".ru.md"):
            found += untrue_translation(path)
        if path == root / "docs" / "README.md":
            found += unlisted(path)
        complaints += [f"{path.relative_to(root)}: {complaint}" for complaint in found]
    print("".join(complaint + "\n" for complaint in complaints), end="")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
