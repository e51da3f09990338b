//! Serves the built browser files, as they were when the process started.
//!
//! They are held in memory, so that a page and its module always belong to one build, whatever replaces
//! the files meanwhile. Their names are the same in every version: a browser revalidates its copy with an
//! `ETag` of the content (modification times are all equal in a reproducible image). The process does not
//! start without the module, because no page would become interactive.

use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// The response header with the build that a file belongs to; see `app::update`.
const BUILD_HEADER: HeaderName = HeaderName::from_static("verbatim-build");
const MODULE: &str = "/pkg/verbatim.wasm";
/// The files at the root of the site, next to the folder `pkg`.
const ROOT_FILES: [&str; 3] = ["/favicon.svg", "/apply.js", "/time.js"];
/// Compressed copies: the suffix of their names and HTTP's name of the encoding; the best first.
const ENCODINGS: [(&str, &str); 2] = [(".br", "br"), (".gz", "gzip")];

/// The browser's files in memory; cheap to clone.
#[derive(Clone, Debug)]
pub struct Assets(Arc<Files>);

#[derive(Debug)]
struct Files {
    build: String,
    /// By path and encoding, which is empty for an uncompressed copy.
    copies: BTreeMap<(String, &'static str), Asset>,
}

#[derive(Clone, Debug)]
struct Asset {
    tag: HeaderValue,
    bytes: Bytes,
}

impl Assets {
    /// Reads the files below `folder`.
    ///
    /// # Errors
    /// When the folder lacks the WebAssembly module or a file cannot be read.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let module = folder.join(MODULE.trim_start_matches('/'));
        let advice = "build it with `cargo leptos build --release`, or name the folder where it is";
        ensure!(module.is_file(), "the setting site: there is no {}; {advice}", module.display());
        let mut copies = BTreeMap::new();
        for path in paths(folder).with_context(|| format!("the setting site names {}", folder.display()))? {
            let bytes = fs::read(folder.join(path.trim_start_matches('/')))?;
            let compressed = ENCODINGS.iter().find_map(|(end, name)| Some((path.strip_suffix(end)?, *name)));
            let (path, encoding) = compressed.unwrap_or((&path, ""));
            copies.insert((path.to_owned(), encoding), Asset::new(bytes, encoding)?);
        }
        let build = copies.get(&(MODULE.to_owned(), "")).map(|module| digest(&module.bytes)).unwrap_or_default();
        Ok(Self(Arc::new(Files { build, copies })))
    }

    /// The build: a hash of the module's bytes.
    #[must_use]
    pub fn build(&self) -> &str {
        &self.0.build
    }

    /// The best copy for a browser that accepts the encodings `accepted` (an `Accept-Encoding` header), and its
    /// encoding.
    fn find(&self, path: &str, accepted: &str) -> Option<(&Asset, &'static str)> {
        let is_accepted =
            |name: &str| accepted.split(',').any(|each| each.split(';').next().is_some_and(|e| e.trim() == name));
        let mut names = ENCODINGS.iter().map(|(_, name)| *name).filter(|name| is_accepted(name)).chain([""]);
        names.find_map(|name| Some((self.0.copies.get(&(path.to_owned(), name))?, name)))
    }
}

impl Asset {
    fn new(bytes: Vec<u8>, encoding: &str) -> anyhow::Result<Self> {
        let tag = HeaderValue::try_from(format!("\"{}{encoding}\"", digest(&bytes)))?;
        Ok(Self { tag, bytes: bytes.into() })
    }
}

/// The paths of all files, compressed copies included.
fn paths(folder: &Path) -> io::Result<Vec<String>> {
    let mut paths: Vec<_> =
        ROOT_FILES.iter().filter(|path| folder.join(&path[1..]).is_file()).map(|&path| path.to_owned()).collect();
    let mut folders = vec!["/pkg".to_owned()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below[1..]))? {
            let entry = entry?;
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    Ok(paths)
}

/// The first half of the SHA-256 in hexadecimal. That is enough: nobody attacks their own files.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Serves the file at the path of the request, or answers 404.
pub async fn file(State(assets): State<Assets>, uri: Uri, headers: HeaderMap) -> Response {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((copy, encoding)) = assets.find(uri.path(), text(header::ACCEPT_ENCODING)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_current = text(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim().trim_start_matches("W/") == copy.tag);
    let mut response = if is_current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(uri.path()))], copy.bytes.clone()).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::ETAG, copy.tag.clone());
    if !encoding.is_empty() && !is_current {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(build) = HeaderValue::try_from(assets.build()) {
        answer.insert(BUILD_HEADER, build);
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "wasm" => "application/wasm",
        "js" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(module: &str) -> (tempfile::TempDir, Assets) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("pkg/snippets")).unwrap();
        for (name, text) in
            [("verbatim.wasm", module), ("verbatim.wasm.br", "compressed"), ("snippets/a.js", "a"), ("../secret", "no")]
        {
            fs::write(folder.path().join("pkg").join(name), text).unwrap();
        }
        let site = Assets::load(folder.path()).unwrap();
        (folder, site)
    }

    #[test]
    fn the_build_is_a_hash_of_the_modules_bytes_at_the_start_of_the_process() {
        let (folder, one) = site("one");
        fs::write(folder.path().join("pkg/verbatim.wasm"), "two").unwrap();
        assert_eq!(one.find(MODULE, "").unwrap().0.bytes, "one");
        assert_eq!(one.build(), site("one").1.build());
        assert_ne!(one.build(), Assets::load(folder.path()).unwrap().build());
    }

    #[test]
    fn a_browser_gets_the_best_copy_that_it_accepts_and_no_other_file_of_the_folder() {
        let (_folder, site) = site("plain");
        let found =
            |path: &str, accepted: &str| site.find(path, accepted).map(|(copy, name)| (copy.bytes.clone(), name));
        assert_eq!(found(MODULE, "gzip, deflate, br;q=1"), Some(("compressed".into(), "br")));
        assert_eq!(found(MODULE, "gzip"), Some(("plain".into(), "")));
        assert_eq!(found("/pkg/snippets/a.js", "br"), Some(("a".into(), "")));
        for path in ["/pkg/verbatim.wasm.br", "/secret", "/pkg/../secret", "/apply.js"] {
            assert_eq!(found(path, ""), None, "{path}");
        }
    }
}
