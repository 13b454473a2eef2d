// What <mxray-check> takes when somebody uses it: the result in the host's page, or in a frame of ours.
//
// The build puts in what begins with MXRAY_: see xtask/src/widget.rs.

const WORDS = MXRAY_WORDS;
const STYLE = MXRAY_STYLE;
const TEXTS = MXRAY_TEXTS;

const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};

export const styled = root => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets.push(sheet);
};

// Makes an element ready: `scan` looks at a domain, `report` gives the report about the last one, `end` ends
// all of it. The first two give promises.
export async function open(element, { load, site, mode, report, place }) {
  const language = Object.keys(TEXTS).find(known => element.lang.startsWith(known)) ?? "en";
  const words = WORDS[language];
  const root = element.shadowRoot;
  let note = root.querySelector("[part=note]");
  if (!note) {
    styled(root);
    note = make("p", { part: "note", role: "status" });
    place.before(note);
  }
  place.replaceChildren();
  let asked;
  const settled = (outcome, value) => {
    asked?.[outcome](value);
    asked = undefined;
  };
  const tell = (name, detail) => {
    if (name == "mxray-error") delete place.dataset.open;
    element.tell(name, detail);
    if (name == "mxray-error") {
      // The visitor is not to stand there without an answer for what is ours or the host's to mend.
      if (detail.reason.startsWith("widget.")) element.openReport();
      settled("failed", Error(detail.message));
    }
    if (name == "mxray-result") {
      if (element.option("lead-endpoint")) MXRAY_LEAD.then(({ offer }) => offer(make, element, place, language, detail));
      settled("loaded");
    }
  };
  const named = host => {
    note.textContent = host ? words["widget.use.resolver"].replace("{resolver}", host) : "";
  };
  const address = name => {
    const value = element.option(name);
    return value && new URL(value, document.baseURI).href;
  };
  const choices = {
    language,
    report,
    proxy: address("proxy"),
    resolver: address("resolver"),
    label: element.option("cta-label"),
    href: address("cta-href"),
  };
  const heard = { tell, named };
  // What is in a sandbox has no origin, by which a frame could know it.
  const shown = await (mode == "inline" || self.origin == "null"
    ? inline(place, site, choices, heard, load, "_self")
    : (await MXRAY_PANEL).panel(make, element, place, site ?? report, words["widget.use.frame"], choices, heard));
  return {
    scan(typed) {
      settled("failed", new DOMException("another domain is looked at", "AbortError"));
      place.dataset.open = "";
      place.querySelector("[part=lead]")?.remove();
      return new Promise((loaded, failed) => {
        asked = { loaded, failed };
        shown.scan(typed);
      });
    },
    report: () => shown.report(),
    end() {
      settled("failed", new DOMException("the element was removed", "AbortError"));
      shown.end();
      place.replaceChildren();
      delete place.dataset.open;
      named();
    },
  };
}

// Where to ask: the proxy's own resolver, unless the host names another one or the proxy is gone. Whoever
// else is asked, is named.
async function ways({ proxy, resolver }, site) {
  const config = site
    ? await fetch(new URL("config.json", site), { cache: "no-cache" }).then(file => file.json()).catch(() => ({}))
    : {};
  proxy ??= config.proxy == null ? undefined : new URL(config.proxy || "/", site).href;
  proxy = proxy?.replace(/\/$/, "");
  const proxys = proxy && `${proxy}/dns-query`;
  const other = (config.resolvers ?? []).map(({ url }) => new URL(url, site).href).find(url => url != proxys);
  if (!resolver) resolver = proxys && (!other || (await answers(proxys))) ? proxys : other;
  if (!resolver) {
    throw Error('<mxray-check>: nobody can be asked for DNS records; write proxy="https://…" or resolver="https://…".');
  }
  return { proxy, resolver, name: resolver == proxys ? undefined : new URL(resolver).host };
}

// Whether a resolver answers, by a question about the root of DNS (RFC 8484 §4.1): TXT of `.`
const answers = url =>
  fetch(`${url}?dns=AAABAAABAAAAAAAAAAAQAAE`, { cache: "no-store", signal: AbortSignal.timeout(4000) }).then(
    answer => answer.ok,
    () => false,
  );

// Modules, each once a page. Where a host does not say that it is WASM, one is compiled when all of it is there.
const modules = {};
const once = (name, loading, fetching) =>
  (modules[name] ??= loading.then(async glue => {
    const file = await fetching();
    const whole = async () => WebAssembly.instantiate(await file.arrayBuffer(), glue.imports());
    const streamed = WebAssembly.instantiateStreaming(file.clone(), glue.imports());
    const { instance, module } = await streamed.catch(whole);
    glue.finish(instance, module);
    return glue;
  }));
const result = load => modules.result ?? once("result", MXRAY_RESULT, () => MXRAY_RESULT_MODULE);
const engine = load => modules.engine ?? once("engine", MXRAY_ENGINE, () => MXRAY_ENGINE_MODULE);

export async function inline(place, site, { language, report, label, href, ...given }, { tell, named }, load, target) {
  const texts = fetch(TEXTS[language]).then(file => file.json());
  const [{ proxy, resolver, name }, glue, said] = await Promise.all([ways(given, site), result(load), texts]);
  named(name);
  const card = make("div");
  place.append(card);
  let last;
  const heard = (event, detail, seen) => {
    if (seen) last = [detail.domain, detail.at, seen];
    tell(event, detail);
  };
  const folder = new URL(".", TEXTS[language]).href;
  const shown = glue.open(card, said, language, folder, report, label, href, target, heard);
  return {
    scan: typed => shown.scan(typed, resolver, proxy),
    // What was seen is judged once more by the whole engine, which loads for whoever asks for it.
    report: async () => JSON.parse((await engine(load)).report(...last)),
    end: () => shown.close(),
  };
}
