// Offers to send an address to the host: only to its own origin, with its own words of consent, and nothing
// before the visitor does it.
//
// The build puts in what begins with MXRAY_: see xtask/src/widget.rs.

const WORDS = MXRAY_WORDS;

export function offer(make, element, place, language, { domain, transport, forgery, stage }) {
  const endpoint = element.option("lead-endpoint");
  if (!endpoint || place.querySelector("[part=lead]")) return;
  const consent = element.querySelector("[slot=consent]");
  if (!consent) {
    console.error('<mxray-check>: lead-endpoint needs the words that a visitor consents to; write <span slot="consent">…</span> inside.');
    return;
  }
  const word = name =>
    WORDS[language][`widget.lead.${name}`].replace("{domain}", domain).replace("{host}", location.hostname || location.origin);
  const email = make("input", { type: "email", name: "email", required: true, autocomplete: "email", part: "lead-email" });
  const agreed = make("input", { type: "checkbox", required: true, part: "lead-consent" });
  const said = make("p", { role: "status", part: "lead-status" });
  const button = make("button", { part: "lead-button" }, word("send"));
  const form = make(
    "form",
    { part: "lead" },
    make("p", {}, word("about")),
    make("label", {}, word("email"), " ", email),
    make("label", {}, agreed, " ", make("slot", { name: "consent" })),
    button,
    said,
  );
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    const chosen = { version: 1, email: email.value, consent: consent.textContent.trim(), domain, transport, forgery, stage };
    const answer = await fetch(new URL(endpoint, document.baseURI), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chosen),
    }).catch(() => undefined);
    said.textContent = word(answer?.ok ? "sent" : "failed");
    button.disabled = Boolean(answer?.ok);
  });
  place.append(form);
}
