//! The gallery: each domain of the lab, what is wrong with it, what it publishes, and which rules it raises.

use std::path::Path;

use toml::{Table, Value};

use super::{FOLDER, GALLERY, PROTOCOLS, Reference, family, rule};
use crate::Result;
use crate::reading::markup::{Element, element};
use crate::reading::shown::pre;
use crate::reading::{Document, tables};

/// A domain of the lab.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) about: String,
    /// The code of the rule that it is there for; empty for none.
    pub(super) first: String,
    /// The codes of all rules that it raises: those of the report, and then those found in depth.
    pub(super) rules: Vec<String>,
    file: Table,
}

/// The domains of a folder, in order of name.
pub(super) fn read(folder: &Path) -> Result<Vec<Sample>> {
    Ok(tables(folder)?.into_iter().map(|(_, file)| Sample::of(file)).collect())
}

impl Sample {
    fn of(file: Table) -> Self {
        let text = |key| file.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let expect = file.get("expect").and_then(Value::as_table);
        let expected = |key| expect.and_then(|expect| expect.get(key));
        let codes = |key| expected(key).and_then(Value::as_array).into_iter().flatten();
        let rules = codes("rules").chain(codes("deep")).filter_map(Value::as_str);
        let rules: Vec<String> = rules.map(str::to_owned).collect();
        let first = expected("first").and_then(Value::as_str).filter(|first| !first.is_empty());
        let first = first.map(str::to_owned).or_else(|| rules.first().cloned()).unwrap_or_default();
        Self { name: text("domain"), about: text("about"), first, rules, file }
    }

    /// What the file says of the domain's MX hosts and records, as in a zone file.
    fn records(&self) -> String {
        let mx = self.file.get("mx").and_then(Value::as_array).into_iter().flatten();
        let records = self.file.get("records").and_then(Value::as_table).into_iter().flatten();
        let signed = self.file.get("dnssec").map(|value| format!("; dnssec = {value}\n"));
        let mx = mx.filter_map(Value::as_table).map(mail_host);
        let records =
            records.filter_map(|(name, at)| Some((name, at.as_table()?))).map(|it| at(it.0, it.1));
        signed.into_iter().chain(mx).chain(records).collect()
    }

    /// What it says of the policy host: the file that is served, or how it differs from a sound one.
    fn policy(&self) -> String {
        let Some(policy) = self.file.get("policy").and_then(Value::as_table) else {
            return String::new();
        };
        let others = policy.iter().filter(|(key, _)| *key != "body");
        let others = others.map(|(key, value)| format!("; {key} = {value}\n"));
        let body = policy.get("body").and_then(Value::as_str).unwrap_or_default();
        others.chain([body.to_owned()]).collect()
    }
}

fn mail_host(host: &Table) -> String {
    let name = host.get("host").and_then(Value::as_str).unwrap_or_default();
    let preference = host.get("preference").and_then(Value::as_integer).unwrap_or(10);
    let others = host.iter().filter(|(key, _)| !["host", "preference"].contains(&key.as_str()));
    let others = others.map(|(key, value)| format!("; {name}: {key} = {value}\n"));
    [format!("@ MX {preference} {name}\n")].into_iter().chain(others).collect()
}

/// What stands at a name.
fn at(name: &str, records: &Table) -> String {
    let line = |(key, value): (&String, &Value)| match value {
        Value::Array(none) if none.is_empty() => format!("; {name} has no {key}\n"),
        Value::Array(all) => {
            all.iter().map(|one| format!("{name} {key} {}\n", data(key, one))).collect()
        }
        Value::String(one) if key == "CNAME" => format!("{name} CNAME {one}\n"),
        other => format!("; {name}: {key} = {other}\n"),
    };
    records.iter().map(line).collect()
}

