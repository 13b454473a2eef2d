// The builder: choose, see it, copy the lines.

const VERSION = MXRAY_VERSION;
const INTEGRITY = MXRAY_INTEGRITY;

const site = new URL("../", location).href;
const find = id => document.getElementById(id);
const escaped = text => text.replace(/[&<>"]/g, sign => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
const OPTIONS = ["mode", "theme", "cta-label", "cta-href", "placeholder", "lead-endpoint"];

const chosen = () => Object.fromEntries([...new FormData(find("options"))].map(([name, value]) => [name, value.trim()]));

const attributes = choice =>
  OPTIONS.filter(name => choice[name]).map(name => [name, choice[name]]);

const script = ({ version }) =>
  version == "exact"
    ? `<script type="module" src="${site}widget/${VERSION}/mxray.js"\n  integrity="${INTEGRITY}" crossorigin></` + "script>"
    : `<script type="module" src="${site}widget/v1/mxray.js"></` + "script>";

function snippet(choice) {
  const written = attributes(choice).map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
  const placeholder = escaped(choice.placeholder || "example.com");
  const consent = choice["lead-endpoint"] ? `\n  <span slot="consent">${escaped(choice.consent || "Yes, write to me about this.")}</span>` : "";
  const accent = choice.accent ? `<style>mxray-check { --mxray-accent: ${escaped(choice.accent)} }</style>\n` : "";
  return `${accent}<mxray-check${written}>
  <form action="${site}" method="get" target="_blank">
    <label>Your domain <input name="domain" placeholder="${placeholder}" autocapitalize="none"></label>
    <button>Check</button>
  </form>${consent}
</mxray-check>
${script(choice)}`;
}

function policy({ mode }) {
  const { origin } = location;
  return {
    panel: `script-src ${origin}; frame-src ${origin}; form-action ${origin}`,
    inline: `script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; form-action ${origin}`,
    link: `script-src ${origin}; form-action ${origin}`,
  }[mode];
}

const permission = {
  panel: "Whoever runs this site has to let yours show the frame (--frame-ancestor).",
  inline: "Whoever runs this site has to let yours ask its proxy (--allow-origin).",
  link: "",
};

function preview(choice) {
  const element = document.createElement("mxray-check");
  for (const [name, value] of attributes(choice)) element.setAttribute(name, value);
  element.style.setProperty("--mxray-accent", choice.accent);
  const form = Object.assign(document.createElement("form"), { action: site, target: "_blank" });
  const input = Object.assign(document.createElement("input"), { name: "domain", placeholder: choice.placeholder || "example.com" });
  const label = document.createElement("label");
  label.append("Your domain ", input);
  const button = document.createElement("button");
  button.append("Check");
  form.append(label, button);
  element.append(form);
  find("preview").replaceChildren(element);
}

function show() {
  const choice = chosen();
  find("snippet").textContent = snippet(choice);
  find("policy").textContent = policy(choice);
  find("permission").textContent = permission[choice.mode];
  find("copied").textContent = "";
  preview(choice);
}

for (const place of document.querySelectorAll(".site")) place.textContent = site;
find("options").addEventListener("input", show);
find("options").addEventListener("submit", event => event.preventDefault());
find("copy-snippet").addEventListener("click", async () => {
  await navigator.clipboard.writeText(find("snippet").textContent);
  find("copied").textContent = "Copied";
});
show();
import(`${site}widget/${VERSION}/mxray.js`);
