// Loads the engine, which is a module of its own, and saves the report that it makes of what was seen.
export async function save(engine, domain, at, seen) {
  const { default: start, report } = await import(new URL(engine, document.baseURI));
  await start();
  const link = document.createElement("a");
  link.download = `${domain}.json`;
  link.href = URL.createObjectURL(new Blob([report(domain, at, seen)], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
