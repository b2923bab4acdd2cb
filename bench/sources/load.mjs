// A load: so many connections that each send the next request as soon as the last is answered.

import { readFileSync, readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';

const CONNECTIONS = 4;

/** Seconds of processor time that a process and its children have used. */
export function cpuSeconds(pid) {
  const stats = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const parts = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ');
      return [{ id: Number(name), parent: Number(parts[1]), used: (Number(parts[11]) + Number(parts[12])) / 100 }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
  const parents = new Map(stats.map(({ id, parent }) => [id, parent]));
  const belongs = (id) => id === pid || (parents.has(id) && parents.get(id) !== id && belongs(parents.get(id)));
  return stats.filter(({ id }) => belongs(id)).reduce((sum, { used }) => sum + used, 0);
}

function send(agent, port, path, { method = 'POST', query = '', headers, body }) {
  return new Promise((done, failed) => {
    const sent = request({ agent, port, host: '127.0.0.1', method, path: path + query, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => done({ status: answer.statusCode, body: Buffer.concat(parts).toString() }));
      answer.on('error', failed);
    });
    sent.on('error', failed);
    sent.end(body);
  });
}

/**
 * Sends requests for so many seconds, after one to warm up; `{records_per_s, cpu_us_per_record, bytes_per_record, sent}`. `make(n)`
 * is request number n, or a promise of it. Any answer but a success of 2xx is an error.
 */
export async function load({ port, pid, path, per, make, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let n = 0;
  let bytes = 0;
  const until = async (end) => {
    const before = n;
    const one = async () => {
      while (performance.now() < end) {
        const sent = await make(n++);
        bytes += Buffer.byteLength(sent.body ?? sent.query);
        const { status, body } = await send(agent, port, path, sent);
        if (status < 200 || status > 299) throw new Error(`${path}: ${status} ${body.slice(0, 300)}`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
    return n - before;
  };
  await until(performance.now() + 1_000);
  bytes = 0;
  const [cpu, began] = [cpuSeconds(pid), performance.now()];
  const requests = await until(began + seconds * 1_000);
  const [took, used] = [(performance.now() - began) / 1_000, cpuSeconds(pid) - cpu];
  agent.destroy();
  const records = requests * per;
  return { records_per_s: Math.round(records / took), cpu_us_per_record: round((used / records) * 1e6), bytes_per_record: Math.round(bytes / records), sent: n * per };
}

export const round = (n) => Math.round(n * 100) / 100;
