#!/usr/bin/env bash
# pygiftparserrgmf@0.0.5 (PyPI, pinned below), a parser of GIFT, in which Moodle keeps quizzes: a share with a point is none. %33.33333% is how GIFT
# writes a third (Moodle's documentation, "GIFT format"), for questions of which each right answer counts a third: here such an answer counts nothing,
# and its text begins with %33.33333%, which players see. Of three right answers all are wrong; whole shares are right.
# - A backslash before a sign of GIFT is taken off in a question and left in an answer: "a = b" is "a \\= b" there. [html] or [markdown] is a part of
#   the text.
# - In a question of true and false what is said to a wrong answer and to a right one is one text, with # in between.
#
# Seen with Python 3.11:
#   Even? | [(0.5, '2', None), (0.5, '4', None), (-1.0, '5', None)]
#   Prime? | [(0.0, '%33.33333%2', None), (0.0, '%33.33333%3', None), (0.0, '%33.33333%5', None), (-1.0, '4', None)]
#   v = s/t? | [(1.0, 's \\= v*t', None), (0.0, 't \\= v*s', None)]
#   [html]<b>Sun</b>? | [(1.0, 'hot', None), (0.0, 'cold', None)]
#   Sun is cold. | [(1.0, 'False', 'No, hot#Yes')]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pygiftparserrgmf==0.0.5

cat >probe.py <<'PY'
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
    from pygiftparser import parser

for text in [
    "::Q:: Even? {~%50%2 ~%50%4 ~%-100%5}",
    "::Q:: Prime? {~%33.33333%2 ~%33.33333%3 ~%33.33333%5 ~%-100%4}",
    "::Q:: v \\= s/t? {=s \\= v*t ~t \\= v*s}",
    "::Q::[html]<b>Sun</b>? {=hot ~cold}",
    "::Q:: Sun is cold. {F#No, hot#Yes}",
]:
    question = parser.parse(text + "\n").questions[0]
    answers = [(option.percentage, option.text, option.feedback) for option in question.answer.options]
    print(question.text, answers, sep=" | ")
PY
env/bin/python -W ignore probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Even? | [(0.5, '2', None), (0.5, '4', None), (-1.0, '5', None)]
Prime? | [(0.0, '%33.33333%2', None), (0.0, '%33.33333%3', None), (0.0, '%33.33333%5', None), (-1.0, '4', None)]
v = s/t? | [(1.0, 's \\= v*t', None), (0.0, 't \\= v*s', None)]
[html]<b>Sun</b>? | [(1.0, 'hot', None), (0.0, 'cold', None)]
Sun is cold. | [(1.0, 'False', 'No, hot#Yes')]
TEXT
echo "as described: a share with a point counts nothing"