/// A record's data; a text is written as its character-strings.
fn data(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) if key == "TXT" => format!("\"{text}\""),
        Value::String(text) => text.clone(),
        Value::Array(strings) => {
            strings.iter().map(|it| data(key, it)).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

impl Reference<'_> {
    /// The domain that is there for a rule, or one that raises it too.
    pub(super) fn sample(&self, code: &str) -> Option<&Sample> {
        let mut samples = self.samples.iter();
        let is_first = samples.find(|sample| sample.first == code);
        is_first.or_else(|| self.samples.iter().find(|it| it.rules.iter().any(|rule| rule == code)))
    }

    /// Those that are sound, and then protocol by protocol what is wrong.
    pub(super) fn gallery(&self) -> Result<String> {
        let title = self.word("reference.gallery.title");
        let sound = self.samples.iter().filter(|sample| sample.first.is_empty());
        let sound = self.samples_under("reference.gallery.sound", sound)?;
        let examples = self.intro("reference.gallery.examples");
        let mut main = element("main").with(examples).with(sound);
        for (protocol, families) in PROTOCOLS {
            let is_of_it = |sample: &&Sample| {
                rule(&sample.first).is_ok_and(|rule| families.contains(&family(rule)))
            };
            let samples: Vec<&Sample> = self.samples.iter().filter(is_of_it).collect();
            if !samples.is_empty() {
                let key = format!("reference.protocol.{protocol}");
                main = main.with(self.samples_under(&key, samples)?);
            }
        }
        let trail = vec![("./".to_owned(), self.word("reference.all"))];
        let lead = self.word("reference.gallery.lead");
        let (description, lead) = (lead.clone(), Some(lead));
        let file = format!("{FOLDER}/{GALLERY}");
        let document = Document { file, title, description, trail, lead, main, questions: vec![] };
        Ok(self.frame.document(document))
    }

    /// What is special about a domain; the lab says it in English.
    pub(super) fn about(&self, place: Element, sample: &Sample) -> Element {
        match self.frame.texts.words.get(&format!("gallery.{}", sample.name)) {
            Some(about) => place.text(about),
            None => place.set("lang", "en").text(&sample.about),
        }
    }

    fn samples_under<'a>(
        &self,
        key: &str,
        samples: impl IntoIterator<Item = &'a Sample>,
    ) -> Result<Element> {
        let mut section = self.section(key);
        for sample in samples {
            section = section.with(self.shown_sample(sample)?);
        }
        Ok(section)
    }

    fn shown_sample(&self, sample: &Sample) -> Result<Element> {
        let heading = element("h3").text(&sample.name);
        let mut shown = element("article").set("id", &sample.name).with(heading);
        shown = shown.with(self.about(element("p"), sample));
        for (key, text) in [
            ("reference.gallery.records", sample.records()),
            ("reference.gallery.policy", sample.policy()),
        ] {
            if !text.is_empty() {
                shown = shown.with(self.intro(key)).with(pre(text.trim_end_matches('\n')));
            }
        }
        if sample.rules.is_empty() {
            return Ok(shown.with(self.intro("reference.gallery.nothing")));
        }
        let mut rules = element("ul").class("rules");
        for code in &sample.rules {
            rules = rules.with(self.entry(rule(code)?)?);
        }
        Ok(shown.with(self.intro("reference.gallery.rules")).with(rules))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sample, read};
    use crate::reading::whole::ROOT;

    #[test]
    fn german_speaks_of_the_domains_that_there_are() {
        let german = include_str!("../../../texts/de/reference/gallery.toml");
        let german: toml::Table = german.parse().unwrap();
        let samples = read(&ROOT.join("crates/lab/domains")).unwrap();
        for key in german.keys() {
            let name = key.strip_prefix("gallery.").unwrap();
            assert!(samples.iter().any(|sample| sample.name == name), "{key}");
        }
    }

    #[test]
    fn a_domain_is_shown_as_its_file_describes_it() {
        let file = r#"
            domain = "a.example"
            about = "An example."
            dnssec = "secure"
            mx = [{ host = "mx1" }, { host = "mx2", preference = 20, server = "down" }]
            [expect]
            first = ""
            rules = ["mx.implicit"]
            deep = ["smtp.old-tls"]
            [policy]
            status = 404
            body = "version: STSv1\n"
            [records."@"]
            TXT = ["v=spf1 -all", ["a", "b"]]
            [records."default._domainkey"]
            TXT = []
            [records.mta-sts]
            CNAME = "c.example."
            rcode = "SERVFAIL"
        "#;
        let sample = Sample::of(file.parse().unwrap());
        assert_eq!((&*sample.first, sample.rules.len()), ("mx.implicit", 2));
        let lines: Vec<String> = sample.records().lines().map(str::to_owned).collect();
        for line in [
            "; dnssec = \"secure\"",
            "@ MX 10 mx1",
            "@ MX 20 mx2",
            "; mx2: server = \"down\"",
            "@ TXT \"v=spf1 -all\"",
            "@ TXT \"a\" \"b\"",
            "; default._domainkey has no TXT",
            "mta-sts CNAME c.example.",
            "; mta-sts: rcode = \"SERVFAIL\"",
        ] {
            assert!(lines.iter().any(|shown| shown == line), "{line}: {lines:?}");
        }
        assert_eq!(sample.policy(), "; status = 404\nversion: STSv1\n");
    }
}
