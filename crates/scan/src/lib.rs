//! Which questions to ask about a domain, and what the answers mean together.
