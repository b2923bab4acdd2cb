// A teacher's screen for `heliograph bench-scores`: a page in Chromium that shows the top of the scoreboard, and what
// came onto it when, printed as lines of JSON. It ends when its input ends.
// node bench/screen/screen.mjs app|feed|poll URL PATH TOP

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [how, url, path, top] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const PAGES = {
  app: "the app's /b/quiz/scores",
  feed: "a bare table made by moves from the JSON feed",
  poll: "a bare table of what is asked for each second",
};

const browser = await chromium.launch({
  executablePath: process.env.HELIOGRAPH_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    // The bare table comes from here and not from the server that it asks.
    "--disable-features=LocalNetworkAccessChecks",
  ],
});
const end = async () => {
  await browser.close().catch(() => {});
  process.exit(0);
};
process.stdin.on("end", end).on("close", end).resume();
process.on("SIGTERM", end);

// High enough for the rows to be on the screen, not below it.
const page = await browser.newPage({ viewport: { width: 1280, height: 1200 } });
page.on("pageerror", (error) => say({ error: error.message }));
page.on("console", (message) => message.type() === "error" && say({ error: message.text() }));
await page.exposeFunction("report", (seen) => say({ seen }));
if (how === "app") {
  await page.goto(url + path);
} else {
  const html = readFileSync(new URL("page.html", import.meta.url), "utf8");
  // The page is of the server's own origin, so that it may ask it.
  await page.route(`${url}/bench-screen`, (route) => route.fulfill({ contentType: "text/html", body: html }));
  await page.goto(`${url}/bench-screen`);
  await page.evaluate(([how, path, top]) => window.start(how, path, top), [how, path, Number(top)]);
}
await page.waitForFunction((top) => document.querySelectorAll("tr[data-key]").length >= top, Number(top), { timeout: 30_000 });
await page.evaluate(watch, Number(top));
say({ ready: PAGES[how] });

/** In the page: reports each of the top rows whose number of answers changed, once the frame that shows it was drawn. */
function watch(top) {
  let waiting = false;
  let seen = [];
  const read = () => {
    const lines = [...document.querySelectorAll("tr[data-key]")].filter((line) => Number(line.ariaRowIndex) <= top + 1);
    return new Map(lines.map((line) => [line.dataset.key, Number(line.lastElementChild.textContent.replace(/\D/g, ""))]));
  };
  let shown = read();
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const now = read();
      // After this frame's drawing comes the next task.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const at = Date.now();
        for (const [key, answers] of now) {
          const before = shown.get(key) ?? answers - 1;
          if (before < answers) seen.push([key, before, answers, at]);
        }
        shown = now;
      };
      port2.postMessage(null);
    });
  }).observe(document.body, {
    childList: true,
    subtree: true,
    characterData: true,
    attributeFilter: ["data-key", "aria-rowindex"],
  });
  // The driver hears of it a few times a second only: telling takes time, too.
  setInterval(() => {
    if (seen.length === 0) return;
    window.report(seen);
    seen = [];
  }, 250);
}
