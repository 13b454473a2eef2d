// The page at /embed/: the result in a frame of our origin, the other side of a panel.
//
// The build puts in what begins with MXRAY_: see xtask/src/widget.rs.

import { PROPERTIES, PROTOCOL } from "MXRAY_PANEL";
import { inline, styled } from "MXRAY_USE";

export function embed() {
  const host = decodeURIComponent(location.hash.slice(1));
  const say = message => parent.postMessage({ mxray: PROTOCOL, ...message }, host);
  const page = document.documentElement;
  const tell = (event, detail) => say({ event, detail });
  let shown;
  const begin = ({ choices, look }) => {
    page.style.colorScheme = look.scheme;
    page.style.fontFamily = look.font;
    for (const [name, value] of look.properties) {
      if (PROPERTIES.includes(name) && value) page.style.setProperty(name, value);
    }
    const links = [choices.report, choices.href].filter(Boolean);
    if (!links.every(link => /^(https?|mailto|tel):/.test(link))) throw Error("a link that is none");
    const site = new URL("../", document.baseURI);
    const named = name => say({ named: name });
    return inline(document.body, site, choices, { tell, named }, href => import(href), "_parent");
  };
  addEventListener("message", async ({ source, origin, data }) => {
    if (source !== parent || origin !== host || data?.mxray !== PROTOCOL) return;
    try {
      if (data.choices) shown = begin(data);
      if (typeof data.scan == "string") (await shown).scan(data.scan);
      if (data.report) say({ report: await (await shown).report() });
    } catch (error) {
      tell("mxray-error", { version: 1, reason: "widget.not-loaded", message: String(error) });
    }
  });
  styled(document);
  new ResizeObserver(() => say({ height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);
  say({ ready: true });
}
