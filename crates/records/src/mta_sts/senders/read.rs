//! Reads a policy as a sender does.

use super::ways::{
    BlankLine, ByteOrderMark, Charset, ColonMissing, ContentType, Extension, KeyCase, LoneReturn,
    MAX_AGE_MISSING, MODE_UNKNOWN, MX_MISSING, MaxAgeAbove, ModeCase, ModeMissing, MxName, Number,
    RepeatedKey, SecondColon, Size, SpaceAroundKey, VERSION_MISSING, VERSION_UNKNOWN, Ways,
    WhiteSpace,
};
use super::{Note, Reading, Taken, Way};
use crate::fields::is_name;
use crate::mta_sts::pattern::Pattern;
use crate::mta_sts::policy::{MAX_MAX_AGE, MAX_SIZE, Mode};
use crate::{Span, ascii};

pub(super) fn read(ways: &Ways, body: &str, content_type: Option<&str>) -> Reading {
    let mut reader = Reader { ways, body, notes: Vec::new(), seen: Seen::default() };
    let taken = reader.read(content_type).ok();
    Reading { taken, notes: reader.notes }
}

struct Reader<'a> {
    ways: &'a Ways,
    body: &'a str,
    notes: Vec<Note>,
    seen: Seen,
}

/// Where the values stand that count.
#[derive(Default)]
struct Seen {
    version: Option<Span>,
    mode: Option<Span>,
    max_age: Option<Span>,
    mx: Vec<Span>,
}

/// The policy is not used; the last note says why.
struct Refused;

type Result<T = ()> = std::result::Result<T, Refused>;

const PLAIN: &str = "text/plain";

