//! Everything as one file to download.

use std::io::{Cursor, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::draft::Draft;
use crate::formats::{self, Format};
use crate::hosting::{self, File};
use crate::wishes::Hosting;

/// The files of a draft: what is read first, the records in every format, and the policy for every host.
#[must_use]
pub fn files(draft: &Draft, readme: &str) -> Vec<File> {
    let mut files = vec![File { path: "README.txt".to_owned(), text: readme.to_owned() }];
    files.extend(Format::ALL.map(|format| File {
        path: format!("records/{}", format.file(&draft.domain)),
        text: formats::write(format, draft),
    }));
    if let Some(policy) = draft.policy() {
        files.push(File { path: "mta-sts.txt".to_owned(), text: policy.to_owned() });
        for host in Hosting::ALL {
            let below =
                |file: File| File { path: format!("{}/{}", host.as_str(), file.path), ..file };
            files.extend(hosting::files(host, &draft.domain, policy).into_iter().map(below));
        }
    }
    files
}

/// The same as a zip. It holds no date, so that the same draft makes the same bytes.
///
/// # Errors
/// None that is known: names and texts are short.
pub fn zip(files: &[File]) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for file in files {
        archive.start_file(file.path.as_str(), stored)?;
        archive.write_all(file.text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
