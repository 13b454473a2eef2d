//! The texts of a language, and other data in TOML.

use std::path::{Path, PathBuf};

use mxray_records::texts::Texts;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::workspace::{entries, read_text};

/// The texts of some folders.
pub(super) fn read(folders: &[PathBuf]) -> Result<Texts> {
    let mut texts = Texts::default();
    for folder in folders {
        for (file, table) in tables(folder)? {
            for (key, value) in table {
                match value {
                    toml::Value::String(word) => drop(texts.words.insert(key, word)),
                    rule => drop(texts.rules.insert(key, understood(&file, rule)?)),
                }
            }
        }
    }
    Ok(texts)
}

/// The TOML files of a folder.
pub(crate) fn tables(folder: &Path) -> Result<Vec<(PathBuf, toml::Table)>> {
    let mut files = entries(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let read = |file: PathBuf| {
        let table = read_text(&file)?.parse().map_err(|error| wrong(&file, &error))?;
        Ok((file, table))
    };
    files.into_iter().map(read).collect()
}

pub(crate) fn understood<T: DeserializeOwned>(file: &Path, value: toml::Value) -> Result<T> {
    value.try_into().map_err(|error| wrong(file, &error))
}

fn wrong(file: &Path, error: &toml::de::Error) -> String {
    format!("{}: {}", file.display(), error.to_string().trim_end())
}
