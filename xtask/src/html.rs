//! What has to be read from and written to the bundled index.html.

use std::ops::Range;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// A start tag, and where it stands.
pub(crate) struct Tag {
    /// In lower case.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// The bytes from `<` to `>`.
    pub(crate) place: Range<usize>,
    /// The text up to the next tag of either kind: all of a script's or a style's.
    pub(crate) text: String,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The document's start tags, in order.
pub(crate) fn tags(document: &str) -> Vec<Tag> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Else a script's `<` would start a tag.
    emitter.naively_switch_states(true);
    let mut tags: Vec<Tag> = Vec::new();
    let mut inside = false;
    for Ok(token) in Tokenizer::new_with_emitter(document, emitter) {
        match token {
            Token::StartTag(tag) => {
                tags.push(owned(tag));
                inside = true;
            }
            Token::EndTag(_) => inside = false,
            Token::String(text) => {
                if let Some(tag) = tags.last_mut().filter(|_| inside) {
                    tag.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
    }
    tags
}

fn owned(tag: StartTag<usize>) -> Tag {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value)));
    Tag {
        name: text(&tag.name),
        attributes: attributes.collect(),
        place: tag.span.start..tag.span.end,
        text: String::new(),
    }
}

/// Puts the content into the document's `<meta key="value" content="">`; none if there is no such tag.
pub(crate) fn fill_meta(document: &str, key: &str, value: &str, content: &str) -> Option<String> {
    let tag = tags(document).into_iter().find(|tag| {
        let named = tag.attribute(key).is_some_and(|named| named.eq_ignore_ascii_case(value));
        tag.name == "meta" && named
    })?;
    let (before, after) = (document.get(..tag.place.start)?, document.get(tag.place.end..)?);
    let content = content.replace('&', "&amp;").replace('"', "&quot;");
    Some(format!("{before}<meta {key}=\"{value}\" content=\"{content}\">{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_text_to_its_very_end() {
        let tags = tags("<p>é</p><script type=module>\nif (1<a) '<b>';\n</script>\n<i>");
        let names = tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names, ["p", "script", "i"]);
        assert_eq!(tags[1].attribute("type"), Some("module"));
        assert_eq!(tags[1].text, "\nif (1<a) '<b>';\n");
    }

    #[test]
    fn a_meta_is_filled_wherever_and_however_it_stands() {
        for (reason, document, expected) in [
            (
                "empty content",
                r#"<title>é</title><meta name="a" content="">b"#,
                Some(r#"<title>é</title><meta name="a" content="x 'y'">b"#),
            ),
            (
                "other order, old content",
                r#"<meta content="old" name="A" />b"#,
                Some(r#"<meta name="a" content="x 'y'">b"#),
            ),
            ("another meta", r#"<meta name="b" content="">"#, None),
            ("another tag", r#"<link name="a">"#, None),
        ] {
            assert_eq!(fill_meta(document, "name", "a", "x 'y'").as_deref(), expected, "{reason}");
        }
    }
}
