"""What schemathesis has to know of DNS messages (RFC 1035 §4.1), which are neither JSON nor text."""

from base64 import urlsafe_b64encode

import schemathesis
from hypothesis import strategies as st

TYPES = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "TLSA": 52, "ANY": 255}


def query(labels, kind):
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return b"\0\0\1\0\0\1\0\0\0\0\0\0" + name + kind.to_bytes(2, "big") + b"\0\1"


LABELS = st.sampled_from([b"mail", b"_dmarc", b"example", b"com"]) | st.binary(min_size=1, max_size=63)
QUERIES = st.builds(query, st.lists(LABELS, max_size=4), st.sampled_from(sorted(TYPES.values())))
MESSAGES = QUERIES | st.binary(max_size=512)

schemathesis.openapi.media_type("application/dns-message", MESSAGES)
schemathesis.openapi.format("base64url", MESSAGES.map(lambda it: urlsafe_b64encode(it).decode().rstrip("=")))


@schemathesis.deserializer("application/dns-message")
def as_text(context, response):
    return response.content.decode("latin-1")
