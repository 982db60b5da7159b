#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fuzz targets of a build with libFuzzer.
fuzz.py run BUILD SECONDS JOBS [--update]   each target for SECONDS, JOBS at a time; --update writes docs/proof.md
fuzz.py corpus BUILD                        tests/fuzz/corpus anew: the least of it and of what runs found (they keep it in
                                            BUILD/corpus) that covers all the code beyond what the transcripts cover"""
import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile

import docblock

FUZZ = docblock.ROOT / "tests" / "fuzz"
CORPUS = FUZZ / "corpus"
SHORT = ("engine_splits", "netx_packets")  # what lines of any length do is engine_differential's; these are to be fast
DONE = re.compile(r"^#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+) corp: (\d+)/.* exec/s: (\d+)", re.M)
HEAD = ("target", "executions", "a second", "inputs kept", "edges", "features")


def seeds(build):
    """What the transcripts say, for each target. Returns the folder; it names the targets."""
    folder = build / "seeds"
    subprocess.run([sys.executable, FUZZ / "make_corpus.py", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def program(build, name):
    return build / "fuzzers" / f"fuzz_{name}"


def dictionary(build, name):
    """The target's own, or that of the verb table."""
    own = FUZZ / f"{name}.dict"
    return own if own.exists() else build / "fuzzers" / "pop3.dict"


def fuzz(build, name, seconds, cpus):
    """Runs one target on one processor, where threads that take turns need not wait for another to wake up."""
    found, log = build / "corpus" / name, build / f"fuzz_{name}.log"
    found.mkdir(parents=True, exist_ok=True)
    cpu = cpus.get()
    command = [program(build, name), f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048",
               f"-dict={dictionary(build, name)}", f"-artifact_prefix={build}/crashes/{name}-", found, build / "seeds" / name, CORPUS / name]
    if name in SHORT:
        command.insert(1, "-max_len=1024")
    with log.open("w") as out:
        status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                preexec_fn=lambda: os.sched_setaffinity(0, {cpu})).returncode
    cpus.put(cpu)
    done = DONE.search(log.read_text(errors="replace"))
    return name, log, done if status == 0 else None


def show_failure(build, name, log):
    print("\n".join(log.read_text(errors="replace").splitlines()[-40:]))
    print(f"fuzz: {name}: FAILED. Its last words are above, all of them in {log}. To see it again:")
    for kept in sorted((build / "crashes").glob(f"{name}-*")):
        print(f"    {program(build, name)} {kept}")


def run(build, seconds, jobs, update):
    (build / "crashes").mkdir(exist_ok=True)
    cpus = queue.SimpleQueue()
    available = sorted(os.sched_getaffinity(0))
    for job in range(jobs):
        cpus.put(available[job % len(available)])
    rows, failed = [], []
    names = sorted(os.listdir(seeds(build)))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(fuzz, build, name, seconds, cpus) for name in names]
        for future in concurrent.futures.as_completed(running):
            name, log, done = future.result()
            if done is None:
                failed.append(name)
                show_failure(build, name, log)
            else:
                units, edges, features, inputs, rate = (int(n) for n in done.groups())
                rows.append((name, f"{units:,}", f"{rate:,}", f"{inputs:,}", f"{edges:,}", f"{features:,}"))
    text = docblock.table(HEAD, sorted(rows)) + f"\nEach target for {seconds:,} s on one processor, under ASan and UBSan.\n"
    print(text, end="")
    if failed:
        sys.exit(f"fuzz: FAILED: {', '.join(sorted(failed))}")
    print(f"fuzz: no failure in {len(rows)} targets")
    if update:
        docblock.write("docs/proof.md", "fuzz", text)


def merge(build, name):
    """Takes the place of the target's folder; a file is named by what it contains."""
    with tempfile.TemporaryDirectory() as least:
        shutil.copytree(build / "seeds" / name, least, dirs_exist_ok=True)
        covered = set(os.listdir(least))
        sources = [folder for folder in (CORPUS / name, build / "corpus" / name) if folder.is_dir()]
        subprocess.run([program(build, name), "-merge=1", "-use_counters=0",
                        f"-artifact_prefix={build}/crashes/{name}-", least, *sources], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        failed = sorted((build / "crashes").glob(f"{name}-*"))
        if failed:
            sys.exit(f"fuzz: {name}: an input fails: {program(build, name)} {failed[0]}")
        files = [pathlib.Path(least, file) for file in sorted(set(os.listdir(least)) - covered)]
        shutil.rmtree(CORPUS / name, ignore_errors=True)
        (CORPUS / name).mkdir()
        for file in files:
            shutil.copyfile(file, CORPUS / name / file.name[:16])
    print(f"{name}: {len(files)} files, {sum(file.stat().st_size for file in (CORPUS / name).iterdir()):,} octets")


def corpus(build):
    (build / "crashes").mkdir(exist_ok=True)
    for name in sorted(os.listdir(seeds(build))):
        merge(build, name)


def main():
    action, build, *rest = sys.argv[1:]
    if action == "run":
        run(pathlib.Path(build), int(rest[0]), int(rest[1]), "--update" in rest)
    elif action == "corpus":
        corpus(pathlib.Path(build))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
