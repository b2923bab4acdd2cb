#!/bin/bash
# Whether the server on this machine is well, without an HTTP client: for a container's health check.
set -eu
exec 3<> "/dev/tcp/127.0.0.1/${HELIOGRAPH_LISTEN##*:}"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 3 _ status _ <&3
[ "$status" = 200 ]
