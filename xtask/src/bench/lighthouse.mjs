// What measurements with Lighthouse share: a browser, a host that serves a site as a good one does, and numbers.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";

// A browser that rates pages, with Lighthouse of this folder; `page` opens one with nothing in its cache.
export async function browser(tools) {
  const from = createRequire(join(tools, "package.json"));
  const load = name => import(pathToFileURL(from.resolve(name)));
  const [{ default: lighthouse }, { launch }, { default: puppeteer }] = await Promise.all(
    ["lighthouse", "chrome-launcher", "puppeteer-core"].map(load),
  );
  const chrome = await launch({ chromeFlags: ["--headless", "--no-sandbox"] });
  return {
    rate: async (url, settings) => {
      const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent", ...settings });
      if (lhr.runtimeError) throw Error(`${url}: ${lhr.runtimeError.message}`);
      return lhr;
    },
    page: async () => {
      const connected = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
      return (await connected.createBrowserContext()).newPage();
    },
    end: () => chrome.kill(),
  };
}

// Listens on a port of this machine, any one if it is not said.
export const listen = (answer, port = 0) =>
  new Promise(done => {
    const server = createServer(answer);
    server.listen(port, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`));
  });

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".wasm": "application/wasm",
  ".xml": "application/xml",
};

// Serves a site that `cargo xtask site` made, by the rules of docs/hosting.md; `sent` has what each path took.
export function site(folder, sent = new Map()) {
  const size = file => stat(file).then(found => found.isFile() && found.size, () => false);
  return async (request, response) => {
    const path = normalize(new URL(request.url, "http://site").pathname);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if ((await size(file)) === false) return response.writeHead(404).end();
    const headers = {
      "cache-control": /[-_/.][0-9a-f]{12,}[-_/.]/.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    };
    if (/^\/(widget\/|config\.json)/.test(path)) headers["access-control-allow-origin"] = "*";
    const small = `${file}.br`;
    const compressed = /\bbr\b/.test(request.headers["accept-encoding"]) && (await size(small)) !== false;
    if (compressed) headers["content-encoding"] = "br";
    const chosen = compressed ? small : file;
    sent.set(path, await size(chosen));
    response.writeHead(200, headers);
    createReadStream(chosen).pipe(response);
  };
}

// Of numbers: the middle, the least and the most.
export function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { middle: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
}

const shown = number => (number < 1 && number > 0 ? number.toFixed(3) : Math.round(number).toString());

export const cell = numbers => {
  const { middle, least, most } = spread(numbers);
  return `${shown(middle)} (${shown(least)} to ${shown(most)})`;
};

// What Lighthouse measures with a clock, and in what.
export const METRICS = {
  "first-contentful-paint": "ms",
  "largest-contentful-paint": "ms",
  "speed-index": "ms",
  "total-blocking-time": "ms",
  "cumulative-layout-shift": "",
  "total-byte-weight": "bytes",
};

export const metrics = ({ audits }) =>
  Object.fromEntries(Object.keys(METRICS).map(name => [name, audits[name].numericValue]));
