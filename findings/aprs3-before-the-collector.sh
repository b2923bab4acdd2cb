#!/usr/bin/env bash
# aprs3@8.0.0.post1 (PyPI, pinned below, with attrs@26.1.0): whether a frame can be read depends on whether Python's garbage collector has run since
# the import. Of each class of report there are two for a while, the one that was written and the one that attrs made of it, and the first is
# asked: "unexpected keyword argument". The choice is remembered, so that a program whose first position came too soon reads
# no position until it ends, while another start of the same program reads all. `gc.collect()` behind the import helps.
#
# Seen with Python 3.11, the collector held back as it may be by chance:
#   before, a position | InformationField.__init__() got an unexpected keyword argument 'timestamp'
#   before, a message | InformationField.__init__() got an unexpected keyword argument 'text'
#   collected since, a position | InformationField.__init__() got an unexpected keyword argument 'timestamp'
#   collected since, a message | InformationField.__init__() got an unexpected keyword argument 'text'
#   collected before the first, a position | PositionReport
#   collected before the first, a message | Message
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aprs3==8.0.0.post1 ax253==0.1.5.post1 kiss3==8.0.0 attrs==26.1.0

cat >probe.py <<'PY'
import gc
import sys

gc.disable()

from aprs import APRSFrame  # noqa: E402


def show(when):
    for what, text in [("a position", "!3015.60N/09744.40W>"), ("a message", ":N1CALL   :Hello")]:
        try:
            read = type(APRSFrame.from_str(f"N0CALL-9>APRS:{text}").info).__name__
        except TypeError as error:
            read = error
        print(f"{when}, {what}", read, sep=" | ")


if sys.argv[1] == "soon":
    show("before")
    gc.collect()
    show("collected since")
else:
    gc.collect()
    show("collected before the first")
PY
{ env/bin/python probe.py soon; env/bin/python probe.py late; } 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
before, a position | InformationField.__init__() got an unexpected keyword argument 'timestamp'
before, a message | InformationField.__init__() got an unexpected keyword argument 'text'
collected since, a position | InformationField.__init__() got an unexpected keyword argument 'timestamp'
collected since, a message | InformationField.__init__() got an unexpected keyword argument 'text'
collected before the first, a position | PositionReport
collected before the first, a message | Message
TEXT
echo "as described: frames can be read once the garbage collector has run, and not before"
