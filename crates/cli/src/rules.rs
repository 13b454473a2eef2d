//! `mxray rules` and `mxray explain`: what can be found, and what it means.

use std::io::{self, Write};

use anstyle::Style;
use mxray_records::texts::{BLANK, RuleText, Texts, blank};
use mxray_records::{Rule, Severity};
use serde::Serialize;

use crate::json::write_json;
use crate::{Outcome, Trouble};

/// Explains a rule: why it matters, what to do, and where the standard says so.
#[derive(clap::Args)]
#[command(after_long_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArguments {
    /// The rule's code, as findings name it
    rule: String,

    /// Answer with one JSON object on a line
    #[arg(long)]
    json: bool,
}

/// Lists all rules: code, severity, section of the standard, title.
#[derive(clap::Args)]
#[command(after_long_help = RULES_HELP)]
pub(crate) struct ListArguments {
    /// Answer with one JSON object on a line for each rule
    #[arg(long)]
    json: bool,
}

const EXPLAIN_HELP: &str = r#"Exit code: 0, or 2 if there is no such rule.

JSON: {"rule", "severity", "section", "link", "title", "why", "fix", "exact"}
  link   the section on the web, or null
  {…}    stands for what a finding says of a particular text

Examples:
  mxray explain mta-sts.policy.mode-unknown
  mxray explain spf.record.ptr --json"#;

const RULES_HELP: &str = r"Exit code: 0.

JSON: the objects of `mxray explain --json`

Examples:
  mxray rules
  mxray rules --json";

/// Every rule that a finding of this command can name.
pub(crate) fn catalog() -> impl Iterator<Item = &'static Rule> {
    let zone = mxray_records::zone::rules::RULES.iter().copied();
    mxray_records::catalog().chain(mxray_scan::catalog()).chain(zone)
}

/// Prints one rule.
///
/// # Errors
/// There is no such rule, or the answer cannot be written.
pub(crate) fn explain(arguments: &ExplainArguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let rule = catalog()
        .find(|rule| rule.code == arguments.rule)
        .ok_or_else(|| Trouble::Usage(unknown(&arguments.rule)))?;
    let explained = Explained::new(rule, texts)?;
    if arguments.json {
        write_json(io::stdout().lock(), &explained)?;
    } else {
        explained.write(anstream::stdout().lock(), texts)?;
    }
    Ok(Outcome::Clean)
}

/// More would not help.
const MAX_SUGGESTIONS: usize = 5;

fn unknown(code: &str) -> String {
    let resembling = catalog().map(|rule| rule.code).filter(|known| known.contains(code));
    let resembling: Vec<_> = resembling.take(MAX_SUGGESTIONS).collect();
    let hint = match resembling.as_slice() {
        [] => "`mxray rules` lists them".to_owned(),
        some => format!("there is {}", some.join(", ")),
    };
    format!("“{code}” is not the code of a rule; {hint}")
}

/// Lists all rules.
///
/// # Errors
/// The answer cannot be written.
pub(crate) fn list(arguments: &ListArguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let mut out = io::stdout().lock();
    let width = catalog().map(|rule| rule.code.len()).max().unwrap_or_default();
    for rule in catalog() {
        let explained = Explained::new(rule, texts)?;
        if arguments.json {
            write_json(&mut out, &explained)?;
        } else {
            let Explained { rule, section, said: RuleText { title, .. }, .. } = explained;
            let title = blank(title);
            let severity = texts.word(word(explained.severity));
            writeln!(out, "{rule:width$}  {severity:7}  {section:16}  {title}")?;
        }
    }
    Ok(Outcome::Clean)
}

/// A rule and all that is said of it.
#[derive(Serialize)]
struct Explained<'a> {
    rule: &'static str,
    severity: Severity,
    section: &'static str,
    link: Option<String>,
    #[serde(flatten)]
    said: &'a RuleText,
}

impl<'a> Explained<'a> {
    fn new(rule: &'static Rule, texts: &'a Texts) -> Result<Self, Trouble> {
        let said = texts.rules.get(rule.code);
        let said = said.ok_or_else(|| Trouble::Usage(format!("{} has no texts", rule.code)))?;
        let Rule { code, severity, section } = *rule;
        Ok(Self { rule: code, severity, section, link: rule.link(), said })
    }

    fn write(&self, mut out: impl Write, texts: &Texts) -> io::Result<()> {
        const BOLD: Style = Style::new().bold();
        let RuleText { title, why, fix, exact } = self.said;
        let [title, why, fix, exact] = [title, why, fix, exact].map(|text| blank(text));
        let severity = texts.word(word(self.severity));
        writeln!(out, "{BOLD}{severity}[{}]: {title}{BOLD:#}\n", self.rule)?;
        for (key, said) in [
            ("reference.rule.why", &*why),
            ("reference.rule.fix", &*fix),
            ("reference.rule.exact", &*exact),
            ("explain.standard", self.section),
        ] {
            writeln!(out, "{}: {said}", texts.word(key))?;
        }
        self.link.iter().try_for_each(|link| writeln!(out, "  {link}"))?;
        if [title, why, fix, exact].iter().any(|text| text.contains(BLANK)) {
            writeln!(out, "\n{}", texts.word("reference.rule.blank"))?;
        }
        Ok(())
    }
}

/// What a severity is called.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "verdict.fail",
        Severity::Warning => "verdict.warning",
        Severity::Notice => "verdict.notice",
    }
}

#[cfg(test)]
mod tests {
    use super::catalog;

    #[test]
    fn every_rule_links_to_its_section() {
        for rule in catalog() {
            let link = rule.link().unwrap_or_default();
            let (_, section) = link.split_once("#section-").unwrap();
            assert!(section.split('.').all(|part| part.parse::<u8>().is_ok()), "{link}");
        }
    }
}
