//! Uploaded files in a folder, named by the SHA-256 of their bytes. Uploads are staged in another
//! folder until they are complete.
//!
//! The sweeper removes blobs without a document row once they are an hour old, so a failed upload or
//! a crashed process leaves nothing behind.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use db::{params, sql};
use domain::Refusal;
use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};
use uuid::Uuid;

use crate::{Hiring, error::Error, hash::hex};

/// Age at which a file that no document refers to is removed.
const SWEEP_AGE: Duration = Duration::from_secs(60 * 60);

/// The folder of uploaded files; cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
    max_bytes: u64,
}

/// An upload in progress. Dropping it removes its file.
#[derive(Debug)]
pub struct StagedUpload {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    size: u64,
    max_bytes: u64,
}

/// A complete upload. Dropping it removes its file, unless an application has persisted it.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

impl Blobs {
    /// Opens the folder and creates it if it is missing; uploads may have at most `max_bytes`.
    ///
    /// # Errors
    /// When a folder cannot be created.
    pub async fn open(root: PathBuf, max_bytes: u64) -> io::Result<Self> {
        for folder in ["staged", "kept", "pictures"] {
            fs::create_dir_all(root.join(folder)).await?;
        }
        Ok(Self { root, max_bytes })
    }

    /// Returns the maximum size of an upload, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Starts an upload.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub async fn stage(&self) -> io::Result<StagedUpload> {
        let path = self.root.join("staged").join(Uuid::now_v7().to_string());
        let file = File::create_new(&path).await?;
        Ok(StagedUpload { path, file, hasher: Sha256::new(), size: 0, max_bytes: self.max_bytes })
    }

    /// Returns the path of the file with that hash, whether or not it exists.
    #[must_use]
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.root.join("kept").join(sha256)
    }

    /// Opens the file with that hash, for the sandbox.
    pub(crate) async fn open_persisted(&self, sha256: &str) -> io::Result<std::fs::File> {
        Ok(File::open(self.path(sha256)).await?.into_std().await)
    }

    /// Returns the path of a page's cached picture.
    pub(crate) fn picture(&self, sha256: &str, page: u32) -> PathBuf {
        self.root.join("pictures").join(format!("{sha256}-{page}.png"))
    }

    /// Renames a complete upload to its final path and syncs the folder.
    pub(crate) async fn persist(&self, upload: &Upload) -> io::Result<()> {
        fs::rename(&upload.path, self.path(&upload.sha256)).await?;
        File::open(self.root.join("kept")).await?.sync_all().await
    }

    /// Returns the files of a folder that are old enough to sweep.
    async fn expired(&self, folder: &str, now: SystemTime) -> io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(self.root.join(folder)).await?;
        let mut expired = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            match is_expired(&entry.path(), now).await {
                Ok(true) => expired.push(entry.path()),
                Ok(false) => {}
                // The upload ended after the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(expired)
    }

    /// Removes a file, unless the same bytes were uploaded again meanwhile, which replaces it with a
    /// younger file of the same name. Moving it away first makes sure that the file that is checked
    /// is the file that is removed. Returns whether it was removed.
    async fn sweep(&self, path: &Path, now: SystemTime) -> io::Result<bool> {
        let moved = self.root.join("staged").join(Uuid::now_v7().to_string());
        fs::rename(path, &moved).await?;
        if !is_expired(&moved, now).await? {
            fs::rename(&moved, path).await?;
            return Ok(false);
        }
        fs::remove_file(&moved).await?;
        Ok(true)
    }
}

impl StagedUpload {
    /// Appends bytes to the file.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] beyond the size limit; [`Error::Io`] when the file cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.size > self.max_bytes {
            return Err(Refusal::TooLarge { limit_mib: self.max_bytes / (1024 * 1024) }.into());
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes).await?;
        Ok(())
    }

    /// Completes the upload and syncs its bytes to the disk.
    ///
    /// # Errors
    /// [`Refusal::Empty`] for a file without bytes; [`Error::Io`] when the file cannot be synced.
    pub async fn finish(mut self) -> Result<Upload, Error> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let upload = Upload {
            path: std::mem::take(&mut self.path),
            sha256: hex(&self.hasher.finalize_reset()),
            size: self.size,
        };
        if upload.size == 0 {
            return Err(Refusal::Empty.into());
        }
        Ok(upload)
    }
}

impl Drop for StagedUpload {
    fn drop(&mut self) {
        try_remove(&self.path);
    }
}

impl Upload {
    /// Opens the file, for the sandbox.
    pub(crate) async fn open(&self) -> io::Result<std::fs::File> {
        Ok(File::open(&self.path).await?.into_std().await)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        try_remove(&self.path);
    }
}

async fn is_expired(path: &Path, now: SystemTime) -> io::Result<bool> {
    let modified = fs::metadata(path).await?.modified()?;
    Ok(now.duration_since(modified).is_ok_and(|age| age > SWEEP_AGE))
}

/// Removes a staged file. Best effort: a persisted file is no longer at `path`, and the sweeper
/// removes what is left here.
fn try_remove(path: &Path) {
    if !path.as_os_str().is_empty() {
        let _ = std::fs::remove_file(path);
    }
}

impl Hiring {
    /// Removes files that no document refers to and that are older than an hour at `now`, by the
    /// clock of the file system. Returns how many were removed.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Db`] when the folders or the database cannot be read.
    pub async fn sweep_blobs(&self, now: SystemTime) -> Result<usize, Error> {
        let blobs = self.blobs();
        let mut swept = 0;
        for path in blobs.expired("staged", now).await? {
            match fs::remove_file(path).await {
                Ok(()) => swept += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        for folder in ["kept", "pictures"] {
            for path in blobs.expired(folder, now).await? {
                swept += usize::from(!self.is_referenced(&path).await? && blobs.sweep(&path, now).await?);
            }
        }
        Ok(swept)
    }

    /// Whether a document refers to this blob, or to the blob that this file is a picture of.
    async fn is_referenced(&self, path: &Path) -> Result<bool, Error> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let sha256 = name.split('-').next().unwrap_or_default();
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select id from documents where blob = $1 limit 1" => String);
        Ok(tx.optional(find, params![sha256]).await?.is_some())
    }
}