const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'a> Reader<'a> {
    fn read(&mut self, content_type: Option<&str>) -> Result<Taken> {
        self.judge_response(content_type)?;
        let start = self.skip_byte_order_mark()?;
        for line in self.lines(start)? {
            self.read_line(line)?;
        }
        self.judge()
    }

    fn note(&mut self, way: impl Into<Way>, span: impl Into<Option<Span>>) {
        self.notes.push(Note { way: way.into(), span: span.into() });
    }

    fn refuse<T>(&mut self, way: impl Into<Way>, span: impl Into<Option<Span>>) -> Result<T> {
        self.note(way, span);
        Err(Refused)
    }

    fn text(&self, span: Span) -> &'a str {
        span.of(self.body)
    }

    fn judge_response(&mut self, content_type: Option<&str>) -> Result {
        if let Some(value) = content_type {
            self.judge_media_type(ascii::until(value, b";").trim())?;
        }
        if self.body.len() > MAX_SIZE {
            self.note(self.ways.size, None);
            if self.ways.size == Size::SixtyFour {
                return Err(Refused);
            }
        }
        // Where nobody knows what it was served with, it may have been right.
        let named = content_type.is_none_or(|value| ascii::mentions(value, "charset="));
        if let Some((start, found)) = ascii::first(self.body, |c| !c.is_ascii())
            && self.ways.charset == Charset::Named
            && !named
        {
            return self.refuse(self.ways.charset, Span::new(start, start + found.len_utf8()));
        }
        Ok(())
    }

    fn judge_media_type(&mut self, media_type: &str) -> Result {
        if media_type == PLAIN {
            return Ok(());
        }
        self.note(self.ways.content_type, None);
        let taken = match self.ways.content_type {
            ContentType::Any => true,
            ContentType::Required => media_type.eq_ignore_ascii_case(PLAIN),
            ContentType::RequiredExact => false,
        };
        if taken { Ok(()) } else { Err(Refused) }
    }

    /// Where the first line begins.
    fn skip_byte_order_mark(&mut self) -> Result<usize> {
        if !self.body.starts_with(BYTE_ORDER_MARK) {
            return Ok(0);
        }
        let end = BYTE_ORDER_MARK.len_utf8();
        self.note(self.ways.byte_order_mark, Span::new(0, end));
        match self.ways.byte_order_mark {
            ByteOrderMark::WholePolicy => Err(Refused),
            ByteOrderMark::PartOfKey => Ok(0),
            ByteOrderMark::Ignored => Ok(end),
        }
    }

    /// The lines, without their ends.
    fn lines(&mut self, start: usize) -> Result<Vec<Span>> {
        let mut lines = Vec::new();
        let mut next = start;
        for piece in self.body.get(start..).unwrap_or_default().split_inclusive('\n') {
            let line = piece.strip_suffix('\n').unwrap_or(piece);
            let line = if line.len() < piece.len() {
                line.strip_suffix('\r').unwrap_or(line)
            } else {
                line
            };
            self.cut(Span::new(next, next + line.len()), &mut lines)?;
            next += piece.len();
        }
        Ok(lines)
    }

    /// A line, or several if a lone carriage return ends one.
    fn cut(&mut self, line: Span, lines: &mut Vec<Span>) -> Result {
        let Some(at) = self.text(line).find('\r') else {
            lines.push(line);
            return Ok(());
        };
        let lone = Span::new(line.start + at, line.start + at + 1);
        self.note(self.ways.lone_return, lone);
        match self.ways.lone_return {
            LoneReturn::WholePolicy => return Err(Refused),
            LoneReturn::PartOfValue => lines.push(line),
            LoneReturn::LineEnd => {
                let mut next = line.start;
                for part in self.text(line).split('\r') {
                    lines.push(Span::new(next, next + part.len()));
                    next += part.len() + 1;
                }
            }
        }
        Ok(())
    }

    fn read_line(&mut self, line: Span) -> Result {
        if self.text(self.trimmed(line)).is_empty() {
            // What makes the line is its end.
            let end = (line.end + 1).min(self.body.len());
            self.note(self.ways.blank_line, Span::new(line.start, end));
            return match self.ways.blank_line {
                BlankLine::WholePolicy => Err(Refused),
                BlankLine::Ignored => Ok(()),
                BlankLine::IgnoredIfEmpty if line.start == line.end => Ok(()),
                BlankLine::IgnoredIfEmpty => Err(Refused),
            };
        }
        let Some((key, value)) = self.text(line).split_once(':') else {
            return self.read_without_colon(line);
        };
        if value.contains(':') {
            self.note(self.ways.second_colon, line);
            if self.ways.second_colon == SecondColon::WholePolicy {
                return Err(Refused);
            }
        }
        let colon = line.start + key.len();
        let (key, value) = (Span::new(line.start, colon), Span::new(colon + 1, line.end));
        let (key, value) = (self.key(key)?, self.value(value));
        self.read_field(line, &key, value)
    }

    fn read_without_colon(&mut self, line: Span) -> Result {
        self.note(self.ways.colon_missing, line);
        match self.ways.colon_missing {
            ColonMissing::WholePolicy => Err(Refused),
            ColonMissing::Ignored => Ok(()),
            ColonMissing::KeyAlone => {
                let key = self.key(self.trimmed_end(line))?;
                self.read_field(line, &key, Span::new(line.end, line.end))
            }
        }
    }

    /// A key as this sender compares it.
    fn key(&mut self, key: Span) -> Result<String> {
        let mut key = key;
        let bare = match self.ways.space_around_key {
            SpaceAroundKey::Ignored => self.trimmed(key),
            SpaceAroundKey::WholePolicy | SpaceAroundKey::PartOfKey => self.spaceless(key),
        };
        if bare != key {
            self.note(self.ways.space_around_key, key);
            match self.ways.space_around_key {
                SpaceAroundKey::WholePolicy => return Err(Refused),
                SpaceAroundKey::PartOfKey => {}
                SpaceAroundKey::Ignored => key = bare,
            }
        }
        let text = self.text(key);
        let lower = text.to_ascii_lowercase();
        if text != lower && KNOWN.contains(&&*lower) {
            self.note(self.ways.key_case, key);
            if self.ways.key_case == KeyCase::Any {
                return Ok(lower);
            }
        }
        Ok(text.to_owned())
    }

    fn value(&mut self, value: Span) -> Span {
        let trimmed = self.trimmed(value);
        if trimmed != self.spaceless(value) {
            self.note(self.ways.white_space, value);
        }
        trimmed
    }

    fn read_field(&mut self, line: Span, key: &str, value: Span) -> Result {
        if key == "mx" {
            self.seen.mx.push(value);
            return Ok(());
        }
        let slot = match key {
            "version" => &mut self.seen.version,
            "mode" => &mut self.seen.mode,
            "max_age" => &mut self.seen.max_age,
            _ => return self.read_extension(line, key, value),
        };
        let Some(first) = *slot else {
            *slot = Some(value);
            return Ok(());
        };
        if matches!(self.ways.repeated_key, RepeatedKey::Last | RepeatedKey::LastChecked) {
            *slot = Some(value);
        }
        self.note(self.ways.repeated_key, line);
        let taken = match self.ways.repeated_key {
            RepeatedKey::First | RepeatedKey::Last => true,
            RepeatedKey::FirstChecked | RepeatedKey::LastChecked => {
                [first, value].into_iter().all(|value| self.is_right(key, value))
            }
            RepeatedKey::WholePolicy => false,
        };
        if taken { Ok(()) } else { Err(Refused) }
    }

    fn is_right(&self, key: &str, value: Span) -> bool {
        let value = self.text(value);
        match key {
            "version" => value == VERSION,
            "mode" => Mode::named(value).is_some(),
            _ => self.seconds(value).is_some(),
        }
    }

    fn read_extension(&mut self, line: Span, key: &str, value: Span) -> Result {
        let text = self.text(value);
        if is_name(key) && !text.is_empty() && !text.contains(char::is_control) {
            return Ok(());
        }
        self.note(self.ways.extension, line);
        match self.ways.extension {
            Extension::WellFormed => Err(Refused),
            Extension::Any => Ok(()),
        }
    }

    fn judge(&mut self) -> Result<Taken> {
        match self.seen.version {
            None => return self.refuse(VERSION_MISSING, None),
            Some(span) if self.text(span) != VERSION => return self.refuse(VERSION_UNKNOWN, span),
            Some(_) => {}
        }
        let mode = self.mode()?;
        let max_age = match self.seen.max_age {
            None => return self.refuse(MAX_AGE_MISSING, None),
            Some(span) => self.max_age(span)?,
        };
        let mut mx = Vec::new();
        for span in std::mem::take(&mut self.seen.mx) {
            mx.push(self.pattern(span)?);
        }
        if mx.is_empty() && mode != Mode::None {
            return self.refuse(MX_MISSING, None);
        }
        Ok(Taken { mode, max_age, mx })
    }

    fn mode(&mut self) -> Result<Mode> {
        let Some(span) = self.seen.mode else {
            self.note(self.ways.mode_missing, None);
            return match self.ways.mode_missing {
                ModeMissing::WholePolicy => Err(Refused),
                ModeMissing::None => Ok(Mode::None),
            };
        };
        let text = self.text(span);
        if let Some(mode) = Mode::named(text) {
            return Ok(mode);
        }
        let Some(mode) = Mode::named(&text.to_ascii_lowercase()) else {
            return self.refuse(MODE_UNKNOWN, span);
        };
        self.note(self.ways.mode_case, span);
        match self.ways.mode_case {
            ModeCase::Exact => Err(Refused),
            ModeCase::Any => Ok(mode),
        }
    }

    fn max_age(&mut self, span: Span) -> Result<u32> {
        let text = self.text(span);
        if !is_digits(text) {
            self.note(self.ways.number, span);
        }
        let Some(seconds) = self.seconds(text) else { return Err(Refused) };
        if let Some(seconds) = u32::try_from(seconds).ok().filter(|seconds| *seconds <= MAX_MAX_AGE)
        {
            return Ok(seconds);
        }
        self.note(self.ways.max_age_above, span);
        match self.ways.max_age_above {
            MaxAgeAbove::WholePolicy => Err(Refused),
            MaxAgeAbove::Capped => Ok(MAX_MAX_AGE),
            MaxAgeAbove::Bits31 => {
                i32::try_from(seconds).map(i32::cast_unsigned).map_err(|_| Refused)
            }
            MaxAgeAbove::Any => Ok(u32::try_from(seconds).unwrap_or(u32::MAX)),
        }
    }

    /// A lifetime as this sender reads it; none is below 0.
    fn seconds(&self, text: &str) -> Option<i64> {
        let number = match self.ways.number {
            Number::Digits => text.parse().ok().filter(|_| is_digits(text)),
            Number::Plus => {
                text.parse::<u64>().ok().map(|number| number.try_into().unwrap_or(i64::MAX))
            }
            Number::Signed => text.parse::<i64>().ok().map(|number| number.max(0)),
            Number::Int => int(text),
            Number::Number => number(text),
        };
        number.filter(|seconds| *seconds >= 0)
    }

    fn pattern(&mut self, span: Span) -> Result<String> {
        let text = self.text(span);
        if Pattern::parse(text).is_err() {
            self.note(self.ways.mx_name, span);
            let final_dot = text.strip_suffix('.').is_some_and(|name| Pattern::parse(name).is_ok());
            let taken = match self.ways.mx_name {
                MxName::Host => false,
                MxName::HostOrFinalDot => final_dot,
                MxName::Any => true,
            };
            if !taken {
                return Err(Refused);
            }
        }
        Ok(text.to_ascii_lowercase())
    }

    /// Without the white space that this sender does not count.
    fn trimmed(&self, span: Span) -> Span {
        match self.ways.white_space {
            WhiteSpace::SpaceAndTab => self.spaceless(span),
            WhiteSpace::Any => trim(self.body, span, char::is_whitespace),
            WhiteSpace::AnyAndMark => {
                trim(self.body, span, |c| c.is_whitespace() || c == BYTE_ORDER_MARK)
            }
        }
    }

    fn trimmed_end(&self, span: Span) -> Span {
        Span::new(span.start, self.trimmed(span).end)
    }

    /// Without the white space that no sender counts.
    fn spaceless(&self, span: Span) -> Span {
        trim(self.body, span, |c| c == ' ' || c == '\t')
    }
}

