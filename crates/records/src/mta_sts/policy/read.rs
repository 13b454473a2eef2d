//! Reads a policy line by line, and keeps beside it the policy that was plainly meant.

use super::lines::{self, Field, LINE_ENDS, Line};
use super::{KEYS, MAX_MAX_AGE, Mode, Policy, Spans, rules, write_policy};
use crate::ascii;
use crate::fields::{is_name, name_character};
use crate::mta_sts::pattern::{self, Pattern};
use crate::suggest::nearest;
use crate::{Finding, Parsed, Rule, Span, tags};

const WSP: &[char] = &[' ', '\t'];

/// What was read, and the corrected text if it is plain.
pub(super) fn read(body: &str) -> (Parsed<Policy>, Option<String>) {
    let mut reader = Reader { body, ..Reader::default() };
    lines::cut(body).for_each(|line| reader.read_line(line));
    reader.end_blank_run(true);
    reader.judge_misspelled();
    reader.judge_whole();
    let fixed = reader.corrected();
    (Parsed::judge(body, reader.policy(), reader.findings), fixed)
}

#[derive(Default)]
struct Reader<'a> {
    body: &'a str,
    findings: Vec<Finding>,
    /// Empty lines in a row, as far as they have been read.
    blank_run: Option<Span>,
    /// Some line has said something.
    begun: bool,
    version: Seen<()>,
    mode: Seen<Mode>,
    max_age: Seen<u32>,
    mx: Patterns,
    /// Lines whose key comes close to a known one.
    misspelled: Vec<(Span, &'static str, Span)>,
    /// Lines that senders ignore, and a corrected text keeps.
    extensions: Vec<Span>,
}

/// A key that may stand once.
struct Seen<T> {
    /// Where its value stands, readable or not.
    at: Option<Span>,
    value: Option<T>,
    /// The value, or what was plainly meant.
    meant: Option<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { at: None, value: None, meant: None }
    }
}

#[derive(Default)]
struct Patterns {
    /// Some line names one, readable or not.
    seen: bool,
    values: Vec<Pattern>,
    spans: Vec<Span>,
    meant: Vec<Pattern>,
    /// What some line meant cannot be told.
    unclear: bool,
}

impl<'a> Reader<'a> {
    fn find(&mut self, rule: &'static Rule, span: impl Into<Span>) {
        self.findings.push(Finding::at(rule, span));
    }

    fn find_with(&mut self, rule: &'static Rule, span: Span, name: &'static str) {
        self.findings.push(Finding::at(rule, span).with(name, self.text(span)));
    }

