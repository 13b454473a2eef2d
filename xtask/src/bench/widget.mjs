// usage: node widget.mjs SITE LIGHTHOUSE: measures a plain page with and without the widget, by turns, and what
// the widget loads before and after its use.

import { METRICS, browser, cell, listen, metrics, site, spread } from "./lighthouse.mjs";

const [folder, tools] = process.argv.slice(2);
const ROUNDS = 5;

// The line is slowed down, and not modelled from a fast one: the model takes each script that ran before the first
// paint for one that the paint had waited for, and here all of it is there at once.
const SETTINGS = { onlyCategories: ["performance"], throttlingMethod: "devtools" };

const sent = new Map();
const origin = await listen(site(folder, sent));

const FORM = `<form action="${origin}/" method="get" target="_blank"><label>Your domain <input name="domain" placeholder="example.com"></label> <button>Check</button></form>`;
const SCRIPT = `<script type="module" src="${origin}/widget/v1/mxray.js"></script>`;
const widget = mode => `<mxray-check mode="${mode}">${FORM}</mxray-check>${SCRIPT}`;
const PAGES = { "/without": FORM, "/with": widget("inline"), "/panel": widget("panel") };
const COMPARED = ["/without", "/with"];
const text = "<p>Some words about what this company does, and why you should talk to it.</p>".repeat(20);
const host = await listen((request, response) => {
  const box = PAGES[request.url];
  if (!box) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="A host."><title>A host</title><link rel="icon" href="data:,"></head><body><main><h1>A host</h1>${text}${box}${text}</main></body></html>`);
});

const seen = { "/without": [], "/with": [] };
const used = [];
const chrome = await browser(tools);
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of COMPARED) {
      const report = await chrome.rate(host + path, SETTINGS);
      seen[path].push({ score: 100 * report.categories.performance.score, ...metrics(report) });
    }
  }
  for (const path of ["/with", "/panel"]) used.push([path, ...(await use(path))]);
} finally {
  chrome.end();
}

// What comes from the scanner's site before somebody comes to the field, and until the result is there.
async function use(path) {
  const page = await chrome.page();
  const bytes = () => [...sent.values()].reduce((sum, size) => sum + size, 0);
  sent.clear();
  await page.goto(host + path, { waitUntil: "networkidle0" });
  const before = bytes();
  await page.type("input[name=domain]", "example.com");
  const told = page.evaluate(
    () => new Promise(done => ["result", "error"].forEach(name => addEventListener(`mxray-${name}`, () => done(name)))),
  );
  await page.keyboard.press("Enter");
  const outcome = await told;
  await page.close();
  return [before, bytes(), outcome];
}

console.log(`median of ${ROUNDS} (least to most)`.padEnd(28), "without".padStart(24), "with".padStart(24));
const worse = [];
for (const name of ["score", ...Object.keys(METRICS)]) {
  const [without, withIt] = COMPARED.map(path => seen[path].map(run => run[name]));
  console.log(name.padEnd(28), cell(without).padStart(24), cell(withIt).padStart(24), METRICS[name] ?? "");
  // Worse by more than noise: the middle is beyond all that was seen without it.
  const { middle } = spread(withIt);
  const { least, most } = spread(without);
  const beyond = name == "score" ? middle < least : middle > most;
  if (beyond && name != "total-byte-weight") worse.push(name);
}
for (const [path, before, after, outcome] of used) {
  const mode = path == "/panel" ? "panel" : "inline";
  console.log(`bytes of brotli, ${mode}: ${before} before its use, ${after} with the ${outcome}`);
}
console.log(worse.length ? `worse by more than noise: ${worse.join(", ")}` : "no metric is worse by more than noise");
process.exit(worse.length ? 1 : 0);
