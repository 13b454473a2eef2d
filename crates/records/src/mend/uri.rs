//! What was meant by an address for reports, or for a file.

use crate::suggest::{distance, nearest};

/// A list of them, with commas between.
pub(super) fn destinations(written: &str) -> String {
    let items = written.split([',', ' ']).map(|item| {
        let item = item.trim_matches(['<', '>', '"', '\'', ' ', '.']);
        // A size limit, as DMARC once had.
        let (item, limit) = item.split_once('!').unwrap_or((item, ""));
        let is_limit = limit
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .bytes()
            .all(|byte| byte.is_ascii_digit());
        if is_limit { item.trim().to_owned() } else { [item, "!", limit].concat() }
    });
    let mut meant: Vec<String> = Vec::new();
    for item in items.filter(|item| !item.is_empty()) {
        match meant.last_mut() {
            // A scheme alone belongs to what follows.
            Some(last) if distance(last.trim_end_matches(':'), "mailto") <= 1 => {
                *last = destination(&["mailto:", &item].concat());
            }
            _ => meant.push(destination(&item)),
        }
    }
    meant.join(",")
}

fn destination(item: &str) -> String {
    if let Some(address) = https_if_near(item).filter(|_| !item.starts_with("mail")) {
        return address;
    }
    if !item.contains('@') {
        return item.to_owned();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let scheme = item.find(|c| !is_name(c) && c != '@').filter(|at| !item[..*at].contains('@'));
    match scheme.map(|at| (&item[..at], item[at..].trim_start_matches([':', '=', '/', ' ', ';']))) {
        Some((scheme, address)) if scheme.is_empty() || nearest(scheme, &["mailto"]).is_some() => {
            ["mailto:", address].concat()
        }
        Some(_) => item.to_owned(),
        None => ["mailto:", item].concat(),
    }
}

/// One address of a file.
pub(super) fn https(written: &str) -> String {
    match https_if_near(written) {
        Some(meant) => meant,
        None if written.contains('.') && !written.contains([':', ' ', ',', '@']) => {
            ["https://", written.trim_start_matches('/')].concat()
        }
        None => written.to_owned(),
    }
}

/// `htps://`, `https:/`, `http://`.
fn https_if_near(written: &str) -> Option<String> {
    let end = written.find(['.', '@', '?']).unwrap_or(written.len());
    let length = written[..end].rfind(['/', ':'])? + 1;
    let (scheme, rest) = written.split_at(length);
    (distance(&scheme.to_ascii_lowercase(), "https://") <= 1).then(|| ["https://", rest].concat())
}
