//! JSON that a terminal can show: what it would act on stands as `\uXXXX`.

use std::io;

use mxray_records::is_harmful;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// A value as one line of JSON that is harmless too; any reader of JSON reads the same value.
///
/// # Errors
/// The writer's.
pub(crate) fn write_json(mut writer: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, Escaping))?;
    writer.write_all(b"\n")
}

/// JSON whose strings hold harmful characters as `\uXXXX` only.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_harmful) {
            let (before, after) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, before)?;
            let mut chars = after.chars();
            if let Some(harmful) = chars.next() {
                let mut units = [0; 2];
                for unit in harmful.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }

    /// What is echoed as it came: outside its strings JSON allows none of these characters but
    /// white space, which does no harm.
    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for (index, part) in fragment.split(['\t', '\r', '\n']).enumerate() {
            if index > 0 {
                writer.write_all(b" ")?;
            }
            self.write_string_fragment(writer, part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mxray_records::harmless;

    use super::write_json;

    /// Each of them does something to a terminal or to a reader.
    const HARMFUL: &str =
        "\u{0}\u{7}\t\r\n\u{1b}[2J\u{7f}\u{9b}31m\u{202e}abc\u{2066}\u{200b}\u{feff}\u{e0041}";

    #[test]
    fn json_is_harmless_and_means_the_same() {
        let mut written = Vec::new();
        write_json(&mut written, &HARMFUL).unwrap();
        let line = String::from_utf8(written).unwrap();
        assert_eq!(harmless(line.trim_end_matches('\n')), line.trim_end_matches('\n'));
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), HARMFUL);
    }

    #[test]
    fn what_is_echoed_raw_is_harmless_too() {
        let raw = "{\"a\":\t\"\u{9b}2J\"\r}";
        let value: Box<serde_json::value::RawValue> = serde_json::from_str(raw).unwrap();
        let mut written = Vec::new();
        write_json(&mut written, &value).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "{\"a\": \"\\u009b2J\" }\n");
    }
}