    fn text(&self, span: Span) -> &'a str {
        span.of(self.body)
    }

    fn read_line(&mut self, line: Line) {
        if let Some(stray) = line.stray_return
            && !self.findings.iter().any(|finding| *finding.rule == rules::LINE_ENDING)
        {
            self.find(&rules::LINE_ENDING, stray);
        }
        let span = self.skip_byte_order_mark(line.span);
        let content = tags::trim(self.body, span);
        if content.start == content.end {
            self.extend_blank_run(span);
            return;
        }
        self.end_blank_run(false);
        if content.start > span.start {
            self.find(&rules::SPACE_AT_START, span.start..content.start);
        }
        self.read_content(content);
    }

    fn skip_byte_order_mark(&mut self, line: Span) -> Span {
        if line.start > 0 || !self.text(line).starts_with('\u{feff}') {
            return line;
        }
        let mark = Span::new(0, '\u{feff}'.len_utf8());
        self.find(&rules::BYTE_ORDER_MARK, mark);
        Span::new(mark.end, line.end)
    }

    fn extend_blank_run(&mut self, line: Span) {
        // A finding must have something to underline: the newline that makes the line.
        let end = (line.end + 1).min(self.body.len());
        let start = self.blank_run.map_or(line.start, |run| run.start);
        self.blank_run = Some(Span::new(start, end));
    }

    fn end_blank_run(&mut self, at_end: bool) {
        if let Some(run) = self.blank_run.take() {
            self.find(if at_end { &rules::BLANK_LINE_AT_END } else { &rules::BLANK_LINE }, run);
        }
    }

    fn read_content(&mut self, content: Span) {
        let text = self.text(content);
        if ["#", "//", ";", "<!--"].iter().any(|mark| text.starts_with(mark)) {
            self.find(&rules::COMMENT, content);
            return;
        }
        match lines::split(self.body, content) {
            Some(field) => self.read_field(content, field),
            None => self.read_without_colon(content),
        }
        self.begun = true;
    }

    /// `mode enforce`: the key is there, so that it is not missing on top.
    fn read_without_colon(&mut self, content: Span) {
        self.find_with(&rules::COLON_MISSING, content, "line");
        let text = self.text(content);
        if let Some((word, _)) = text.split_once(WSP)
            && let Some(key) = KEYS.iter().find(|key| **key == word)
        {
            let value = tags::trim(self.body, Span::new(content.start + word.len(), content.end));
            self.read_known(key, value);
        }
    }

    fn read_field(&mut self, content: Span, field: Field) {
        if self.text(field.separator) == "=" {
            self.find(&rules::EQUALS_SIGN, field.separator);
        }
        if field.key.end < field.separator.start {
            self.find(&rules::SPACE_BEFORE_COLON, field.key.end..field.separator.start);
        }
        let key = self.text(field.key);
        let known = KEYS.iter().find(|known| **known == key);
        if known.is_some_and(|known| *known == "version") && self.begun {
            self.find(&rules::VERSION_NOT_FIRST, content);
        }
        self.check_characters(field.value);
        match (known, nearest(key, &KEYS)) {
            (Some(known), _) => self.read_known(known, field.value),
            (None, Some(meant)) => self.misspelled.push((field.key, meant, field.value)),
            (None, None) => self.read_extension(content, field),
        }
    }

    /// `sts-policy-vchar` and inner spaces; of control characters none, and a tab only around a value.
    fn check_characters(&mut self, value: Span) {
        if let Some((at, character)) = ascii::first(self.text(value), char::is_control) {
            let start = value.start + at;
            let end = start + character.len_utf8();
            let finding = Finding::at(&rules::CONTROL_CHARACTER, start..end);
            self.findings.push(finding.with("character", name_character(character)));
        }
    }

    fn read_known(&mut self, key: &'static str, value: Span) {
        let repeated = key != "mx" && self.once(key).is_some();
        if repeated || value.start == value.end {
            // RFC 8461 §3.2: all entries except for the first SHALL be ignored.
            let rule = if repeated { &rules::KEY_REPEATED } else { &rules::VALUE_MISSING };
            self.findings.push(Finding::at(rule, self.line_up_to(value)).with("key", key));
        }
        if repeated {
            return;
        }
        match key {
            "version" => self.read_version(value),
            "mode" => self.read_mode(value),
            "max_age" => self.read_max_age(value),
            _ => self.read_mx(value),
        }
    }

    /// Where the first value of a key that may stand once is.
    fn once(&self, key: &str) -> Option<Span> {
        match key {
            "version" => self.version.at,
            "mode" => self.mode.at,
            _ => self.max_age.at,
        }
    }

    /// A line with its key; a value that is not there could not be underlined.
    fn line_up_to(&self, value: Span) -> Span {
        let before = self.body.get(..value.start).unwrap_or_default();
        let start = before.rfind(LINE_ENDS).map_or(0, |end| end + 1);
        Span::new(start, value.end)
    }

    fn read_version(&mut self, value: Span) {
        let exact = self.text(value) == "STSv1";
        if !exact && value.start < value.end {
            self.find_with(&rules::VERSION_UNKNOWN, value, "value");
        }
        self.version = Seen { at: Some(value), value: exact.then_some(()), meant: Some(()) };
    }

    fn read_mode(&mut self, value: Span) {
        let text = self.text(value);
        let exact = Mode::named(text);
        let words = [Mode::Enforce, Mode::Testing, Mode::None].map(Mode::as_str);
        let meant = nearest(text, &words);
        if exact.is_none() && value.start < value.end {
            let expected = meant.map_or_else(|| words.join(", "), str::to_owned);
            let finding = Finding::at(&rules::MODE_UNKNOWN, value).with("value", text);
            self.findings.push(finding.with("expected", expected));
        }
        self.mode = Seen { at: Some(value), value: exact, meant: meant.and_then(Mode::named) };
    }

    fn read_max_age(&mut self, value: Span) {
        let text = self.text(value);
        let exact = match seconds(text) {
            Ok(seconds) => Some(seconds),
            Err(rule) => {
                if value.start < value.end {
                    self.find_with(rule, value, "value");
                }
                None
            }
        };
        self.max_age =
            Seen { at: Some(value), value: exact, meant: exact.or_else(|| meant_seconds(text)) };
    }

    fn read_mx(&mut self, value: Span) {
        self.mx.seen = true;
        let text = self.text(value);
        match Pattern::parse(text) {
            Ok(pattern) if self.mx.values.contains(&pattern) => {
                self.find_with(&rules::MX_REPEATED, value, "value");
            }
            Ok(pattern) => {
                self.mx.meant.push(pattern.clone());
                self.mx.values.push(pattern);
                self.mx.spans.push(value);
            }
            Err(rule) => self.read_bad_mx(rule, value),
        }
    }

    fn read_bad_mx(&mut self, rule: &'static Rule, value: Span) {
        let text = self.text(value);
        if !text.is_empty() {
            let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '*' | '_'));
            let finding = Finding::at(rule, value).with("value", text);
            self.findings.push(match ascii::first(text, odd) {
                Some((_, character)) if *rule == rules::MX_CHARACTER => {
                    finding.with("character", character)
                }
                _ => finding,
            });
        }
        let meant = pattern::corrected(text);
        self.mx.unclear |= meant.is_empty();
        self.mx.meant.extend(meant);
    }

    /// An unknown key is ignored, but must have the form of one.
    fn read_extension(&mut self, content: Span, field: Field) {
        let key = self.text(field.key);
        if !is_name(key) {
            // To leave it out might leave out a host.
            self.mx.unclear |= !key.is_empty();
            self.find_with(
                &rules::KEY_MALFORMED,
                if key.is_empty() { content } else { field.key },
                "key",
            );
        } else if field.value.start == field.value.end {
            self.find_with(&rules::VALUE_MISSING, field.key, "key");
        } else {
            self.find_with(&rules::KEY_UNKNOWN, field.key, "key");
            self.extensions.push(content);
        }
    }

    /// A misspelled key is the reason why the right one is missing; where that is there, it is one more that nobody knows.
    fn judge_misspelled(&mut self) {
        let absent = KEYS
            .map(|key| (key, if key == "mx" { !self.mx.seen } else { self.once(key).is_none() }));
        for (key, meant, value) in std::mem::take(&mut self.misspelled) {
            let missing = absent.contains(&(meant, true));
            let rule = match (missing, is_name(self.text(key))) {
                (true, _) => &rules::KEY_MISSPELLED,
                (false, true) => &rules::KEY_RESEMBLES,
                (false, false) => &rules::KEY_MALFORMED,
            };
            self.findings
                .push(Finding::at(rule, key).with("key", self.text(key)).with("expected", meant));
            if missing {
                self.read_known(meant, value);
            } else if value.start == value.end {
                self.find_with(&rules::VALUE_MISSING, key, "key");
            } else if meant == "mx" {
                // Several are allowed: it is one more.
                self.mx.meant.extend(pattern::corrected(self.text(value)));
            }
        }
    }

    fn judge_whole(&mut self) {
        for (rule, missing) in [
            (&rules::VERSION_MISSING, self.version.at.is_none()),
            (&rules::MODE_MISSING, self.mode.at.is_none()),
            (&rules::MAX_AGE_MISSING, self.max_age.at.is_none()),
            (&rules::MX_MISSING, !self.mx.seen && self.mode.meant != Some(Mode::None)),
        ] {
            if missing {
                self.findings.push(Finding::new(rule));
            }
        }
        if let (Some(span), Some(seconds)) = (self.max_age.at, self.max_age.value)
            && let Some(rule) = short_lifetime(seconds, self.mode.value)
        {
            self.findings.push(Finding::at(rule, span).with("value", seconds.to_string()));
        }
    }

    fn policy(&mut self) -> Option<Policy> {
        let (mode, max_age) = (self.mode.value?, self.max_age.value?);
        let mx = std::mem::take(&mut self.mx.values);
        let spans = Spans {
            mode: self.mode.at?,
            max_age: self.max_age.at?,
            mx: std::mem::take(&mut self.mx.spans),
        };
        (!mx.is_empty() || mode == Mode::None).then_some(Policy { mode, max_age, mx, spans })
    }

    /// The policy that was plainly meant.
    fn corrected(&self) -> Option<String> {
        if self.mx.unclear || self.findings.is_empty() {
            return None;
        }
        let mut text = String::new();
        write_policy(&mut text, self.mode.meant?, self.max_age.meant?, &self.mx.meant).ok()?;
        for extension in &self.extensions {
            text.push_str(self.text(*extension));
            text.push('\n');
        }
        Some(text)
    }
}

