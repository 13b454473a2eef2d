import assert from "node:assert/strict";
import { KINDS, lint, scan } from "@mxray/engine";

assert.ok(KINDS.includes("mta-sts-policy"));
const { usable, findings } = await lint("mta-sts-policy", "version: STSv1\nmode: enforced\nmx: a.example\nmax_age: 86400\n");
assert.equal(usable, false);
assert.equal(findings[0].rule, "mta-sts.policy.mode-unknown");

// A resolver that knows one name: RFC 1035's header with the question, and NXDOMAIN or a TXT record.
const record = new TextEncoder().encode("v=DMARC1; p=reject");
const answer = query => {
  const name = Buffer.from(query).toString("latin1").slice(12);
  const message = [...query.slice(0, 12), ...question(query)];
  message[2] |= 0x80;
  message[11] = 0;
  if (!name.startsWith("\x06_dmarc\x07example\x03com")) {
    message[3] = (message[3] & 0xf0) | 3;
    return Uint8Array.from(message);
  }
  message[7] = 1;
  message.push(0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 0, 0, record.length + 1, record.length, ...record);
  return Uint8Array.from(message);
};
const question = query => {
  let end = 12;
  while (query[end]) end += query[end] + 1;
  return query.slice(12, end + 5);
};

const checks = [];
const report = await scan("example.com", { dns: async query => answer(query) }, { at: 1_790_000_000, onCheck: check => checks.push(check.id) });
assert.equal(report.domain, "example.com");
assert.equal(report.at, 1_790_000_000);
assert.equal(checks.length, report.checks.length);
assert.equal(report.checks.find(check => check.id === "dmarc").evidence[0].texts[0].text, "v=DMARC1; p=reject");

const thrown = await scan("example.com", { dns: async () => { throw "timed-out" } });
assert.equal(thrown.transport.protection, "unknown");
await assert.rejects(scan("no domain", { dns: async () => "timed-out" }));
console.log("used in Node", process.version);
