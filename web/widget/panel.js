// The result in a frame of our origin. It is told what to look at, and tells how tall it is and what it found;
// both sides heed only what the other one's window says, from the other one's origin.

// How long a frame that has loaded may be silent, in milliseconds; less than a browser lets what a visitor
// did open a tab.
const PATIENCE = 3000;

// The version of what page and frame say to each other.
export const PROTOCOL = 1;

// What a host may style, and a frame has to be told.
export const PROPERTIES = ["accent", "on-accent", "card", "ink", "soft", "line", "radius"].map(name => `--mxray-${name}`);

const EVENTS = ["mxray-start", "mxray-progress", "mxray-result", "mxray-error"];

export function panel(make, element, place, site, title, choices, { tell, named }) {
  const address = new URL("embed/", site);
  address.hash = encodeURIComponent(self.origin);
  const { origin } = address;
  const frame = make("iframe", { src: address.href, title, part: "frame", height: 0 });
  let typed;
  let ready = false;
  const reports = [];
  const send = message => frame.contentWindow.postMessage({ mxray: PROTOCOL, ...message }, origin);
  const heard = ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin || data?.mxray !== PROTOCOL) return;
    if (data.ready) {
      ready = true;
      const style = getComputedStyle(element);
      const properties = PROPERTIES.map(name => [name, style.getPropertyValue(name)]);
      const look = { scheme: style.colorScheme, font: style.fontFamily, properties };
      send({ choices, look });
      // A frame that was moved has begun anew.
      if (typed !== undefined) send({ scan: typed });
    }
    if (Number.isFinite(data.height)) frame.height = Math.min(Math.max(data.height, 0), 20000);
    if ("named" in data) named(data.named);
    if (data.report) reports.splice(0).forEach(loaded => loaded(data.report));
    if (EVENTS.includes(data.event)) tell(data.event, data.detail);
  };
  addEventListener("message", heard);
  // A browser says nothing of a frame that it may not show, and calls it loaded.
  frame.addEventListener("load", () => setTimeout(() => ready || refused(), PATIENCE));
  const refused = () => {
    const message = `<mxray-check>: ${origin} does not let ${self.origin} show its frame; whoever runs it can (--frame-ancestor), and mode="inline" takes no frame.`;
    console.error(message);
    if (typed !== undefined) tell("mxray-error", { version: 1, reason: "widget.not-framed", message });
  };
  place.append(frame);
  return {
    scan(domain) {
      typed = domain;
      if (ready) send({ scan: typed });
    },
    report() {
      send({ report: true });
      return new Promise(loaded => reports.push(loaded));
    },
    end() {
      removeEventListener("message", heard);
      frame.remove();
    },
  };
}
