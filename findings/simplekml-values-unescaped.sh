#!/usr/bin/env bash
# simplekml@1.3.6 (PyPI, pinned below): the text of a name, a description and a display name is escaped, that of an address, of a value in
# ExtendedData and of SimpleData is not. A value such as "A & B" makes `kml()` fail while it indents, and `kml(format=False)` write a
# file that is no XML.
#
# Seen with Python 3.11:
#   text of | kml() | kml(format=False) is XML
#   name | True | True
#   description | True | True
#   display_name | True | True
#   address | False | False
#   value | False | False
#   simple_data | False | False
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check simplekml==1.3.6

cat >probe.py <<'PY'
from xml.dom.minidom import parseString
from xml.parsers.expat import ExpatError

import simplekml


def name(place):
    place.name = "A & B"


def description(place):
    place.description = "A & B"


def display_name(place):
    place.extendeddata.newdata("line", "1", "A & B")


def address(place):
    place.address = "A & B"


def value(place):
    place.extendeddata.newdata("line", "A & B")


def simple_data(place):
    place.extendeddata.schemadata.newsimpledata("line", "A & B")


def made(work):
    try:
        work()
        return True
    except ExpatError:
        return False


print("text of | kml() | kml(format=False) is XML")
for tell in [name, description, display_name, address, value, simple_data]:
    file = simplekml.Kml()
    tell(file.newpoint(coords=[(1, 2)]))
    print(tell.__name__, made(file.kml), made(lambda: parseString(file.kml(format=False))), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
text of | kml() | kml(format=False) is XML
name | True | True
description | True | True
display_name | True | True
address | False | False
value | False | False
simple_data | False | False
TEXT
echo "as described: names are escaped, addresses and values are not"
