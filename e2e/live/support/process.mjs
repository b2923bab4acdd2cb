// What a process uses, from /proc.

import { readFileSync } from 'node:fs';

/** Resident memory in MiB. */
export function residentMib(pid) {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib[1]) / 1024;
}
