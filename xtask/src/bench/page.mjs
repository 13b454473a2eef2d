// usage: node page.mjs SITE PORT LIGHTHOUSE speed|rest: rates a site's pages as a phone shows them. `speed` takes the
// median of five of its first page, `rest` what depends on no clock, of a page of each kind.

import { METRICS, browser, cell, listen, metrics, site, spread } from "./lighthouse.mjs";

const [folder, port, tools, what] = process.argv.slice(2);
const ROUNDS = 5;
const REST = ["accessibility", "best-practices", "seo"];
const PAGES = ["", "de.html"];
const READING = ["guides/", "guides/mta-sts.html", "de/guides/mta-sts.html", "rules/", "rules/mta-sts.policy.mode-unknown.html"];

const origin = await listen(site(folder), Number(port));
const chrome = await browser(tools);
const rated = [];
try {
  if (what == "speed") {
    for (let round = 0; round < ROUNDS; round++) {
      rated.push(["", await chrome.rate(`${origin}/`, { onlyCategories: ["performance", ...REST] })]);
    }
  } else {
    const settings = { onlyCategories: REST, throttlingMethod: "provided" };
    for (const page of PAGES) rated.push([page, await chrome.rate(`${origin}/${page}`, settings)]);
    // It asks for robots.txt from within a page, and the policy of these lets nobody ask for anything.
    settings.skipAudits = ["robots-txt"];
    for (const page of READING) rated.push([page, await chrome.rate(`${origin}/${page}`, settings)]);
  }
} finally {
  chrome.end();
}

const reports = rated.map(([, report]) => report);
if (what == "speed") {
  console.log(`median of ${ROUNDS} (least to most)`);
  for (const [name, unit] of Object.entries(METRICS)) {
    console.log(name.padEnd(28), cell(reports.map(report => metrics(report)[name])).padStart(24), unit);
  }
}
let below = 0;
for (const name of Object.keys(reports[0].categories)) {
  const scores = reports.map(report => 100 * report.categories[name].score);
  console.log(name.padEnd(28), cell(scores).padStart(24));
  // One slow moment of this machine is not the page's; what depends on no clock holds everywhere.
  const { middle, least } = spread(scores);
  if ((what == "speed" ? middle : least) < 100) below++;
}
for (const [page, { categories, audits }] of rated) {
  for (const { auditRefs } of Object.values(categories)) {
    for (const { id, weight } of auditRefs) {
      const { score, title, details } = audits[id];
      if (!weight || score === null || score == 1) continue;
      console.log(`/${page}: ${title} (${id}, ${score})`);
      for (const item of details?.items?.slice(0, 5) ?? []) console.log(`  ${JSON.stringify(item).slice(0, 300)}`);
    }
  }
}
process.exit(below ? 1 : 0);
