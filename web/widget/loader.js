// <mxray-check>: asks for a domain, and says below itself how its mail is protected.
//
// This is all that loads with the host's page. A form in the host's own HTML is kept as it is, and works
// without this; what more it takes, use.js knows, which loads when somebody comes to the field.
//
// The build puts in what begins with MXRAY_: see xtask/src/widget.rs.

const SITE = MXRAY_SITE;
const WORDS = MXRAY_WORDS;
const STYLE = MXRAY_STYLE;
const EVENT_VERSION = 1;

const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};

// Loads a module that has to be the one that this was made with: an element puts it, checked, into the page's map
// of modules, where import() finds it. WebKit checks only what a script names, which trusted types may forbid.
const load = (href, integrity) =>
  new Promise((onload, failed) => {
    const onerror = () => failed(Error(`<mxray-check>: ${href} cannot be loaded, or was changed`));
    const checked = { integrity, crossOrigin: "anonymous", onload, onerror };
    const script = /^Apple/.test(navigator.vendor);
    try {
      const element = script ? ["script", { ...checked, type: "module", src: href }] : ["link", { ...checked, rel: "modulepreload", href }];
      document.head.append(make(...element));
    } catch {
      onload();
    }
  }).then(() => import(href));

// What an attribute may be: a test, and what to write instead.
const any = [() => true];
const one = (...words) => [value => words.includes(value), words.join(", ")];
const address = [
  value => {
    const { protocol, hostname } = new URL(value, document.baseURI);
    return protocol == "https:" || hostname == location.hostname || /^(localhost|127\..*)$/.test(hostname);
  },
  "an address that begins with https://",
];
const ATTRIBUTES = {
  domain: any,
  mode: one("panel", "inline", "link"),
  proxy: address,
  resolver: address,
  "report-url": address,
  lang: any,
  theme: one("auto", "light", "dark"),
  "cta-label": any,
  "cta-href": [value => /^(https?|mailto|tel):$/.test(new URL(value, document.baseURI).protocol), "an address"],
  placeholder: any,
  heading: any,
  "lead-endpoint": [value => new URL(value, document.baseURI).origin == location.origin, "an address of this site"],
};
const GLOBAL = /^(aria-.*|class|data-.*|dir|exportparts|hidden|id|inert|on.*|part|role|slot|style|tabindex|title|translate)$/;

const letters = name => name.replace(/[^a-z]/g, "");
const warn = text => console.error(`<mxray-check>: ${text}`);

const check = (name, value) => {
  const [test, advice] = ATTRIBUTES[name];
  let fits = false;
  try {
    fits = test(value);
  } catch {}
  if (!fits) warn(`${name}="${value}" is not understood; write ${advice}.`);
  return fits;
};

// On a server, which renders a page beforehand, it can be imported and does nothing.
class MxrayCheck extends (globalThis.HTMLElement ?? Object) {
  static observedAttributes = Object.keys(ATTRIBUTES);

  #field;
  #form;
  #place;
  #used;

  // What an attribute says, if it can be understood.
  option(name) {
    const value = this.getAttribute(name);
    return value !== null && check(name, value) ? value : undefined;
  }

