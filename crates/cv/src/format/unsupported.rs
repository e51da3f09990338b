//! Names for files in formats that are not supported, for the message to the applicant.

use domain::Refusal;

use super::{Format, find};

/// Magic bytes, and the names of the formats that begin with them.
const MAGIC: &[(&[u8], &str)] = &[
    (b"GIF8", "a GIF picture"),
    (b"BM", "a bitmap picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"MZ", "a Windows program"),
    (b"\x7FELF", "a Linux program"),
    (b"\xCF\xFA\xED\xFE", "a macOS program"),
    (b"\xCA\xFE\xBA\xBE", "a program"),
    (b"\0asm", "a WebAssembly program"),
    (b"#!", "a script"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xFD7zXZ", "an xz archive"),
    (b"7z\xBC\xAF", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
    (b"SQLite format 3", "a database"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"\x1A\x45\xDF\xA3", "a video"),
    (b"%!PS", "a PostScript file"),
    (b"wOFF", "a font"),
    (b"OTTO", "a font"),
    (b"<svg", "an SVG picture"),
];

/// Names the unsupported format of `bytes`; `None` if it is not known.
pub fn kind(bytes: &[u8]) -> Option<&'static str> {
    // A text may begin with the same two letters, but only an image or program has zeros after them.
    let binary = bytes.iter().take(512).any(|byte| *byte == 0);
    let short = |magic: &[u8]| magic.len() == 2 && magic.is_ascii() && magic != b"#!";
    let known = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic) && (binary || !short(magic)));
    known.map(|(_, found)| *found).or_else(|| by_inner_magic(bytes))
}

/// Formats whose magic bytes are not at the start.
fn by_inner_magic(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..12) {
        Some([b'f', b't', b'y', b'p', brand @ ..]) => Some(match brand {
            b"heic" | b"heix" | b"mif1" => "a HEIC picture",
            b"avif" => "an AVIF picture",
            _ => "a video",
        }),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some("a WebP picture"),
        _ if bytes.starts_with(b"RIFF") => Some("a sound or video file"),
        _ if bytes.get(257..262) == Some(b"ustar") => Some("a tar archive"),
        _ => None,
    }
}

/// Detects the format of a Microsoft compound file: an old office document, or an encrypted new one.
///
/// # Errors
/// [`Refusal::Encrypted`], and [`Refusal::WrongType`] for all but Word documents.
pub fn sniff_compound(bytes: &[u8]) -> Result<Format, Refusal> {
    let names = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &wide).is_some()
    };
    if names("EncryptedPackage") {
        return Err(Refusal::Encrypted);
    }
    let found = match () {
        () if names("WordDocument") => return Ok(Format::Doc),
        () if names("Workbook") => "an Excel table",
        () if names("PowerPoint Document") => "a PowerPoint presentation",
        () => "an old office document",
    };
    Err(Refusal::WrongType { found: found.to_owned() })
}
