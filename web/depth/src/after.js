// Loads what comes after the check, which is a module of its own, and opens it in its place.
export async function open(module, root, ...handed) {
  const address = new URL(module, document.baseURI);
  const { default: start, open } = await import(address);
  await start();
  await open(root, new URL(".", address).href.replace(/\/$/, ""), ...handed);
}
