//! What was meant by an address for reports, or for a file.

use crate::ascii;
use crate::suggest::{distance, nearest};

/// A list of them, with commas between.
pub(super) fn destinations(written: &str) -> String {
    let mut meant: Vec<String> = Vec::new();
    for item in written.split(',').flat_map(items) {
        let item = without_limit(item.trim_matches(['<', '>', '"', '\'', ' ', '.']));
        match meant.last_mut() {
            // A scheme alone belongs to what follows.
            Some(last) if distance(last.trim_end_matches(':'), "mailto") <= 1 => {
                *last = destination(&["mailto:", item].concat());
            }
            _ if item.is_empty() => {}
            _ => meant.push(destination(item)),
        }
    }
    meant.join(",")
}

/// What stands between commas, and where a space separates two addresses; a space beside a sign of one does not.
fn items(written: &str) -> Vec<String> {
    let is_whole = |text: &str| text.contains('@') || text.contains("//");
    let mut items: Vec<String> = Vec::new();
    for word in written.split(' ').filter(|word| !word.is_empty()) {
        match items.last_mut() {
            Some(last) if is_whole(last) && is_whole(word) => items.push(word.to_owned()),
            Some(last) => {
                let beside_sign = last.ends_with([':', '@', '.', '/', '='])
                    || word.starts_with([':', '@', '.', '/', '=']);
                last.push_str(if beside_sign { "" } else { " " });
                last.push_str(word);
            }
            None => items.push(word.to_owned()),
        }
    }
    items
}

/// Without a size limit, as DMARC once had.
fn without_limit(item: &str) -> &str {
    let Some((address, limit)) = item.split_once('!') else { return item };
    let digits = limit.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { address.trim_end() } else { item }
}

fn destination(item: &str) -> String {
    mailbox(item).or_else(|| https_if_near(item)).unwrap_or_else(|| item.to_owned())
}

/// An address of mail, with its scheme.
fn mailbox(item: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    // However the colon got lost, or out of its place.
    let letters = item.replace("oo:", "o:").replacen(':', "", 1);
    let end = item.find(|c| !is_name(c)).filter(|at| !item[..*at].contains('@')).unwrap_or(0);
    let (scheme, rest) = item.split_at(end);
    let address = match () {
        () if ascii::begins(&letters, "mailto") => &letters["mailto".len()..],
        () if scheme.is_empty() || nearest(scheme, &["mailto"]).is_some() => rest,
        () => return None,
    };
    let address = address.trim_start_matches([':', '=', '/', ' ', ';']);
    // A colon within it belongs to something else.
    (address.contains('@') && !address.contains(':')).then(|| ["mailto:", address].concat())
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
