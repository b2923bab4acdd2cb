// What viewers of a public board cost in a month, from infra/prices.json:  node infra/cost.mjs
// It prints the table of infra/README.md; a test compares the two.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { cloudfront, s3, workers, use } = JSON.parse(readFileSync(new URL('prices.json', import.meta.url), 'utf8'));
const GB = 1024 ** 3;
const MONTH_S = 730 * 3600;
/** GB that the platform counts for an object. */
const OBJECT_GB = 0.128;

const over = (amount, free) => Math.max(0, amount - free);

/** CloudFront and S3. `feed`: the API and the feed pass through them too. `free`: with what is always free. */
function site(viewers, { feed = false, free = true } = {}) {
  const warm = use.visits - use.cold_visits;
  const calls = viewers * (use.cold_visits * use.cold_requests + warm * use.warm_requests);
  const bytes = viewers * (use.cold_visits * use.cold_bytes + warm * use.warm_bytes);
  const fed = feed ? viewers * use.visits * use.minutes * 60 * use.feed_bytes_a_second : 0;
  const requests = calls + (feed ? viewers * use.visits * use.worker_requests : 0);
  const included = free ? cloudfront.free : { gb: 0, requests: 0, function_calls: 0 };
  const gb = (bytes + fed) / GB;
  const logs = (requests * use.log_bytes_a_request) / GB;
  const cost =
    over(gb, included.gb) * cloudfront.per_gb +
    (over(requests, included.requests) / 1e4) * cloudfront.per_10000_requests +
    (over(calls, included.function_calls) / 1e6) * cloudfront.per_million_function_calls +
    (use.stored_gb + logs) * s3.per_gb_month +
    ((calls * use.misses) / 1e3) * s3.per_1000_gets;
  return { gb, requests, cost };
}

/** The worker: one board that changes all the time, and as many relays as its viewers need, awake all month. */
function worker(viewers) {
  const visits = viewers * use.visits;
  const relays = Math.ceil((viewers * use.at_once) / use.viewers_a_relay);
  const { included } = workers;
  return (
    workers.base +
    (over(visits * use.worker_requests, included.requests) / 1e6) * workers.per_million_requests +
    (over(visits * use.worker_cpu_ms, included.cpu_ms) / 1e6) * workers.per_million_cpu_ms +
    (over(visits * use.object_requests, included.object_requests) / 1e6) * workers.per_million_object_requests +
    (over((1 + relays) * OBJECT_GB * MONTH_S, included.object_gb_s) / 1e6) * workers.per_million_object_gb_s
  );
}

const dollars = (n) => `$${n < 10 ? n.toFixed(2) : Math.round(n).toLocaleString('en-US')}`;
const number = (n) => Math.round(n).toLocaleString('en-US');

export function table() {
  const row = (what, cell) => `| ${what} | ${[100, 100_000].map(cell).join(' | ')} |`;
  return [
    '| A month with | 100 viewers | 100,000 viewers |',
    '|---|---|---|',
    row('from CloudFront, GB', (n) => (site(n).gb < 10 ? site(n).gb.toFixed(1) : number(site(n).gb))),
    row('requests of CloudFront', (n) => number(site(n).requests)),
    row('**CloudFront and S3**', (n) => dollars(site(n).cost)),
    row('the same without what is always free', (n) => dollars(site(n, { free: false }).cost)),
    row('the same with the feed behind the site\'s address', (n) => dollars(site(n, { feed: true }).cost)),
    row('**the worker**', (n) => dollars(worker(n))),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table());
