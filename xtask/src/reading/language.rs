//! The languages in which there is something to read.

use std::path::Path;

use crate::Result;
use crate::workspace::entries;

/// A language, as BCP 47 names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Language(String);

impl Language {
    /// Those that `texts` has a folder of; English comes first.
    pub(crate) fn all(texts: &Path) -> Result<Vec<Self>> {
        let mut folders = entries(texts)?;
        folders.retain(|folder| folder.is_dir());
        let name = |folder: &Path| folder.file_name().unwrap_or_default().display().to_string();
        let mut languages: Vec<Self> = folders.iter().map(|folder| Self(name(folder))).collect();
        languages.sort_by_key(|language| !language.is_english());
        Ok(languages)
    }

    pub(crate) fn tag(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_english(&self) -> bool {
        self.0 == "en"
    }

    /// The folder of the built page that holds what is in this language: English has none of its own.
    pub(crate) fn folder(&self) -> String {
        if self.is_english() { String::new() } else { format!("{}/", self.0) }
    }

    /// The address of the page itself in this language, from where the built page is.
    pub(crate) fn page(&self) -> String {
        if self.is_english() { "./".to_owned() } else { format!("{}.html", self.0) }
    }

    /// How a document in a folder of it reaches the page itself.
    pub(super) fn home(&self) -> String {
        [self.root(), self.page().trim_start_matches("./")].concat()
    }

    /// How a document in a folder of it reaches the built page.
    pub(super) fn root(&self) -> &'static str {
        if self.is_english() { "../" } else { "../../" }
    }
}
