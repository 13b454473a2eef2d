//! Reports in messages, and messages in mailboxes (RFC 8460 §5.3, RFC 4155).

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use crate::reader::Packing;

/// A piece of a message that may be a report.
pub(crate) struct Part {
    /// What it is called, or where it stands.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether the message says that it is one.
    is_declared: bool,
}

impl Part {
    /// Programs that send reports name them in many ways; what the bytes are counts as well.
    pub(crate) fn may_be_report(&self) -> bool {
        self.is_declared
            || match Packing::of(&self.bytes) {
                Packing::Gzip | Packing::Zip => true,
                // Not “[External message] …”.
                Packing::Json => self.bytes.trim_ascii_start().starts_with(b"{"),
                _ => false,
            }
    }
}

/// The messages of a mailbox: each begins with a line `From ` after an empty one.
pub(crate) fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes.trim_ascii_start());
    std::iter::from_fn(move || {
        let whole = rest.filter(|rest| !rest.is_empty())?;
        let (message, behind) = match next_start(whole) {
            Some(at) => (&whole[..at], Some(&whole[at..])),
            None => (whole, None),
        };
        rest = behind;
        // The line is not part of the message.
        let end = message.iter().position(|byte| *byte == b'\n').map_or(message.len(), |at| at + 1);
        Some(&message[end..])
    })
}

/// Where the message behind the first one begins.
fn next_start(bytes: &[u8]) -> Option<usize> {
    let mut from = 1;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| *byte == b'\n')? + 1;
        let is_empty_before = bytes[..at].ends_with(b"\n\n") || bytes[..at].ends_with(b"\n\r\n");
        if is_empty_before && bytes[at..].starts_with(b"From ") {
            return Some(at);
        }
        from = at;
    }
}

/// Whether a text begins like a message: with a header's name and a colon (RFC 5322 §2.2).
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let name = bytes.iter().take(100).take_while(|byte| byte.is_ascii_graphic() && **byte != b':');
    let length = name.count();
    // The one that a mail server puts before it has no colon in old mailboxes: `>From `.
    length > 0 && bytes.get(length) == Some(&b':') && bytes[0].is_ascii_alphabetic()
}

/// Every piece of a message that is no multipart, those of messages attached to it among them.
pub(crate) fn parts(bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(message) = MessageParser::default().parse(bytes) {
        gather(&message, 0, &mut parts);
    }
    parts
}

/// Messages that are forwarded stand in each other; nobody forwards so often.
const MOST_FORWARDED: usize = 8;

fn gather(message: &Message<'_>, depth: usize, parts: &mut Vec<Part>) {
    for (place, part) in message.parts.iter().enumerate() {
        let bytes = match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes,
            PartType::Message(inner) if depth < MOST_FORWARDED => {
                gather(inner, depth + 1, parts);
                continue;
            }
            PartType::Message(_) | PartType::Multipart(_) => continue,
        };
        let is_declared = part
            .content_type()
            .and_then(|kind| kind.subtype())
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("tlsrpt"));
        let name = part.attachment_name().map_or_else(|| format!("#{place}"), str::to_owned);
        parts.push(Part { name, bytes: bytes.to_vec(), is_declared });
    }
}
