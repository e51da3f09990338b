//! Detects documents that are ZIP archives.
//!
//! Looks at names and small entries only and inflates at most 256 KiB of each.

use std::io::{Cursor, Read};

use domain::Refusal;
use zip::ZipArchive;

use super::Format;

/// How many bytes of an entry are inflated: enough of `[Content_Types].xml` to find the main part.
const MAX_INFLATED_BYTES: u64 = 256 * 1024;

/// Detects the format of a ZIP archive.
///
/// # Errors
/// [`Refusal::Damaged`] where it cannot be opened, [`Refusal::WrongType`] for other kinds of archives.
pub fn sniff(bytes: &[u8]) -> Result<Format, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if let Some(kind) = inflate(&mut archive, "mimetype") {
        return open_document(kind.trim());
    }
    if let Some(types) = inflate(&mut archive, "[Content_Types].xml") {
        return office(&types);
    }
    let java = archive.index_for_name("META-INF/MANIFEST.MF").is_some();
    Err(wrong(if java { "a Java program" } else { "a ZIP archive" }))
}

fn inflate(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    let entry = archive.by_name(name).ok()?;
    let mut text = Vec::new();
    entry.take(MAX_INFLATED_BYTES).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn open_document(kind: &str) -> Result<Format, Refusal> {
    let Some(kind) = kind.strip_prefix("application/vnd.oasis.opendocument.") else {
        let book = kind == "application/epub+zip";
        return Err(wrong(if book { "an e-book" } else { "a ZIP archive" }));
    };
    match kind {
        "text" | "text-template" => Ok(Format::Odt),
        "spreadsheet" => Err(wrong("a spreadsheet")),
        "presentation" => Err(wrong("a presentation")),
        _ => Err(wrong("a drawing")),
    }
}

fn office(types: &str) -> Result<Format, Refusal> {
    let names = |part: &str| types.contains(part);
    match () {
        () if names("wordprocessingml") || names("ms-word.document") => Ok(Format::Docx),
        () if names("spreadsheetml") => Err(wrong("an Excel table")),
        () if names("presentationml") => Err(wrong("a PowerPoint presentation")),
        () => Err(wrong("a ZIP archive")),
    }
}

fn wrong(found: &str) -> Refusal {
    Refusal::WrongType { found: found.to_owned() }
}
