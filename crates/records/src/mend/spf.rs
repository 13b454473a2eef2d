//! What was meant by an SPF record.

use std::net::IpAddr;

use super::characters::{behind_version, unquoted};
use crate::ascii;
use crate::spf::{meant as mechanism, meant_modifier, qualifier, split};

/// The record that was meant by a text; what is not plain in it stays as it is.
pub(super) fn meant(text: &str) -> Option<String> {
    let text = unquoted(text);
    let behind = match text.split_once(' ') {
        // Sender ID has the same terms (RFC 4406 §3).
        Some((version, rest)) if ascii::begins(version, "spf2.0") => rest,
        _ => behind_version(&text, "spf1"),
    };
    // In a macro, they may separate parts.
    let separators: &[char] = if behind.contains('%') { &[' '] } else { &[' ', ',', ';'] };
    let mut words: Vec<String> = Vec::new();
    for word in behind.split(separators).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if goes_on(last, word) => {
                let name = qualifier(last).1;
                let lacks_sign = needs_argument(name) && !word.starts_with([':', '=']);
                last.push_str(if lacks_sign { ":" } else { "" });
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let terms: Vec<String> = words.iter().map(|word| term(word)).collect();
    (!terms.is_empty()).then(|| ["v=spf1 ", &terms.join(" ")].concat())
}

/// Whether a space within a term separates two words.
fn goes_on(last: &str, word: &str) -> bool {
    let begins_term = word.starts_with(['+', '-', '~', '?']) || is_mechanism(split(word).0);
    match last {
        "+" | "-" | "~" | "?" => !word.starts_with(['+', '-', '~', '?']),
        _ if word.starts_with([':', '/']) => true,
        _ if last.ends_with([':', '=']) || needs_argument(qualifier(last).1) => {
            !begins_term && word.contains(['.', ':'])
        }
        _ => false,
    }
}

fn needs_argument(name: &str) -> bool {
    ["include", "ip4", "ip6", "exists"].iter().any(|known| ascii::is(known, name))
}

fn is_mechanism(name: &str) -> bool {
    let name = qualifier(name).1;
    needs_argument(name) || ["all", "a", "mx", "ptr"].iter().any(|known| ascii::is(known, name))
}

/// A term as it should be written.
fn term(word: &str) -> String {
    let (name, rest) = split(word);
    let signs: &[char] = &['+', '-', '~', '?', '_'];
    let bare = name.trim_matches(signs);
    let sign = name.chars().chain([' ']).find(|c| "+-~?".contains(*c) && !bare.contains(*c));
    let sign = sign.map(String::from).unwrap_or_default();
    let unsigned = word.strip_prefix(&*sign).unwrap_or(word);
    if let Some(network) = network(unsigned) {
        return [&*sign, network, unsigned].concat();
    }
    // `ip4192.0.2.1`.
    let glued = unsigned.get(3..).filter(|rest| !rest.starts_with(':'));
    if let Some(address) = glued.filter(|_| ascii::begins(unsigned, "ip"))
        && let Some(network) = network(address)
    {
        return [&*sign, network, address].concat();
    }
    let argument = rest.trim_start_matches([':', '=']);
    let has_sign = argument.len() < rest.len();
    if !is_mechanism(bare)
        && let Some(modifier) = meant_modifier(bare).filter(|_| has_sign)
        && mechanism(bare).is_none()
    {
        return [modifier, "=", argument].concat();
    }
    let name = match mechanism(bare) {
        _ if is_mechanism(bare) => bare,
        Some(meant) => meant,
        None => return word.to_owned(),
    };
    let name = match network(argument) {
        Some(meant) if ascii::begins(name, "ip") => meant.trim_end_matches(':'),
        _ => name,
    };
    let colon = if has_sign && !argument.is_empty() { ":" } else { "" };
    [&*sign, name, if argument.is_empty() { "" } else { colon }, argument].concat()
}

/// What has to stand before a network.
fn network(text: &str) -> Option<&'static str> {
    let address = text.split('/').next()?;
    Some(if address.parse::<IpAddr>().ok()?.is_ipv4() { "ip4:" } else { "ip6:" })
}