const VERSION: &str = "STSv1";

const KNOWN: [&str; 4] = ["version", "mode", "max_age", "mx"];

fn trim(body: &str, span: Span, is_white: impl Fn(char) -> bool) -> Span {
    let text = span.of(body);
    let begun = text.trim_start_matches(&is_white);
    let start = span.end - begun.len();
    Span::new(start, start + begun.trim_end_matches(&is_white).len())
}

/// `1*10(DIGIT)`.
fn is_digits(text: &str) -> bool {
    (1..=10).contains(&text.len()) && ascii::is_digits(text)
}

/// As Python reads it; what is beyond all bounds is so as well.
fn int(text: &str) -> Option<i64> {
    let (sign, digits) = signed(text);
    let groups = || digits.split('_');
    let right = groups().all(|group| !group.is_empty() && ascii::is_digits(group));
    let number = groups().collect::<String>();
    right.then(|| number.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(sign))
}

/// As JavaScript reads it, in its other radices too; a fraction of a second does not count.
fn number(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix).filter(|rest| !rest.starts_with('+')) {
            return i64::from_str_radix(digits, radix).ok();
        }
    }
    let (sign, digits) = signed(text);
    let right = digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let number: f64 = digits.parse().ok().filter(|_| right)?;
    let most = f64::from(u32::MAX);
    // Bounded before, so that nothing is lost but the fraction.
    let seconds = number.min(most) as i64;
    Some(seconds * sign)
}

fn signed(text: &str) -> (i64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}
