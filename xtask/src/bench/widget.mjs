// usage: node widget.mjs DIST LIGHTHOUSE: measures a plain page with and without the widget, by turns.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, tools] = process.argv.slice(2);
const ROUNDS = 5;

const from = createRequire(join(tools, "package.json"));
const load = name => import(pathToFileURL(from.resolve(name)));
const { default: lighthouse } = await load("lighthouse");
const { launch } = await load("chrome-launcher");

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".html": "text/html", ".css": "text/css" };

const listening = server => new Promise(done => server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`)));

const site = await listening(
  createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://site").pathname);
    const file = join(dist, path.endsWith("/") ? `${path}index.html` : path);
    if (!(await stat(file).then(found => found.isFile(), () => false))) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "access-control-allow-origin": "*" });
    createReadStream(file).pipe(response);
  }),
);

const FORM = `<form action="${site}/" method="get" target="_blank"><label>Your domain <input name="domain" placeholder="example.com"></label> <button>Check</button></form>`;
const SCRIPT = `<script type="module" src="${site}/widget/v1/mxray.js"></script>`;
const PAGES = {
  "/without": FORM,
  "/with": `<mxray-check mode="inline">${FORM}</mxray-check>${SCRIPT}`,
};
const text = "<p>Some words about what this company does, and why you should talk to it.</p>".repeat(20);
const host = await listening(
  createServer((request, response) => {
    const box = PAGES[request.url];
    if (!box) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="A host."><title>A host</title><link rel="icon" href="data:,"></head><body><main><h1>A host</h1>${text}${box}${text}</main></body></html>`);
  }),
);

const METRICS = {
  "first-contentful-paint": "ms",
  "largest-contentful-paint": "ms",
  "speed-index": "ms",
  "total-blocking-time": "ms",
  "cumulative-layout-shift": "",
  "total-byte-weight": "bytes",
};

const chrome = await launch({ chromeFlags: ["--headless", "--no-sandbox"] });
const seen = { "/without": [], "/with": [] };
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of Object.keys(PAGES)) {
      const { lhr } = await lighthouse(host + path, { port: chrome.port, onlyCategories: ["performance"], logLevel: "silent" });
      const metrics = Object.keys(METRICS).map(name => [name, lhr.audits[name].numericValue]);
      seen[path].push({ score: 100 * lhr.categories.performance.score, ...Object.fromEntries(metrics) });
    }
  }
} finally {
  chrome.kill();
}

const sorted = (path, name) => seen[path].map(run => run[name]).sort((a, b) => a - b);
const shown = number => (number < 1 && number > 0 ? number.toFixed(3) : Math.round(number).toString());
console.log(`median of ${ROUNDS} (least to most)`.padEnd(28), "without".padStart(22), "with".padStart(22));
const worse = [];
for (const name of ["score", ...Object.keys(METRICS)]) {
  const [without, withIt] = Object.keys(PAGES).map(path => sorted(path, name));
  const middle = all => all[Math.floor(all.length / 2)];
  const cell = all => `${shown(middle(all))} (${shown(all[0])} to ${shown(all.at(-1))})`;
  console.log(name.padEnd(28), cell(without).padStart(22), cell(withIt).padStart(22), METRICS[name] ?? "");
  // Worse by more than noise: the middle is beyond all that was seen without it.
  const beyond = name == "score" ? middle(withIt) < without[0] : middle(withIt) > without.at(-1);
  if (beyond && name != "total-byte-weight") worse.push(name);
}
console.log(worse.length ? `worse by more than noise: ${worse.join(", ")}` : "no metric is worse by more than noise");
process.exit(worse.length ? 1 : 0);
