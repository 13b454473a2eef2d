//! Who asked not to be looked at: one name or network a line.

use std::fmt;

use mxray_facts::Name;
use mxray_probe::{IpNet, read_net};

/// Names and networks that are left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptOut {
    /// With all that is below them.
    pub names: Vec<Name>,
    /// Whatever name leads there.
    pub nets: Vec<IpNet>,
}

/// A line that is neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoOptOut {
    line: usize,
    text: String,
}

impl OptOut {
    /// Reads a list. What stands after `#` is a remark.
    ///
    /// # Errors
    /// The first line that is neither a name nor a network: whoever asked must not be overlooked.
    pub fn read(text: &str) -> Result<Self, NoOptOut> {
        let mut list = Self::default();
        for (number, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() {
                continue;
            }
            if let Ok(net) = read_net(entry) {
                list.nets.push(net);
            } else if let Some(name) = entry.parse().ok().filter(|name: &Name| !name.is_root()) {
                list.names.push(name);
            } else {
                return Err(NoOptOut { line: number + 1, text: entry.to_owned() });
            }
        }
        Ok(list)
    }

    /// Whether a name in canonical form, or one above it, is on the list.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.names.iter().any(|out| {
            name.strip_suffix(out.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

impl fmt::Display for NoOptOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, text } = self;
        write!(
            f,
            "line {line}, {text}: expected a name such as example.com or a network such as 192.0.2.0/24"
        )
    }
}

impl std::error::Error for NoOptOut {}

#[cfg(test)]
mod tests {
    use super::OptOut;

    #[test]
    fn names_count_with_all_below_them() {
        let text = "# on request\n\nexample.com # by mail, 3 May\nMX.Example.org.\n192.0.2.0/24\n2001:db8::1";
        let list = OptOut::read(text).unwrap();
        assert_eq!(list.nets.len(), 2);
        for (name, expected) in [
            ("example.com", true),
            ("mx.example.com", true),
            ("notexample.com", false),
            ("com", false),
            ("mx.example.org", true),
            ("example.org", false),
        ] {
            assert_eq!(list.names(name), expected, "{name}");
        }
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        for (text, expected) in [("a.example\nb..example", "line 2, b..example"), (".", "line 1")] {
            let error = OptOut::read(text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("192.0.2.0/24"), "{error}");
        }
    }
}
