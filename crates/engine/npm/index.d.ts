import type { Check, Finding, MailHost, PolicyFetch, Report, Unobserved } from "./types.js";

export type * from "./types.js";

/** What was seen, or why nothing could be. */
export type Observed<T> = { Ok: T } | { Err: Unobserved };

/** Some of a domain's mail servers, as `/v1/mx` tells of them. */
export interface MxFacts {
  hosts: MailHost[];
}

/** What a text can be meant to be. */
export type Kind = (typeof KINDS)[number];
export declare const KINDS: MXRAY_KINDS;

/** What was found in a text. */
export interface Lint {
  /** Whether a receiver that follows the standard would use it. */
  usable: boolean;
  /** The worst first. Places count bytes of the text in UTF-8. */
  findings: Finding[];
}

/** Reads a text before or after it is published: a record, a line for each where there are several, or a policy. */
export declare function lint(
  kind: Kind,
  text: string,
  more?: {
    /** The MX hosts that a policy has to cover. */
    mx?: string[];
    /** What a policy was served with. */
    contentType?: string;
  },
): Promise<Lint>;

/**
 * How you look something up. Each gives what was seen, or why nothing was, by a name of `Unobserved`
 * (`"timed-out"`), and so it is taken if it throws one. What you leave out is unknown in the report.
 */
export interface Lookups {
  /** Asks a resolver: the message of a query in, that of its answer out (RFC 1035 §4). */
  dns(query: Uint8Array): Promise<Uint8Array | string>;
  /** What `/v1/policy?domain=` of mxray-proxy says. */
  policy?(domain: string): Promise<Observed<PolicyFetch> | string>;
  /** What `/v1/mx?domain=&host=` of mxray-proxy says. */
  mailHost?(domain: string, host: string): Promise<Observed<MxFacts> | string>;
}

/** Looks at a domain by your own lookups. */
export declare function scan(
  domain: string,
  lookups: Lookups,
  more?: {
    /** When, in seconds since 1970; now, if it is left out. */
    at?: number;
    /** Hears of each check that is complete. */
    onCheck?(check: Check): void;
  },
): Promise<Report>;

/** What was seen, as the widget and the page keep it. */
export type Seen =
  | ["dns", Uint8Array, Uint8Array | string]
  | ["policy", null, Observed<PolicyFetch> | string]
  | ["mail-host", string, Observed<MxFacts> | string];

/** The report about what was seen before, at a moment in seconds since 1970. */
export declare function report(domain: string, at: number, seen: Seen[]): Promise<Report>;
