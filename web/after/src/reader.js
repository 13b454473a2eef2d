// Reads reports in a worker, so that the page can answer meanwhile. The worker is the very module that this is
// a part of, started once more.
export const read = (address, files, kept, told) =>
  new Promise((done, failed) => {
    const worker = new Worker(address, { type: "module" });
    const end = settle => value => {
      worker.terminate();
      settle(value);
    };
    worker.onmessage = ({ data }) => (typeof data === "number" ? told(data) : end(done)(data));
    worker.onerror = end(failed);
    worker.postMessage([files, kept]);
  });

if (typeof WorkerGlobalScope === "function" && self instanceof WorkerGlobalScope) {
  self.onmessage = async ({ data: [files, kept] }) => {
    const { default: start, read_files } = await import(self.location.href);
    await start();
    self.postMessage(await read_files(files, kept, done => self.postMessage(done)));
  };
}
