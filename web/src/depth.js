// Loads the depth, which is a module of its own, with a Yew of its own. Its place is beside the page's,
// not within: each Yew takes every event below its root for one of its elements'.
let depth;

async function load(module) {
  depth = await import(new URL(module, document.baseURI));
  await depth.default();
}

function place(name) {
  close();
  const here = document.createElement(name);
  here.id = "depth-here";
  // What the depth opens stands beside it, for the same reason.
  here.append(document.createElement("div"));
  document.getElementById("app").after(here);
  return here;
}

// Opens it below the report, and brings what it has to say at the top.
export function open(module, ...scan) {
  const here = place("details");
  here.hidden = true;
  return new Promise((tell, fail) => {
    // The visitor may look at something else by now, and waits for nothing of this any more.
    const ours = heard => news => { if (here.isConnected) heard(news); };
    load(module)
      .then(() => depth.open(here.firstChild, ...scan, ours(tell)))
      .then(() => { here.hidden = false; })
      .catch(ours(fail));
  });
}

// Shows below the form what somebody else saw, if the address holds it, or the settings.
export function show(module, ...texts) {
  if (!/^#se(en\.|ttings)/.test(location.hash)) return;
  const here = place("div").firstChild;
  load(module)
    .then(() => depth.show(here, location.hash, ...texts))
    .catch(() => { document.getElementById("trouble").hidden = false; });
}

// Ends either.
export function close() {
  document.getElementById("depth-here")?.remove();
  depth?.close();
}

// What the visitor has set, where the browser keeps anything.
export function kept() {
  try {
    return localStorage.mxraySettings;
  } catch {}
}
