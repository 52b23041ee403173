"""What scripts/test says at its end: the slowest tests, the seconds of its parts, and the tests that were not run.

    test_report.py --junit FILE .. [--skips FILE] [--ignored FILE] [--parts FILE] [--slowest N]

--junit    what cargo-nextest writes of one workspace; may be given again
--skips    what the tests have written to the file that ESP_HTTPS_TEST_SKIPS names: `test` or `part`, name, reason, with tabs
           between them
--ignored  the tests with #[ignore], as `cargo-nextest list` prints them, a line each
--parts    seconds and name of each part of the run, with a tab between them

The exit code is 1 where a test was not run and the variable CI is `true`, and 2 where a file can't be read.
"""

import argparse
import os
import sys
import xml.etree.ElementTree as ElementTree


def rows(path, columns):
    """The lines of a file with tabs between their columns; none where no file is named."""
    if path is None:
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip()]
    return [tuple(line.split("\t", columns - 1)) for line in lines]


def tests_in(path):
    """Seconds, name and whether it failed, of each test in a JUnit file."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        failed = any(case.find(kind) is not None for kind in ("failure", "error"))
        yield float(case.get("time", 0)), f"{case.get('classname')} {case.get('name')}", failed


def report(words):
    tests = [test for path in words.junit for test in tests_in(path)]
    skips = sorted(set(rows(words.skips, 3)))
    not_run = [row for row in skips if row[0] == "test"]
    not_run += [("ignored", row[0], "#[ignore]") for row in rows(words.ignored, 1)]
    parts = [row for row in skips if row[0] == "part"]
    timed = rows(words.parts, 2)
    if timed:
        print("seconds of each part")
        for seconds, name in timed:
            print(f"  {int(seconds):6}  {name}")
    print(f"the {min(words.slowest, len(tests))} slowest tests, in seconds")
    for seconds, name, _ in sorted(tests, reverse=True)[: words.slowest]:
        print(f"  {seconds:6.1f}  {name}")
    if not_run or parts:
        print("not run")
        for kind, name, reason in not_run + parts:
            print(f"  {kind:7} {name}: {reason}")
    failed = sum(failed for _, _, failed in tests)
    # A test may miss two tools, and has a row for each.
    skipped = len({name for kind, name, _ in not_run if kind == "test"})
    ignored = len({name for kind, name, _ in not_run if kind == "ignored"})
    passed = len(tests) - failed - skipped
    print(f"tests: {passed} passed, {failed} failed, {skipped} skipped, {ignored} ignored, {len(parts)} run in part")
    if not_run and os.environ.get("CI") == "true":
        print("error: under CI=true every test has to be run", file=sys.stderr)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description="What scripts/test says at its end.")
    parser.add_argument("--junit", action="append", required=True)
    parser.add_argument("--skips")
    parser.add_argument("--ignored")
    parser.add_argument("--parts")
    parser.add_argument("--slowest", type=int, default=10)
    try:
        return report(parser.parse_args())
    except (OSError, ElementTree.ParseError) as error:
        print(f"error: reading the results of the tests\n  {error}", file=sys.stderr)
        return 2


sys.exit(main())
