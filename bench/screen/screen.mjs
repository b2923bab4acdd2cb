// A teacher's screen for `heliograph bench-scores`: a page in Chromium that shows the top of the scoreboard, and what
// came onto it when, printed as lines of JSON. It ends when its input ends.
// node bench/screen/screen.mjs feed|poll URL PATH TOP

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [how, url, path, top] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const html = readFileSync(new URL("page.html", import.meta.url), "utf8");

const browser = await chromium.launch({
  executablePath: process.env.HELIOGRAPH_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const end = async () => {
  await browser.close().catch(() => {});
  process.exit(0);
};
process.stdin.on("end", end).on("close", end).resume();
process.on("SIGTERM", end);

const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.on("pageerror", (error) => say({ error: error.message }));
page.on("console", (message) => message.type() === "error" && say({ error: message.text() }));
await page.exposeFunction("report", (seen) => say({ seen }));
// The page is of the server's own origin, so that it may ask it.
const address = new URL("/bench-screen", url);
await page.route(address.href, (route) => route.fulfill({ contentType: "text/html", body: html }));
await page.goto(address.href);
await page.evaluate(([how, path, top]) => window.start(how, path, Number(top)), [how, path, top]);
await page.waitForFunction((top) => document.querySelectorAll("tbody tr").length >= top, Number(top), { timeout: 30_000 });
say({ ready: how === "feed" ? "a table made by moves from the JSON feed" : "a table of what is asked for each second" });
