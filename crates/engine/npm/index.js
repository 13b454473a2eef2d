// The engine for pages and for Node. Its module is loaded with the first call.

import * as engine from "./engine.js";

let loaded;
const load = () =>
  (loaded ??= module().then(async bytes => {
    const { instance, module } = await WebAssembly.instantiate(bytes, engine.imports());
    engine.finish(instance, module);
  }));

// Node reads files, and fetches none.
const module = async () => {
  const file = new URL("./engine.wasm", import.meta.url);
  if (file.protocol != "file:") return (await fetch(file)).arrayBuffer();
  const { readFile } = await import(/* @vite-ignore */ ["node:fs", "promises"].join("/"));
  return readFile(file);
};

export const KINDS = MXRAY_KINDS;

export async function lint(kind, text, { mx = [], contentType } = {}) {
  await load();
  return JSON.parse(engine.lint(kind, text, mx, contentType));
}

export async function scan(domain, lookups, { at = Date.now() / 1000, onCheck = () => {} } = {}) {
  await load();
  const failed = error => (typeof error == "string" ? error : "resolver-failed");
  const ask = async (lookup, ...asked) => {
    if (!lookup) return "no-proxy";
    try {
      return await lookup.call(lookups, ...asked);
    } catch (error) {
      return failed(error);
    }
  };
  const report = await engine.scan(
    domain,
    at,
    query => ask(lookups.dns, query),
    domain => ask(lookups.policy, domain),
    (domain, host) => ask(lookups.mailHost, domain, host),
    check => onCheck(JSON.parse(check)),
  );
  return JSON.parse(report);
}

export async function report(domain, at, seen) {
  await load();
  return JSON.parse(engine.report(domain, at, seen));
}
