#!/usr/bin/env bash
# awscli@1.46.3 (PyPI, pinned below): the address that is given as `--invocation-endpoint` of `aws events create-api-destination` is
# fetched, with a GET, and what it answers is taken for the address: the API destination has a page of HTML for its endpoint.
# `aws sns subscribe --notification-endpoint` sends the address as it is, and so does `--cli-input-json`. `cli_follow_urlparam = false`
# in the config file turns it off.
#
# Seen: what reached the address, and which endpoint the call to AWS had:
#   events, --invocation-endpoint         GET /hook   InvocationEndpoint "the page"
#   events, with cli_follow_urlparam off  nothing     InvocationEndpoint "http://127.0.0.1:PORT/hook"
#   events, --cli-input-json              nothing     InvocationEndpoint "http://127.0.0.1:PORT/hook"
#   sns, --notification-endpoint          nothing     Endpoint "http://127.0.0.1:PORT/hook"
#
# Nothing leaves the machine: the same server stands in for AWS and for the address. Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check awscli==1.46.3

cat > seen.py <<'PYTHON'
import json
import os
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

fetched, called = [], []


class Both(BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        fetched.append(f"GET {self.path}")
        self.answer(b"the page")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        values = json.loads(body) if body.startswith("{") else dict(urllib.parse.parse_qsl(body))
        called.extend(f'{name} "{value}"' for name, value in values.items() if name in ("InvocationEndpoint", "Endpoint"))
        self.answer(b"<a><SubscribeResult><SubscriptionArn>x</SubscriptionArn></SubscribeResult></a>" if "Action" in values else b"{}")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Both)
threading.Thread(target=server.serve_forever, daemon=True).start()
aws = f"http://127.0.0.1:{server.server_port}"
hook = f"{aws}/hook"
arn = "arn:aws:events:us-east-1:123456789012:connection/c/0b7e3c0e-0000-4000-8000-000000000000"
with open("off", "w") as file:
    file.write("[default]\ncli_follow_urlparam = false\n")


def run(name, *words, config="/nonexistent"):
    fetched.clear()
    called.clear()
    env = {**os.environ, "AWS_ENDPOINT_URL": aws, "AWS_CONFIG_FILE": config, "AWS_DEFAULT_REGION": "us-east-1",
           "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "HOME": os.getcwd()}
    subprocess.run(["python/bin/aws", *words], env=env, check=True, stdout=subprocess.DEVNULL)
    print(name, "|", *(fetched or ["nothing"]), "|", *(one.replace(aws, "http://127.0.0.1:PORT") for one in called))


create = ["events", "create-api-destination"]
rest = ["--name", "d", "--connection-arn", arn, "--http-method", "POST"]
run("events, --invocation-endpoint", *create, *rest, "--invocation-endpoint", hook)
run("events, with cli_follow_urlparam off", *create, *rest, "--invocation-endpoint", hook, config="off")
wish = {"Name": "d", "ConnectionArn": arn, "HttpMethod": "POST", "InvocationEndpoint": hook}
run("events, --cli-input-json", *create, "--cli-input-json", json.dumps(wish))
run("sns, --notification-endpoint", "sns", "subscribe", "--topic-arn", "arn:aws:sns:us-east-1:123456789012:t", "--protocol", "http",
    "--notification-endpoint", hook)
PYTHON
unset HTTP_PROXY http_proxy
python/bin/python seen.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
events, --invocation-endpoint | GET /hook | InvocationEndpoint "the page"
events, with cli_follow_urlparam off | nothing | InvocationEndpoint "http://127.0.0.1:PORT/hook"
events, --cli-input-json | nothing | InvocationEndpoint "http://127.0.0.1:PORT/hook"
sns, --notification-endpoint | nothing | Endpoint "http://127.0.0.1:PORT/hook"
TEXT
echo "as described: awscli 1 calls the API destination's address, and makes its answer the address"
