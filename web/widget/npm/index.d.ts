import type { Outcome, Progress, Report, Start, Trouble } from "./types.js";

export type * from "./types.js";

/** The element `<mxray-check>`, which importing this package defines. */
export interface MxrayCheck extends HTMLElement {
  /** Looks at a domain, or at what stands in the field; rejected if another one is asked for meanwhile. */
  scan(domain?: string): Promise<Report>;
  /** The report about the domain that was looked at last. */
  report(): Promise<Report>;
}

/** What it tells, by the name of the event; all of them bubble. */
export interface MxrayEvents {
  "mxray-start": CustomEvent<Start>;
  "mxray-progress": CustomEvent<Progress>;
  "mxray-result": CustomEvent<Outcome>;
  "mxray-error": CustomEvent<Trouble>;
}

declare global {
  interface HTMLElementTagNameMap {
    "mxray-check": MxrayCheck;
  }
  interface HTMLElementEventMap extends MxrayEvents {}
}
