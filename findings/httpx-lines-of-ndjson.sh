#!/usr/bin/env bash
# httpx@0.28.1 (PyPI, pinned below): `iter_lines` ends a line wherever Python's `splitlines` does, at U+2028, U+2029 and U+0085 too. A
# text in JSON may have these as they are, and then an object of NDJSON comes as two lines that are no JSON. Lines of NDJSON end with
# \n alone. requests@2.34.2 reads them right as bytes, and cuts them likewise with `decode_unicode=True`. httpx-sse@0.4.3 has lines
# of its own.
#
# Seen with Python 3.11:
#   httpx | [False, False]
#   requests, bytes | [True]
#   requests, text | [False, False]
#   httpx-sse | [True]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check httpx==0.28.1 httpx-sse==0.4.3 requests==2.34.2

cat >probe.py <<'PY'
import io
import json

import httpx
import httpx_sse
import requests

OBJECT = json.dumps({"stop": "Main St\u2028Platform 2"}, ensure_ascii=False)


def client(body, kind):
    answer = httpx.Response(200, headers={"Content-Type": kind}, content=body.encode())
    return httpx.Client(transport=httpx.MockTransport(lambda request: answer))


def whole(lines):
    return [line in (OBJECT, OBJECT.encode()) for line in lines if line]


print("httpx", whole(client(f"{OBJECT}\n", "application/x-ndjson").get("http://feed/").iter_lines()), sep=" | ")
for name, unicode in [("requests, bytes", False), ("requests, text", True)]:
    answer = requests.Response()
    answer.raw, answer.encoding = io.BytesIO(f"{OBJECT}\n".encode()), "utf-8"
    print(name, whole(answer.iter_lines(decode_unicode=unicode)), sep=" | ")
with httpx_sse.connect_sse(client(f"data: {OBJECT}\n\n", "text/event-stream"), "GET", "http://feed/") as source:
    print("httpx-sse", whole(event.data for event in source.iter_sse()), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
httpx | [False, False]
requests, bytes | [True]
requests, text | [False, False]
httpx-sse | [True]
TEXT
echo "as described: a line separator inside of JSON cuts a line of NDJSON in two"