/// `1*10(DIGIT)`, at most a year.
fn seconds(text: &str) -> Result<u32, &'static Rule> {
    if text.is_empty() || !ascii::is_digits(text) {
        return Err(&rules::MAX_AGE_MALFORMED);
    }
    let number =
        text.parse::<u64>().ok().filter(|number| text.len() <= 10 && *number <= MAX_MAX_AGE.into());
    number.and_then(|number| u32::try_from(number).ok()).ok_or(&rules::MAX_AGE_TOO_LONG)
}

/// `604,800`, `604800s`, `99999999`: what they mean is plain.
fn meant_seconds(text: &str) -> Option<u32> {
    let text = ascii::trim(text, &['"', '\'', ';', ',', '.']);
    let text = ["seconds", "sec", "s"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
        .trim_end();
    let separators: &[char] = &[',', '.', '_', '\'', ' '];
    let grouped = text.split(separators).skip(1).all(|group| group.len() == 3);
    let digits: String = text.chars().filter(|c| !separators.contains(c)).collect();
    let number = digits.parse::<u64>().ok().filter(|_| grouped && ascii::is_digits(&digits))?;
    u32::try_from(number.min(MAX_MAX_AGE.into())).ok()
}

const DAY: u32 = 86_400;

/// Below a day, the daily refresh comes too late (RFC 8461 §3.3, §10.2); weeks are what the standard expects (§3.2).
/// A policy that takes itself back should be forgotten soon (§8.3).
fn short_lifetime(seconds: u32, mode: Option<Mode>) -> Option<&'static Rule> {
    match mode? {
        Mode::None => None,
        _ if seconds < DAY => Some(&rules::MAX_AGE_BELOW_DAY),
        Mode::Enforce if seconds < 7 * DAY => Some(&rules::MAX_AGE_BELOW_WEEK),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::meant_seconds;
    use crate::Severity;
    use crate::mta_sts::policy::parse;

    /// Rules below `mta-sts.policy`, each with the text that it underlines.
    fn found(body: &str) -> Vec<(&'static str, &str)> {
        let findings = parse(body).findings;
        let shown = |finding: &crate::Finding| {
            let code = finding.rule.code.rsplit('.').next().unwrap_or_default();
            (code, finding.place.map_or("", |place| place.span.of(body)))
        };
        findings.iter().map(shown).collect()
    }

    const SOUND: &str = "version: STSv1\nmode: enforce\nmx: mail.example\nmax_age: 604800\n";

    #[test]
    fn what_the_grammar_allows_is_fine() {
        for (reason, body) in [
            ("as it should be", SOUND.to_owned()),
            ("CRLF", SOUND.replace('\n', "\r\n")),
            ("no final newline", SOUND.trim_end().to_owned()),
            ("no space behind colons, and tabs", SOUND.replace(": ", ":\t")),
            ("white space at the end of lines", SOUND.replace('\n', " \t\n")),
            ("leading zeros", SOUND.replace("604800", "0000604800")),
            (
                "a policy that takes itself back",
                "version: STSv1\nmode: none\nmax_age: 60".to_owned(),
            ),
        ] {
            assert_eq!(found(&body), [], "{reason}");
            assert!(parse(&body).usable, "{reason}");
        }
    }

    #[test]
    fn each_line_is_judged_where_it_is() {
        for (reason, body, expected) in [
            ("doubled final newline", SOUND.to_owned() + "\n", vec![("blank-line-at-end", "\n")]),
            ("blank line", SOUND.replace("mode", "\n\nmode"), vec![("blank-line", "\n\n")]),
            ("two of them", SOUND.replace("\nm", "\n\nm"), vec![("blank-line", "\n"); 3]),
            ("a space at the end", SOUND.to_owned() + " ", vec![("blank-line-at-end", " ")]),
            (
                "a mark elsewhere",
                SOUND.replace("mode", "\u{feff}mode"),
                vec![("key-misspelled", "\u{feff}mode")],
            ),
            (
                "byte order mark",
                "\u{feff}".to_owned() + SOUND,
                vec![("byte-order-mark", "\u{feff}")],
            ),
            ("old Mac", SOUND.replace('\n', "\r"), vec![("line-ending", "\r")]),
            ("indented", SOUND.replace("mode", "  mode"), vec![("space-at-start", "  ")]),
            (
                "space before the colon",
                SOUND.replace("mode:", "mode :"),
                vec![("space-before-colon", " ")],
            ),
            ("equals sign", SOUND.replace("max_age: ", "max_age="), vec![("equals-sign", "=")]),
            (
                "both",
                SOUND.replace("mode: ", "mode = a: "),
                vec![
                    ("space-before-colon", " "),
                    ("equals-sign", "="),
                    ("mode-unknown", "a: enforce"),
                ],
            ),
            ("comment", "# hello\n".to_owned() + SOUND, vec![("comment", "# hello")]),
            ("another one", SOUND.to_owned() + "// mx: a", vec![("comment", "// mx: a")]),
            ("a third", SOUND.to_owned() + ";", vec![("comment", ";")]),
            ("a fourth", SOUND.to_owned() + "<!-- a: b -->", vec![("comment", "<!-- a: b -->")]),
            ("prose", SOUND.to_owned() + "hello all", vec![("colon-missing", "hello all")]),
            ("one word", SOUND.to_owned() + "mode", vec![("colon-missing", "mode")]),
            (
                "control character",
                SOUND.to_owned() + "x: a\tb",
                vec![("key-unknown", "x"), ("control-character", "\t")],
            ),
            ("no colon", SOUND.replace("mode:", "mode"), vec![("colon-missing", "mode enforce")]),
            ("no key", SOUND.to_owned() + ": 1", vec![("key-malformed", ": 1")]),
            ("no such key", SOUND.to_owned() + "_a: 1", vec![("key-malformed", "_a")]),
            ("nor value", SOUND.to_owned() + "a:", vec![("value-missing", "a")]),
            ("an equals sign", SOUND.to_owned() + "a=b: 1", vec![("key-malformed", "a=b")]),
            ("misspelled", SOUND.replace("mx", "ms"), vec![("key-misspelled", "ms")]),
            ("capital", SOUND.replace("mode", "Mode"), vec![("key-misspelled", "Mode")]),
            ("one more", SOUND.to_owned() + "mxs: a.example", vec![("key-resembles", "mxs")]),
            (
                "one more without a value",
                SOUND.to_owned() + "mxs:",
                vec![("value-missing", "mxs"), ("key-resembles", "mxs")],
            ),
            ("one that is none", SOUND.to_owned() + "m\"x: a", vec![("key-malformed", "m\"x")]),
            (
                "misspelled and repeated",
                SOUND.replace("mode", "Mode") + "Mode: none",
                vec![
                    ("key-misspelled", "Mode"),
                    ("key-misspelled", "Mode"),
                    ("key-repeated", "Mode: none"),
                ],
            ),
            ("repeated", SOUND.to_owned() + "mode: none", vec![("key-repeated", "mode: none")]),
            ("no value", SOUND.replace(" enforce", ""), vec![("value-missing", "mode:")]),
            ("no host", SOUND.replace(" mail.example", ""), vec![("value-missing", "mx:")]),
            ("no version", SOUND.replace(" STSv1", ""), vec![("value-missing", "version:")]),
            ("no number", SOUND.replace(" 604800", ""), vec![("value-missing", "max_age:")]),
            ("version", SOUND.replace("STSv1", "STSv2"), vec![("version-unknown", "STSv2")]),
            (
                "no host at all",
                SOUND.replace("enforce\nmx: mail.example", "testing"),
                vec![("mx-missing", "")],
            ),
            (
                "a host twice",
                SOUND.replace("mx", "mx: MAIL.example\nmx"),
                vec![("mx-repeated", "mail.example")],
            ),
            ("a year", SOUND.replace("604800", "31557600"), vec![]),
            (
                "a day of testing",
                SOUND.replace("enforce", "testing").replace("604800", "86400"),
                vec![],
            ),
            ("mode", SOUND.replace("enforce", "Enforced"), vec![("mode-unknown", "Enforced")]),
            (
                "grouped digits",
                SOUND.replace("604800", "604,800"),
                vec![("max-age-malformed", "604,800")],
            ),
            (
                "too long",
                SOUND.replace("604800", "31557601"),
                vec![("max-age-too-long", "31557601")],
            ),
            (
                "eleven digits",
                SOUND.replace("604800", "00000604800"),
                vec![("max-age-too-long", "00000604800")],
            ),
            ("below a day", SOUND.replace("604800", "86399"), vec![("max-age-below-day", "86399")]),
            (
                "below a week",
                SOUND.replace("604800", "604799"),
                vec![("max-age-below-week", "604799")],
            ),
            (
                "zone file",
                SOUND.replace("mail.example", "mail.example."),
                vec![("mx-trailing-dot", "mail.example.")],
            ),
            (
                "last",
                SOUND.replace("version: STSv1\n", "") + "version: STSv1",
                vec![("version-not-first", "version: STSv1")],
            ),
            (
                "all at once",
                "mode: live\n\nmx: 192.0.2.1\n".to_owned(),
                vec![
                    ("mode-unknown", "live"),
                    ("blank-line", "\n"),
                    ("mx-address", "192.0.2.1"),
                    ("version-missing", ""),
                    ("max-age-missing", ""),
                ],
            ),
        ] {
            assert_eq!(found(&body), expected, "{reason}");
        }
    }

    #[test]
    fn what_is_no_policy_at_all_is_one_finding() {
        for (body, expected) in [
            ("", "empty"),
            ("\r\n \n", "empty"),
            ("<!DOCTYPE html>\n<html>\n<p>mode: enforce</p>", "html"),
            ("{\\rtf1\\ansi\nversion: STSv1\\\nmode: enforce\\\n}", "rtf"),
            ("v=STSv1; id=1;", "record-text"),
            ("\" v = STSv1; id=1;\"", "record-text"),
            ("a", "foreign"),
            ("{\"error\": \"not found\"}", "foreign"),
            ("---\npermalink: /x\n---\nversion: STSv1\nmode: live\n", "front-matter"),
        ] {
            let parsed = parse(body);
            assert!(!parsed.usable, "{body:?}");
            assert_eq!(parsed.findings.len(), 1, "{body:?}");
            assert_eq!(parsed.findings[0].rule.code, format!("mta-sts.policy.{expected}"));
        }
    }

    #[test]
    fn of_what_is_no_policy_the_first_line_is_underlined() {
        for (body, expected) in [
            ("\n <html>\r\nmode: none", ("html", "<html>")),
            ("\u{feff}{\\rtf1\nmode: none", ("rtf", "{\\rtf1")),
            ("hello\nthere", ("foreign", "hello")),
            ("\u{feff}\n", ("empty", "\u{feff}\n")),
        ] {
            assert_eq!(found(body), [expected]);
        }
    }

    #[test]
    fn senders_read_64_kb() {
        let of_size = |size: usize| SOUND.to_owned() + "a: " + &"b".repeat(size - SOUND.len() - 3);
        assert_eq!(found(&of_size(65_536)), [("key-unknown", "a")]);
        assert_eq!(found(&of_size(65_537)), [("too-large", "")]);
    }

    #[test]
    fn a_number_of_seconds_is_understood_as_it_was_meant() {
        for (text, expected) in [
            ("604800", Some(604_800)),
            ("604,800", Some(604_800)),
            ("31 557 600", Some(31_557_600)),
            ("86400s", Some(86_400)),
            ("86400 seconds", Some(86_400)),
            ("\"86400\";", Some(86_400)),
            ("99999999", Some(31_557_600)),
            ("1.5", None),
            ("a week", None),
            ("", None),
        ] {
            assert_eq!(meant_seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_character_that_no_host_has_is_named() {
        for (host, expected) in [
            ("mail.example:25", &[("value", "mail.example:25"), ("character", ":")][..]),
            ("-_*.mail+in.example", &[("value", "-_*.mail+in.example")]),
            ("10 a.example", &[("value", "10 a.example")]),
        ] {
            let finding = &parse(&SOUND.replace("mail.example", host)).findings[0];
            let params = finding.params.iter().map(|(name, value)| (*name, &**value));
            assert_eq!(params.collect::<Vec<_>>(), expected, "{host}");
        }
    }

    #[test]
    fn where_one_host_is_unclear_nothing_is_offered() {
        for hosts in ["???\nmx: a.example", "a.example.\nmx: ???"] {
            let findings = parse(&SOUND.replace("mail.example", hosts)).findings;
            assert!(findings.iter().all(|finding| finding.fix.is_none()), "{findings:?}");
        }
    }

    #[test]
    fn what_is_plain_is_offered_as_a_fix() {
        let sound =
            "version: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\nmax_age: 604800\n";
        for body in [
            "mode : Enforced\n\n# ours\nms: A.example., .b.example\nmax_age=604,800\nversion: STS1\n\n",
            "---\nlayout: none\n---\n\nversion: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\nmax_age: 604800",
        ] {
            let findings = parse(body).findings;
            let fails = findings.iter().filter(|finding| finding.rule.severity == Severity::Fail);
            fails
                .for_each(|finding| assert_eq!(finding.fix.as_deref(), Some(sound), "{finding:?}"));
        }
    }
}
