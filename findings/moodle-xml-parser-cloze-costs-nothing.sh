#!/usr/bin/env bash
# moodle-xml-parser@0.3.1 (PyPI, pinned below), "extracting all the information about various type of questions (for now multichoice and cloze
# types)": of a cloze question, which has its answers within its text, some have other marks than in Moodle, without an error.
# - Shares with a minus or a point, %-50% and %33.5%, as Moodle has them for answers that cost something or are right in part, are part of the
#   answer's text, which is worth 0.
# - An escaped character (`\~`, `\}`), as Moodle asks for where one stands in an answer, divides the answer or ends the gap. What is behind it is
#   lost.
# - A gap without a weight, which means 1, and one whose answers are to be shuffled (MULTICHOICE_S) are of the type UNKNOWN, and no answer is right.
#   So is the tolerance of a number part of its text.
#
# Seen with Python 3.11, a gap, its type and its answers with their marks:
#   {1:MULTICHOICE:=right~%50%half~wrong} | MULTICHOICE | right 100 | half 50 | wrong 0
#   {1:MULTICHOICE:=right~%33.5%third~%-50%wrong} | MULTICHOICE | right 100 | %33.5%third 0 | %-50%wrong 0
#   {1:SHORTANSWER:=about \~5} | SHORTANSWER | about \ 100 | 5 0
#   {1:SHORTANSWER:={a\}} | SHORTANSWER | {a\ 100
#   {:SHORTANSWER:=Paris} | UNKNOWN | :SHORTANSWER:=Paris 0
#   {1:MULTICHOICE_S:=right~wrong} | UNKNOWN | 1:MULTICHOICE_S:=right 0 | wrong 0
#   {2:NUMERICAL:=3.14:0.01} | NUMERICAL | 3.14:0.01 100
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check moodle-xml-parser==0.3.1

cat >probe.py <<'PY'
from moodle_xml_parser.parser import parse_string

QUESTION = '<quiz><question type="cloze"><name><text>Gap</text></name><questiontext format="html"><text><![CDATA[{}]]></text></questiontext></question></quiz>'
for gap in [
    "{1:MULTICHOICE:=right~%50%half~wrong}",
    "{1:MULTICHOICE:=right~%33.5%third~%-50%wrong}",
    r"{1:SHORTANSWER:=about \~5}",
    r"{1:SHORTANSWER:={a\}}",
    "{:SHORTANSWER:=Paris}",
    "{1:MULTICHOICE_S:=right~wrong}",
    "{2:NUMERICAL:=3.14:0.01}",
]:
    (question,) = parse_string(QUESTION.format(gap))["cloze"]
    print(gap, *(it.sub_type for it in question.gaps), *(f"{it.answer} {it.score}" for each in question.gaps for it in each.options), sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
{1:MULTICHOICE:=right~%50%half~wrong} | MULTICHOICE | right 100 | half 50 | wrong 0
{1:MULTICHOICE:=right~%33.5%third~%-50%wrong} | MULTICHOICE | right 100 | %33.5%third 0 | %-50%wrong 0
{1:SHORTANSWER:=about \~5} | SHORTANSWER | about \ 100 | 5 0
{1:SHORTANSWER:={a\}} | SHORTANSWER | {a\ 100
{:SHORTANSWER:=Paris} | UNKNOWN | :SHORTANSWER:=Paris 0
{1:MULTICHOICE_S:=right~wrong} | UNKNOWN | 1:MULTICHOICE_S:=right 0 | wrong 0
{2:NUMERICAL:=3.14:0.01} | NUMERICAL | 3.14:0.01 100
TEXT
echo "as described: a share with a minus or a point is part of the answer"
