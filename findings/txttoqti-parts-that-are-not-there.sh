#!/usr/bin/env bash
# txttoqti@0.5.0 (PyPI, pinned below), quizzes from text to a package of QTI 2.1: the package refers to what is not in it. The test names a file for
# each question (`assessmentItemRef`), and none of them is packed; the manifest names the test alone. The questions stand behind each other within
# the test's own element, where the schema of QTI allows no item, so a reader that follows the references has a quiz of no questions. A limit of an
# hour is set, which nobody asked for: players are sent out after it.
#
# Seen with Python 3.11, for two questions:
#   packed | imsmanifest.xml | assessment.xml
#   the manifest names | assessment.xml | assessment.xml
#   the test names | q_1.xml | q_2.xml
#   in the test | timeLimits | testPart | assessmentItem | assessmentItem
#   time | 3600
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check txttoqti==0.5.0

cat >quiz.txt <<'TEXT'
Q1: What is 2 + 2?
A) 3
B) 4
ANSWER: B

Q2: What is the capital of Finland?
A) Helsinki
B) Turku
ANSWER: A
TEXT
cat >probe.py <<'PY'
import zipfile
from xml.etree import ElementTree

import txttoqti

txttoqti.quick_convert("quiz.txt", "quiz.zip")
package = zipfile.ZipFile("quiz.zip")
print("packed", *package.namelist(), sep=" | ")


def local(element):
    return element.tag.rpartition("}")[2]


manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
print("the manifest names", *(it.get("href") for it in manifest.iter() if it.get("href")), sep=" | ")
test = ElementTree.fromstring(package.read("assessment.xml"))
print("the test names", *(it.get("href") for it in test.iter() if it.get("href")), sep=" | ")
print("in the test", *(local(it) for it in test), sep=" | ")
print("time", *(it.get("maxTime") for it in test if local(it) == "timeLimits"), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
packed | imsmanifest.xml | assessment.xml
the manifest names | assessment.xml | assessment.xml
the test names | q_1.xml | q_2.xml
in the test | timeLimits | testPart | assessmentItem | assessmentItem
time | 3600
TEXT
echo "as described: the files that the test refers to are not in the package"
