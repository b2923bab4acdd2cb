#!/usr/bin/env bash
# pytennisscorer@0.1.0 (PyPI, pinned below): "Best of 3 with match tiebreak", it says of the doubles of the ATP tour, and "with match tiebreak at 6-6
# in final set" of those of Grand Slams. A match tiebreak goes to ten points and stands, on the tour, in place of the third set. On the tour a third
# set is played in games, and at Grand Slams the last tiebreak is won with seven points. Singles at Grand Slams have had one to ten since 2022 as
# well. A board with these formats shows games where there are none, and names a winner while they play on.
#
# Seen with Python 3.11, the score and the winner at one set all, then at 6:6 in the last set:
#   DOUBLES_ATPTOUR
#     one set all, and 1 points | 6:0;0:6;0:0-15:0 (nobody yet)
#     one set all, and 3 points | 6:0;0:6;0:0-40:0 (nobody yet)
#     one set all, and 4 points | 6:0;0:6;1:0-0:0 (nobody yet)
#     one set all, and 10 points | 6:0;0:6;2:0-30:0 (nobody yet)
#   DOUBLES_GRANDSLAM
#     one set all, and 1 points | 6:0;0:6;0:0-15:0 (nobody yet)
#     one set all, and 3 points | 6:0;0:6;0:0-40:0 (nobody yet)
#     one set all, and 4 points | 6:0;0:6;1:0-0:0 (nobody yet)
#     one set all, and 10 points | 6:0;0:6;2:0-30:0 (nobody yet)
#   DOUBLES_GRANDSLAM
#     6:6 in the third, and 6 points | 6:0;0:6;6:6-6:0 (nobody yet)
#     6:6 in the third, and 7 points | 6:0;0:6;7:6 (home)
#   SINGLES_GRANDSLAM
#     6:6 in the fifth, and 6 points | 6:0;0:6;6:0;0:6;6:6-6:0 (nobody yet)
#     6:6 in the fifth, and 7 points | 6:0;0:6;6:0;0:6;7:6 (home)
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytennisscorer==0.1.0

cat >probe.py <<'PY'
from pytennisscorer import MatchType, TennisScorer

SET_ALL = "hhhh" * 6 + "aaaa" * 6
SIX_ALL = "hhhhaaaa" * 6


def play(match, points):
    scorer = TennisScorer(match)
    for side in points:
        scorer.increase_score(is_home=side == "h")
    return f"{scorer.get_score()} ({scorer.get_winner() or 'nobody yet'})"


for match in (MatchType.DOUBLES_ATPTOUR, MatchType.DOUBLES_GRANDSLAM):
    print(match.name)
    for n in (1, 3, 4, 10):
        print(f"  one set all, and {n} points | {play(match, SET_ALL + 'h' * n)}")
print(MatchType.DOUBLES_GRANDSLAM.name)
for n in (6, 7):
    print(f"  6:6 in the third, and {n} points | {play(MatchType.DOUBLES_GRANDSLAM, SET_ALL + SIX_ALL + 'h' * n)}")
print(MatchType.SINGLES_GRANDSLAM.name)
for n in (6, 7):
    print(f"  6:6 in the fifth, and {n} points | {play(MatchType.SINGLES_GRANDSLAM, SET_ALL * 2 + SIX_ALL + 'h' * n)}")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
DOUBLES_ATPTOUR
  one set all, and 1 points | 6:0;0:6;0:0-15:0 (nobody yet)
  one set all, and 3 points | 6:0;0:6;0:0-40:0 (nobody yet)
  one set all, and 4 points | 6:0;0:6;1:0-0:0 (nobody yet)
  one set all, and 10 points | 6:0;0:6;2:0-30:0 (nobody yet)
DOUBLES_GRANDSLAM
  one set all, and 1 points | 6:0;0:6;0:0-15:0 (nobody yet)
  one set all, and 3 points | 6:0;0:6;0:0-40:0 (nobody yet)
  one set all, and 4 points | 6:0;0:6;1:0-0:0 (nobody yet)
  one set all, and 10 points | 6:0;0:6;2:0-30:0 (nobody yet)
DOUBLES_GRANDSLAM
  6:6 in the third, and 6 points | 6:0;0:6;6:6-6:0 (nobody yet)
  6:6 in the third, and 7 points | 6:0;0:6;7:6 (home)
SINGLES_GRANDSLAM
  6:6 in the fifth, and 6 points | 6:0;0:6;6:0;0:6;6:6-6:0 (nobody yet)
  6:6 in the fifth, and 7 points | 6:0;0:6;6:0;0:6;7:6 (home)
TEXT
echo "as described: a third set is played in games, and the last tiebreak ends at seven"
