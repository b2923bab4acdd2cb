#!/usr/bin/env bash
# gift-wrapper@1.8.1 (PyPI, pinned below), which builds quizzes in GIFT, the text format of Moodle: with an equals sign in the answers, all of them
# are right. In GIFT `=` begins a right answer, `~` a wrong one, and `#` what is said of an answer; in a text they have a backslash before
# them. gift-wrapper writes one in formulas and addresses, and none in other texts: of "v = s/t" as the right answer and "v = s*t" as a
# wrong one there are "s/t" and "s*t", both right. "No. #1" is "No.". A title with a colon, or an answer with braces, can't be read.
# - A tolerance in percent of a negative number is negative: 10 % of -40 are written as -4.
# What is read is by gift-pegjs@1.0.2 (npm), a parser of GIFT.
#
# Seen on 2026-11-30 with Python 3.11 and Node 20.20.2; what was right and wrong, then what is:
#   [v = s/t] (v = s*t) (v = t/s) | [v] [s/t] (v) [s*t] (v) [t/s]
#   [No. #1] (No. #2) | [No.] (No.)
#   [{1; 2}] (3) | can't be read
#   title "Speed: bus" | can't be read
#   40 within 10% | 40 within 4
#   -40 within 10% | -40 within -4
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gift-pegjs@1.0.2
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gift-wrapper==1.8.1

cat >read.cjs <<'JS'
const { parse } = require('gift-pegjs');

for (const [what, text] of JSON.parse(process.argv[2])) {
  let told;
  try {
    const [{ type, choices }] = parse(text);
    told = choices.map(({ isCorrect, text: { text: answer, number, range } }) =>
      type === 'Numerical' ? `${number} within ${range}` : isCorrect ? `[${answer}]` : `(${answer})`).join(' ');
  } catch (error) {
    told = "can't be read";
  }
  console.log(`${what} | ${told}`);
}
JS
cat >probe.py <<'PY'
import json
import subprocess

from gift_wrapper.question import MultipleChoice, Numerical

questions = []
for right, *wrong in [["v = s/t", "v = s*t", "v = t/s"], ["No. #1", "No. #2"], ["{1; 2}", "3"]]:
    given = " ".join([f"[{right}]", *(f"({answer})" for answer in wrong)])
    questions.append([given, MultipleChoice("title", "Which is it?", {"perfect": right, "wrong": wrong}).gift])
questions.append(['title "Speed: bus"', MultipleChoice("Speed: bus", "Which?", {"perfect": "a", "wrong": ["b"]}).gift])
for value in (40, -40):
    question = Numerical("title", "How much?", {"value": value, "error": "10%"})
    questions.append([f"{value} within 10%", question.gift])
subprocess.run(["node", "read.cjs", json.dumps(questions)], check=True)
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
[v = s/t] (v = s*t) (v = t/s) | [v] [s/t] (v) [s*t] (v) [t/s]
[No. #1] (No. #2) | [No.] (No.)
[{1; 2}] (3) | can't be read
title "Speed: bus" | can't be read
40 within 10% | 40 within 4
-40 within 10% | -40 within -4
TEXT
echo "as described: wrong answers are right, and a tolerance is negative"
