//! The bytes of objects: immutable files under random names, so that no key ever becomes a path.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use s3s::{
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256},
};
use tokio::task;

use crate::{Durability, Error, private};

/// Bytes of an upload that are written at once.
const BATCH: usize = 128 * 1024;

/// The folders of blobs and uploads.
#[derive(Clone, Debug)]
pub(crate) struct Blobs(Arc<Folders>);

#[derive(Debug)]
struct Folders {
    blobs: PathBuf,
    uploads: PathBuf,
    durability: Durability,
}

/// An upload that has arrived completely: hashed, not yet visible. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The name of the blob that it will become.
    pub(crate) blob: String,
    /// Its length in bytes.
    pub(crate) size: u64,
    /// Its MD5 digest.
    pub(crate) md5: [u8; 16],
    /// All checksums that S3 knows, in base64; SHA-1 only if it was requested.
    pub(crate) checksums: s3s::dto::Checksum,
    file: File,
    path: PathBuf,
    kept: bool,
}

/// An upload in progress. While no data comes it holds a file but no thread, so that silent uploads cannot use up the threads.
pub(crate) struct Receiving {
    written: task::JoinHandle<io::Result<Written>>,
    /// The data received since the last write.
    pieces: Vec<Bytes>,
    bytes: usize,
}

/// What is on the disk, with its digests so far.
struct Written {
    upload: Upload,
    md5: Md5,
    hasher: ChecksumHasher,
}

impl Blobs {
    /// Creates the folders below `folder`, and removes uploads that a crash interrupted.
    pub(crate) fn open(folder: &Path, durability: Durability) -> io::Result<Self> {
        let folders = Folders { blobs: folder.join("blobs"), uploads: folder.join("tmp"), durability };
        private::folder(&folders.blobs)?;
        private::folder(&folders.uploads)?;
        for upload in fs::read_dir(&folders.uploads)? {
            fs::remove_file(upload?.path())?;
        }
        Ok(Self(Arc::new(folders)))
    }

    /// Removes the blobs that are not in `known`, and returns how many. Only before requests are served.
    pub(crate) fn sweep(&self, known: &HashSet<String>) -> io::Result<usize> {
        let mut removed = 0;
        for blob in fs::read_dir(&self.0.blobs)? {
            let blob = blob?;
            if blob.file_name().to_str().is_none_or(|name| !known.contains(name)) {
                fs::remove_file(blob.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Returns the path of a blob.
    pub(crate) fn path(&self, blob: &str) -> PathBuf {
        self.0.blobs.join(blob)
    }

    /// Begins an upload.
    pub(crate) fn receive(&self, with_sha1: bool) -> Result<Receiving, Error> {
        let blob = random_name()?;
        let path = self.0.uploads.join(&blob);
        let written = task::spawn_blocking(move || Written::nothing(blob, path, with_sha1));
        Ok(Receiving { written, pieces: Vec::new(), bytes: 0 })
    }

    /// Makes the upload a blob: on the disk, under its name.
    pub(crate) async fn keep(&self, mut upload: Upload) -> Result<Upload, Error> {
        let folders = Arc::clone(&self.0);
        task::spawn_blocking(move || {
            let blob = folders.blobs.join(&upload.blob);
            match folders.durability {
                Durability::PowerLoss => {
                    upload.file.sync_all()?;
                    fs::rename(&upload.path, &blob)?;
                    upload.path = blob;
                    File::open(&folders.blobs)?.sync_all()?;
                }
                Durability::ProcessKill => {
                    fs::rename(&upload.path, &blob)?;
                    upload.path = blob;
                }
            }
            Ok(upload)
        })
        .await
        .map_err(|_| Error::Stopped)?
    }

    /// Removes a blob that no object refers to any more. Readers that have it open can go on reading.
    pub(crate) async fn remove(&self, blob: String) {
        let path = self.path(&blob);
        if let Err(error) = tokio::fs::remove_file(&path).await {
            // The sweep at the next start removes it.
            tracing::warn!(%error, blob, "cannot remove a blob");
        }
    }
}

impl Receiving {
    /// Takes the next piece. Waits while the disk is behind.
    pub(crate) async fn piece(&mut self, data: Bytes) -> Result<(), Error> {
        self.bytes += data.len();
        self.pieces.push(data);
        if self.bytes < BATCH { Ok(()) } else { self.write().await }
    }

    /// Ends the upload after the last piece. Without this call the upload is discarded.
    pub(crate) async fn end(mut self) -> Result<Upload, Error> {
        self.write().await?;
        Ok(self.written.await.map_err(|_| Error::Stopped)??.end())
    }

    async fn write(&mut self) -> Result<(), Error> {
        let mut written = (&mut self.written).await.map_err(|_| Error::Stopped)??;
        let pieces = std::mem::take(&mut self.pieces);
        self.bytes = 0;
        self.written = task::spawn_blocking(move || {
            pieces.iter().try_for_each(|piece| written.add(piece))?;
            Ok(written)
        });
        Ok(())
    }
}

impl Written {
    fn nothing(blob: String, path: PathBuf, with_sha1: bool) -> io::Result<Self> {
        let file = private::new_file(&path)?;
        let upload =
            Upload { blob, size: 0, md5: [0; 16], checksums: s3s::dto::Checksum::default(), file, path, kept: false };
        let hasher = ChecksumHasher {
            crc32: Some(Crc32::new()),
            crc32c: Some(Crc32c::new()),
            sha1: with_sha1.then(Sha1::new),
            sha256: Some(Sha256::new()),
            crc64nvme: Some(Crc64Nvme::new()),
        };
        Ok(Self { upload, md5: Md5::new(), hasher })
    }

    fn add(&mut self, piece: &[u8]) -> io::Result<()> {
        self.upload.file.write_all(piece)?;
        self.md5.update(piece);
        self.hasher.update(piece);
        self.upload.size += piece.len() as u64;
        Ok(())
    }

    fn end(self) -> Upload {
        let Self { mut upload, md5, hasher } = self;
        upload.md5 = md5.finalize();
        upload.checksums = hasher.finalize();
        upload
    }
}

impl Upload {
    /// Keeps the file, because the row is committed.
    pub(crate) fn commit(mut self) {
        self.kept = true;
    }

    /// Returns the digest as S3 prints it in an ETag.
    pub(crate) fn etag(&self) -> String {
        HEXLOWER.encode(&self.md5)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "cannot remove an upload");
        }
    }
}

fn random_name() -> Result<String, Error> {
    let mut name = [0; 16];
    getrandom::fill(&mut name).map_err(|error| Error::File(io::Error::other(error)))?;
    Ok(HEXLOWER.encode(&name))
}
