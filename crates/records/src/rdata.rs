//! Records that are no text but fields, as people write them: white space between, strings quoted (RFC 1035 §5.1).

use std::str::FromStr;

use crate::ascii::is_digits;
use crate::{Finding, Parsed, RecordSet, Rule, Severity, Span, Text};

const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The fields of a record. One that begins with a quotation mark goes on to the next that is not escaped.
pub(crate) fn fields(text: &str) -> Vec<Span> {
    let mut fields = Vec::new();
    let mut start = 0;
    while let Some(blank) = text[start..].find(|c| !WHITE.contains(&c)) {
        start += blank;
        let end = start + length(&text[start..]);
        fields.push(Span::new(start, end));
        start = end;
    }
    fields
}

/// How long the field is that a text begins with.
fn length(text: &str) -> usize {
    let quoted = text.starts_with('"');
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(usize::from(quoted)) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' if quoted => return at + 1,
            _ if !quoted && WHITE.contains(&c) => return at,
            _ => {}
        }
    }
    text.len()
}

/// What a quoted string says; `None` if the field is not one.
pub(crate) fn quoted(field: &str) -> Option<String> {
    let inner = field.strip_prefix('"').filter(|_| length(field) == field.len())?;
    let inner = inner.strip_suffix('"')?;
    let mut said = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        said.push(if c == '\\' { unescape(&mut rest)? } else { c });
    }
    Some(said)
}

/// What stands for itself after a backslash, or is named by its number in three digits.
fn unescape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let code = rest.as_str().get(..3).and_then(number::<u8>);
    match code {
        Some(code) => rest.nth(2).map(|_| char::from(code)),
        None => rest.next(),
    }
}

/// A number in digits and nothing else.
pub(crate) fn number<N: FromStr>(field: &str) -> Option<N> {
    is_digits(field).then(|| field.parse().ok()).flatten()
}

/// Reads all records at a name, where several may be: any that is sound will do, unless a rule
/// about the whole set fails.
pub(crate) fn read_set<T>(
    texts: &[Text],
    parse: fn(&Text) -> Parsed<T>,
    judge: impl FnOnce(&[Parsed<T>]) -> Vec<Finding>,
) -> RecordSet<T> {
    let mut records: Vec<Parsed<T>> =
        texts.iter().enumerate().map(|(index, text)| parse(text).in_record(index)).collect();
    let mut findings = judge(&records);
    let fails = findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
    findings.extend(records.iter_mut().flat_map(|record| std::mem::take(&mut record.findings)));
    let chosen = records.iter().position(|record| record.usable).filter(|_| !fails);
    RecordSet {
        value: chosen.and_then(|index| records.swap_remove(index).value),
        chosen,
        ours: !texts.is_empty(),
        findings,
    }
}

/// The records that are the same as an earlier one; DNS holds each only once (RFC 2181 §5).
pub(crate) fn repeated<T>(
    rule: &'static Rule,
    texts: &[Text],
    records: &[Parsed<T>],
    same: fn(&T, &T) -> bool,
) -> impl Iterator<Item = Finding> {
    let values: Vec<Option<&T>> = records.iter().map(|record| record.value.as_ref()).collect();
    let is_repeated = move |at: &usize| {
        let mut earlier = values[..*at].iter().flatten();
        values[*at].is_some_and(|value| earlier.any(|earlier| same(earlier, value)))
    };
    let find = move |at: usize| Finding::at(rule, 0..texts[at].as_str().len()).in_record(at);
    (0..records.len()).filter(is_repeated).map(find)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{fields, number, quoted};

    #[test]
    fn fields_are_cut_at_white_space_outside_quotation_marks() {
        for (reason, text, expected) in [
            ("nothing", " \t", vec![]),
            ("two", " 10\tmail.example ", vec!["10", "mail.example"]),
            ("a quoted one", "0 issue \"a; b=c\"", vec!["0", "issue", "\"a; b=c\""]),
            ("an escaped mark", r#""a\" b" c"#, vec![r#""a\" b""#, "c"]),
            ("a mark that nothing closes", "0 \"a b", vec!["0", "\"a b"]),
            ("a mark within a field", "a\"b c", vec!["a\"b", "c"]),
        ] {
            let found: Vec<_> = fields(text).iter().map(|field| field.of(text)).collect();
            assert_eq!(found, expected, "{reason}");
        }
    }

    #[test]
    fn a_quoted_string_is_read_without_its_escapes() {
        for (field, expected) in [
            (r#""a; b""#, Some("a; b")),
            (r#""a\" \\ \065""#, Some("a\" \\ A")),
            (r#""""#, Some("")),
            (r#"""#, None),
            (r#""a\""#, None),
            (r#""a" "b""#, None),
            ("a", None),
        ] {
            assert_eq!(quoted(field).as_deref(), expected, "{field}");
        }
    }

    #[test]
    fn a_number_is_digits_within_its_range() {
        assert_eq!(
            [number::<u8>("255"), number("007"), number("256"), number("+1"), number("")],
            [Some(255), Some(7), None, None, None]
        );
    }
}
