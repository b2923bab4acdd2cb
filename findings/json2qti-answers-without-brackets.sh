#!/usr/bin/env bash
# json2qti@1.3.0 (PyPI, pinned below), quizzes in JSON to QTI 1.2 as Canvas reads it: what stands in angle brackets is gone. A text of QTI that says
# `text/html` is HTML inside of XML, so a bracket that is to be seen has to be written for both. It is written for XML alone, and is
# markup for who shows it: of the answers List<int> and List<str> both are "List", and one of them is right.
# - Text between backticks becomes an element of the XML, not of the HTML in it. A text has no elements there in QTI 1.2; who takes the text of
#   `mattext` up to its first element has half of the question.
# - Two questions with the same text are one: they are the keys of a JSON object.
#
# Seen on 2026-11-30 with Python 3.11; what was written, and what a page shows of it:
#   Which type has `[1]`? | Which type has [1]? | up to the first element: Which type has
#   List<int> | List
#   List<str> | List
#   a &lt; b | a < b
#   questions 2, with the same text | 1
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check json2qti==1.3.0

cat >probe.py <<'PY'
import json
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree


def page(html):
    parts = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = parts.append
    parser.feed(html)
    parser.close()
    return "".join(parts).strip()


def texts(source):
    Path("quiz.json").write_text(source)
    done = [sys.executable, "-m", "json2qti", "quiz.json"]
    subprocess.run(done, check=True, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile("quiz.zip") as archive:
        [name] = (name for name in archive.namelist() if "meta" not in name)
        root = ElementTree.fromstring(archive.read(name))
    return [element for element in root.iter() if element.tag.endswith("}mattext")]


question = "Which type has `[1]`?"
answers = ["List<int>", "List<str>", "a &lt; b"]
first, *others = texts(json.dumps({"quiz": {question: answers}}))
whole = page("".join(first.itertext()))
print(question, whole, f"up to the first element: {page(first.text)}", sep=" | ")
shown = sorted(page("".join(element.itertext())) for element in others)
for answer, seen in zip(answers, shown, strict=True):  # the order of the answers is by chance
    print(answer, seen, sep=" | ")
twice = '{"quiz": {"How many?": ["1", "2"], "How many?": ["3", "4"], "Other?": ["5"]}}'
count = sum(page("".join(element.itertext())) == "How many?" for element in texts(twice))
print("questions 2, with the same text", count, sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Which type has `[1]`? | Which type has [1]? | up to the first element: Which type has
List<int> | List
List<str> | List
a &lt; b | a < b
questions 2, with the same text | 1
TEXT
echo "as described: what stands in angle brackets is gone"
