// What a browser's processes take: memory that is theirs, with what they share divided among those who share it (PSS), and time
// on the processor. Both are the whole browser's: who wants to know what a page costs takes the difference to one without it.

import { readFileSync } from 'node:fs';

/** The processes as the browser knows them, and their memory as Linux does: `{bytes, seconds, processes}`. */
export async function usage(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let [bytes, seconds, processes] = [0, 0, 0];
  for (const { id, cpuTime } of processInfo) {
    try {
      const [, kib] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'));
      bytes += Number(kib) * 1024;
    } catch (e) {
      // It ended in between.
      if (e.code === 'ENOENT' || e.code === 'ESRCH') continue;
      throw e;
    }
    seconds += cpuTime;
    processes += 1;
  }
  return { bytes, seconds, processes };
}
