// Loads the depth, which is a module of its own, and opens it in its place.
export async function open(module, ...scan) {
  const { default: start, open } = await import(new URL(module, document.baseURI));
  await start();
  open(document.getElementById("depth-here"), ...scan);
}
