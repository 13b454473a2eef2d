//! How to touch a stranger's server safely: DNS, the HTTPS policy, SMTP STARTTLS.
