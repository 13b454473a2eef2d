// Loads the depth, which is a module of its own, with a Yew of its own. Its place is beside the page's,
// not within: each Yew takes every event below its root for one of its elements'.
async function load(module) {
  const depth = await import(new URL(module, document.baseURI));
  await depth.default();
  return depth;
}

function place() {
  close();
  const here = document.createElement("div");
  here.id = "depth-here";
  // What the depth opens stands beside it, for the same reason.
  here.append(document.createElement("div"));
  document.getElementById("app").after(here);
  return here.firstChild;
}

// Opens it below the report.
export async function open(module, ...scan) {
  const here = place();
  const depth = await load(module);
  // The visitor may look at something else by now.
  if (here.isConnected) await depth.open(here, ...scan);
}

// Shows below the form what somebody else saw, if the address holds it, or the settings.
export function show(module, ...texts) {
  if (!/^#se(en\.|ttings)/.test(location.hash)) return;
  const here = place();
  load(module)
    .then(depth => depth.show(here, location.hash, ...texts))
    .catch(() => { document.getElementById("trouble").hidden = false; });
}

// Ends either.
export function close() {
  document.getElementById("depth-here")?.remove();
}

// What the visitor has set, where the browser keeps anything.
export function kept() {
  try {
    return localStorage.mxraySettings;
  } catch {}
}