  get #mode() {
    return this.option("mode") ?? "panel";
  }

  get #reportUrl() {
    const url = this.option("report-url") ?? SITE;
    if (!url) warn('there is no page with the full report; write report-url="https://…".');
    return url && new URL(url, document.baseURI).href;
  }

  connectedCallback() {
    // The parser may not have come to what is inside.
    if (document.readyState == "loading" && !this.shadowRoot) {
      document.addEventListener("DOMContentLoaded", () => this.isConnected && this.#start(), { once: true });
    } else {
      this.#start();
    }
  }

  disconnectedCallback() {
    // What is moved comes back at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#used?.then(used => used.end(), () => {});
      this.#used = undefined;
    });
  }

  attributeChangedCallback(name, old, value) {
    if (!this.#field || old === value || value === null || !check(name, value)) return;
    if (name == "domain") this.#field.value = value;
    if (name == "placeholder") this.#field.placeholder = value;
  }

  #start() {
    if (this.shadowRoot) return;
    for (const { name, value } of this.attributes) {
      if (name in ATTRIBUTES) {
        check(name, value);
      } else if (!GLOBAL.test(name)) {
        const near = Object.keys(ATTRIBUTES).find(known => letters(known) == letters(name));
        warn(`${name} is no attribute of it; write ${near ?? Object.keys(ATTRIBUTES).join(", ")}.`);
      }
    }
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#field = this.querySelector("input[name=domain]");
    this.#form = this.querySelector("form");
    if (this.#field) {
      root.append(make("slot"));
    } else {
      root.append(this.#ownForm());
    }
    const { domain, placeholder } = Object.fromEntries(["domain", "placeholder"].map(name => [name, this.option(name)]));
    if (domain && !this.#field.value) this.#field.value = domain;
    if (placeholder) this.#field.placeholder = placeholder;
    this.#listen(root);
  }

  #ownForm() {
    const words = WORDS[this.lang.slice(0, 2)] ?? WORDS.en;
    this.#field = make("input", { id: "domain", name: "domain", type: "text", inputMode: "url", placeholder: "example.com", autocapitalize: "none", spellcheck: false, part: "input" });
    this.#field.autocomplete = "off";
    const button = make("button", { part: "button" }, words["widget.form.check"]);
    const row = make("div", { part: "row" }, this.#field, button);
    const label = make("label", { htmlFor: "domain", part: "label" }, words["widget.form.label"]);
    const heading = this.option("heading");
    const above = heading ? [make("h2", { part: "heading" }, heading)] : [];
    this.#form = make("form", { action: this.#reportUrl ?? "", target: "_blank", part: "form" }, ...above, label, row);
    return this.#form;
  }

  #listen(root) {
    this.addEventListener("focusin", () => {
      if (this.#mode != "link") this.#use().catch(() => {});
    });
    const submitted = event => {
      if (this.#mode == "link") {
        this.tell("mxray-start", { version: EVENT_VERSION, domain: this.#field.value.trim() });
        // Without a form of its own there is nothing that would open it.
        if (!this.#form) this.openReport();
        else return;
      }
      event.preventDefault();
      if (this.#mode != "link") this.#look().catch(() => {});
    };
    if (this.#form) {
      this.#form.addEventListener("submit", submitted);
    } else {
      // HTML drops a form inside a form of the host's: that one is not to be sent for ours.
      this.addEventListener("click", event => event.target.closest("button, input[type=submit]") && submitted(event));
      this.#field.addEventListener("keydown", event => event.key == "Enter" && submitted(event));
    }
  }

  // Where all of it can be read, in a tab of its own.
  openReport() {
    const url = this.#reportUrl && new URL(this.#reportUrl);
    url?.searchParams.set("domain", this.#field.value.trim());
    url && open(url, "_blank", "noopener");
  }

  #use() {
    const root = this.shadowRoot;
    // Here, so that room can be kept for the result as soon as somebody asks.
    this.#place ??= root.appendChild(make("div", { part: "place" }));
    const given = { load, site: SITE, mode: this.#mode, report: this.#reportUrl, place: this.#place };
    this.#used ??= MXRAY_USE.then(({ open }) => open(this, given));
    this.#used.catch(() => (this.#used = undefined));
    return this.#used;
  }

  async #look() {
    if (this.#mode == "link") {
      throw Error('<mxray-check>: mode="link" only opens the report; write mode="panel" or mode="inline".');
    }
    let used;
    try {
      used = this.#use();
      this.#place.dataset.open = "";
      used = await used;
    } catch (error) {
      delete this.#place.dataset.open;
      this.tell("mxray-error", { version: EVENT_VERSION, reason: "widget.not-loaded", message: error.message });
      this.openReport();
      throw error;
    }
    await used.scan(this.#field.value);
    return used;
  }

  // Looks at a domain; a promise of the report.
  async scan(domain) {
    if (domain !== undefined) this.#field.value = domain;
    return (await this.#look()).report();
  }

  // The report about the domain that was looked at last, in a promise.
  async report() {
    return (await this.#use()).report();
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

globalThis.customElements?.get("mxray-check") ?? globalThis.customElements?.define("mxray-check", MxrayCheck);
