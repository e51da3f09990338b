//! Files by the SHA-256 of their bytes, in a folder; uploads are staged beside them first.
//!
//! A blob without a document row is swept once it is an hour old, so an upload that failed
//! anywhere, or a process that died, leaves nothing behind.

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

/// The age at which a file that no document names is swept.
const SWEEP_AGE: Duration = Duration::from_secs(60 * 60);

/// The folder of files.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
    max_bytes: u64,
}

/// An upload under way. Dropped before it is kept, its file is removed.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    size: u64,
    max_bytes: u64,
}

/// A whole upload.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

impl Blobs {
    /// Opens the folder, made if it is missing; uploads may have at most `max_bytes`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub async fn open(root: PathBuf, max_bytes: u64) -> io::Result<Self> {
        for folder in ["staged", "kept", "pictures"] {
            fs::create_dir_all(root.join(folder)).await?;
        }
        Ok(Self { root, max_bytes })
    }

    /// The largest upload, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub async fn stage(&self) -> io::Result<Staged> {
        let path = self.root.join("staged").join(Uuid::now_v7().to_string());
        let file = File::create_new(&path).await?;
        Ok(Staged { path, file, hasher: Sha256::new(), size: 0, max_bytes: self.max_bytes })
    }

    /// Where the file of that hash is.
    #[must_use]
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.root.join("kept").join(sha256)
    }

    /// The file of that hash, to be read in the sandbox.
    pub(crate) async fn open_kept(&self, sha256: &str) -> io::Result<std::fs::File> {
        Ok(File::open(self.path(sha256)).await?.into_std().await)
    }

    /// Where the picture of a page is kept.
    pub(crate) fn picture(&self, sha256: &str, page: u32) -> PathBuf {
        self.root.join("pictures").join(format!("{sha256}-{page}.png"))
    }

    /// Gives a whole upload its lasting name, on the disk for good.
    pub(crate) async fn keep(&self, upload: &Upload) -> io::Result<()> {
        fs::rename(&upload.path, self.path(&upload.sha256)).await?;
        File::open(self.root.join("kept")).await?.sync_all().await
    }

    /// The files of a folder that are old enough to sweep.
    async fn old(&self, folder: &str, now: SystemTime) -> io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(self.root.join(folder)).await?;
        let mut old = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            match is_old(&entry.path(), now).await {
                Ok(true) => old.push(entry.path()),
                Ok(false) => {}
                // Its upload ended since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(old)
    }

    /// Removes a file, unless the same file was sent again meanwhile: an upload gives it a new
    /// one under the old name, which is young. Taken aside first, so that it is the same file that
    /// is looked at and removed.
    async fn sweep(&self, path: &Path, now: SystemTime) -> io::Result<bool> {
        let aside = self.root.join("staged").join(Uuid::now_v7().to_string());
        fs::rename(path, &aside).await?;
        if !is_old(&aside, now).await? {
            fs::rename(&aside, path).await?;
            return Ok(false);
        }
        fs::remove_file(&aside).await?;
        Ok(true)
    }
}

impl Staged {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] past the limit; [`Error::Io`] when the disk is full.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.size > self.max_bytes {
            return Err(Refusal::TooLarge { limit_mib: self.max_bytes / (1024 * 1024) }.into());
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes).await?;
        Ok(())
    }

    /// Ends the upload; its bytes are on the disk for good.
    ///
    /// # Errors
    /// [`Refusal::Empty`] without a byte; [`Error::Io`].
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

impl Drop for Staged {
    fn drop(&mut self) {
        discard(&self.path);
    }
}

impl Upload {
    /// Its bytes, to be read in the sandbox.
    pub(crate) async fn open(&self) -> io::Result<std::fs::File> {
        Ok(File::open(&self.path).await?.into_std().await)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        discard(&self.path);
    }
}

async fn is_old(path: &Path, now: SystemTime) -> io::Result<bool> {
    let modified = fs::metadata(path).await?.modified()?;
    Ok(now.duration_since(modified).is_ok_and(|age| age > SWEEP_AGE))
}

/// Best effort: the sweeper takes what this leaves, and a kept file is no longer here.
fn discard(path: &Path) {
    if !path.as_os_str().is_empty() {
        let _ = std::fs::remove_file(path);
    }
}

impl Hiring {
    /// Removes files that no document names and that are an hour old at `now`, by the clock of the
    /// file system; how many.
    ///
    /// # Errors
    /// When the folder or the database cannot be read.
    pub async fn sweep_blobs(&self, now: SystemTime) -> Result<usize, Error> {
        let blobs = self.blobs();
        let mut swept = 0;
        for path in blobs.old("staged", now).await? {
            match fs::remove_file(path).await {
                Ok(()) => swept += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        for folder in ["kept", "pictures"] {
            for path in blobs.old(folder, now).await? {
                swept += usize::from(!self.is_named(&path).await? && blobs.sweep(&path, now).await?);
            }
        }
        Ok(swept)
    }

    /// Whether a document names the blob that this file is, or is a picture of.
    async fn is_named(&self, path: &Path) -> Result<bool, Error> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let sha256 = name.split('-').next().unwrap_or_default();
        let mut tx = self.db().snapshot().await?;
        let row = tx.optional(sql!("select id from documents where blob = $1 limit 1"), params![sha256]).await?;
        Ok(row.is_some())
    }
}
