import "@mxray/widget";
import type { Outcome, Report } from "@mxray/widget";
import { KINDS, type Kind, lint, scan } from "@mxray/engine";

const box = document.querySelector("mxray-check")!;

box.addEventListener("mxray-result", ({ detail }) => {
  const { domain, stage, transport, steps }: Outcome = detail;
  const version: number = detail.version;
  console.log(version, domain, stage, transport.protection, steps.map(step => step.title));
});
box.addEventListener("mxray-progress", ({ detail: { done, all, check, verdict } }) => console.log(done / all, check, verdict));
box.addEventListener("mxray-error", ({ detail: { reason, message } }) => console.log(reason, message));

async function look(): Promise<Report> {
  const report = await box.scan("example.com");
  const first = report.checks.flatMap(check => check.findings)[0];
  if (first) console.log(first.finding.rule, first.finding.place?.[1]);
  return report;
}

const kind: Kind = KINDS[0];
const { usable, findings } = await lint(kind, "v=STSv1; id=2026;");
const report = await scan("example.com", { dns: async () => "timed-out" });
const seen = await look().catch(error => String(error));
document.title = JSON.stringify({ usable, findings: findings.length, stage: report.stage, seen: typeof seen === "string" ? seen : seen.domain });

// @ts-expect-error There is no such kind.
lint("no-kind", "").catch(() => {});
