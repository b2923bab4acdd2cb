#!/usr/bin/env bash
# pyilpp@0.1.0 (PyPI, pinned below), a parser of InfluxDB's line protocol: two lines without a timestamp are none. `parse` answers with an empty
# list, and raises nothing. A timestamp is optional in the protocol (the server then takes its own time), and one such line alone is read. Among
# others, a line without one ends what is read: it and all behind it are gone. So does a number that begins with its point, .5, which InfluxDB takes.
# Of a thousand lines that one request brings, one is enough.
# line-protocol-parser@2.0.1 (PyPI) reads each of these lines.
#
# Seen with Python 3.11:
#   'm f=1 1\nm f=2 2' | [1.0, 2.0] | [1.0, 2.0]
#   'm f=1' | [1.0] | [1.0]
#   'm f=1\nm f=2' | [] | [1.0, 2.0]
#   'm f=1 1\nm f=2\nm f=3 3' | [1.0] | [1.0, 2.0, 3.0]
#   'm f=1 1\nm f=.5 2\nm f=3 3' | [1.0] | [1.0, 0.5, 3.0]
#   'm f=1 1\n\nm f=3 3' | [1.0, 3.0] | [1.0, 3.0]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyilpp==0.1.0 line-protocol-parser==2.0.1

cat >probe.py <<'PY'
import pyilpp
from line_protocol_parser import parse_line

for text in [
    "m f=1 1\nm f=2 2",
    "m f=1",
    "m f=1\nm f=2",
    "m f=1 1\nm f=2\nm f=3 3",
    "m f=1 1\nm f=.5 2\nm f=3 3",
    "m f=1 1\n\nm f=3 3",
]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    print(repr(text), [it["fields"]["f"] for it in pyilpp.parse(text)], [parse_line(line)["fields"]["f"] for line in lines], sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
'm f=1 1\nm f=2 2' | [1.0, 2.0] | [1.0, 2.0]
'm f=1' | [1.0] | [1.0]
'm f=1\nm f=2' | [] | [1.0, 2.0]
'm f=1 1\nm f=2\nm f=3 3' | [1.0] | [1.0, 2.0, 3.0]
'm f=1 1\nm f=.5 2\nm f=3 3' | [1.0] | [1.0, 0.5, 3.0]
'm f=1 1\n\nm f=3 3' | [1.0, 3.0] | [1.0, 3.0]
TEXT
echo "as described: two lines without a timestamp are read as none"
