//! What was observed about a domain: DNS answers, a policy response, an SMTP session, a certificate.
