#!/usr/bin/env bash
# parse-prometheus-text-format@1.1.1 (npm, pinned below): "compatible with that of prom2json", which keeps the labels of every series. Of a histogram
# or a summary that has a label of its own beside `le` or `quantile`, as nearly every one has (a route, a method), the labels are gone, and
# so are sum and count. All series of the name become one, with the buckets of the last. Without a label all is there.
#
# Seen with Node 20.20.2:
#   one, without a label | {"buckets":{"1":"9","+Inf":"10"},"count":"10","sum":"7"}
#   one, with a label | {"buckets":{"1":"9","+Inf":"10"}}
#   two, with a label | {"buckets":{"1":"0","+Inf":"2"}}
#   two summaries | {"quantiles":{"0.5":"4"}}
#   two counters | {"value":"10","labels":{"route":"a"}} {"value":"2","labels":{"route":"b"}}
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund parse-prometheus-text-format@1.1.1

cat >probe.cjs <<'JS'
const parse = require('parse-prometheus-text-format').default ?? require('parse-prometheus-text-format');

const within = (...labels) => (labels.some(Boolean) ? `{${labels.filter(Boolean).join(',')}}` : '');
const histogram = (label, below, all, sum) => [
  `h_bucket${within(label, 'le="1"')} ${below}`,
  `h_bucket${within(label, 'le="+Inf"')} ${all}`,
  `h_sum${within(label)} ${sum}`,
  `h_count${within(label)} ${all}`,
];
const summary = (label, half, sum) => [`h${within(label, 'quantile="0.5"')} ${half}`, `h_sum${within(label)} ${sum}`, `h_count${within(label)} 2`];

const a = 'route="a"';
const b = 'route="b"';
for (const [what, type, ...lines] of [
  ['one, without a label', 'histogram', ...histogram('', 9, 10, 7)],
  ['one, with a label', 'histogram', ...histogram(a, 9, 10, 7)],
  ['two, with a label', 'histogram', ...histogram(a, 9, 10, 7), ...histogram(b, 0, 2, 8)],
  ['two summaries', 'summary', ...summary(a, 0.7, 7), ...summary(b, 4, 8)],
  ['two counters', 'counter', `h${within(a)} 10`, `h${within(b)} 2`],
]) {
  const [{ metrics }] = parse(`# TYPE h ${type}\n${lines.join('\n')}\n`);
  console.log(`${what} | ${metrics.map((metric) => JSON.stringify(metric)).join(' ')}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
one, without a label | {"buckets":{"1":"9","+Inf":"10"},"count":"10","sum":"7"}
one, with a label | {"buckets":{"1":"9","+Inf":"10"}}
two, with a label | {"buckets":{"1":"0","+Inf":"2"}}
two summaries | {"quantiles":{"0.5":"4"}}
two counters | {"value":"10","labels":{"route":"a"}} {"value":"2","labels":{"route":"b"}}
TEXT
echo "as described: histograms and summaries with a label lose it, their sum and count, and each other"
