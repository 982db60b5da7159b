#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py NM ARCHIVE all|documented|engine: fails unless the archive defines exactly the global symbols that it may: the
services in both their twins, or what the engine's headers declare. Knows nothing of how the files were made."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))
import size  # noqa: E402


def declared():
    """The engine's public functions, as the headers of the rooms name them."""
    names = set()
    for path in ("include/satchel/pop3_engine.h", "include/satchel/pop3_digest.h"):
        text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(), flags=re.S)
        names |= set(re.findall(r"^(?!static|typedef)\w[^;{}]*?\b(pop3_\w+)\([^;{}]*\);", text, re.M))
    return names


def main():
    nm, archive, which = sys.argv[1:]
    wanted = {"all": size.SERVICES | size.SERVICES_N50, "documented": size.SERVICES, "engine": declared()}[which]
    listing = subprocess.run([nm, "-g", "--defined-only", archive], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {name for name in re.findall(r"^[0-9a-f]+ [A-Za-z] (\S+)$", listing, re.M)
             if not re.match(r"__(odr_)?asan|__sanitizer|__odr", name)}
    for name in sorted(found - wanted):
        print(f"{archive}: defines {name}")
    for name in sorted(wanted - found):
        print(f"{archive}: does not define {name}")
    return 0 if found == wanted and len(wanted) > 15 else 1


if __name__ == "__main__":
    sys.exit(main())
