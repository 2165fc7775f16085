//! Where the bytes of a log go: the seam between the log and the disk.
//!
//! [`FileStorage`] is an exclusively locked file that is only ever appended to (but for the repair of a torn
//! end). [`MemoryStorage`] stands in for it in tests: it can lose what was not synced, and fail on demand.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

/// The largest log that is read: far beyond any review by hand.
pub const MAX_LOG_BYTES: u64 = 1 << 30;

/// A growing run of bytes.
pub trait Storage: Send {
    /// Everything that is there.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;
    /// Adds bytes at the end. After an error, any part of them may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything appended would survive a loss of power.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts down to the first `len` bytes.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// Keeps bytes that a repair cuts off, beside the log.
    fn set_aside(&mut self, torn: &[u8]) -> io::Result<()>;
    /// Why nothing can be written, if so.
    fn read_only(&self) -> Option<&str>;
}

/// A file, locked for as long as this value lives. It is created by the first append, not by opening.
#[derive(Debug)]
pub struct FileStorage {
    path: PathBuf,
    file: Option<File>,
    read_only: Option<String>,
}

impl FileStorage {
    /// Opens the log at `path`, or prepares to create it.
    ///
    /// A log that another program has locked, or that may not be written, is opened for reading
    /// ([`Storage::read_only`] says why). Symbolic links and anything but regular files are refused.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut this = Self { path: path.to_owned(), file: None, read_only: None };
        let there = match std::fs::symlink_metadata(path) {
            Ok(there) => there,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(this),
            Err(e) => return Err(e),
        };
        regular(&there)?;
        let file = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => match file.try_lock() {
                Ok(()) => file,
                Err(TryLockError::WouldBlock) => {
                    this.read_only = Some("another window has this log open".to_owned());
                    File::open(path)?
                }
                // Some network drives cannot lock; refusing to work there would help nobody.
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => file,
                Err(TryLockError::Error(e)) => {
                    this.read_only = Some(format!("this log cannot be locked ({e})"));
                    File::open(path)?
                }
            },
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                this.read_only = Some(format!("this log cannot be written ({e})"));
                File::open(path)?
            }
            Err(e) => return Err(e),
        };
        same_file(&file, path)?;
        this.file = Some(file);
        Ok(this)
    }

    /// Reads the log at `path` without locking it. Symbolic links and anything but regular files are refused.
    pub fn read(path: &Path) -> io::Result<Vec<u8>> {
        regular(&std::fs::symlink_metadata(path)?)?;
        let file = File::open(path)?;
        same_file(&file, path)?;
        limited(file)
    }

    fn create(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let parent = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            std::fs::create_dir_all(parent)?;
            // `create_new` never follows a link, and never takes a file that somebody else began meanwhile.
            let file = OpenOptions::new().read(true).append(true).create_new(true).open(&self.path).map_err(
                |e| {
                    if e.kind() == io::ErrorKind::AlreadyExists {
                        let what =
                            "another window began this log meanwhile; open the file again to go on from it";
                        io::Error::new(e.kind(), what)
                    } else {
                        e
                    }
                },
            )?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {}
                Err(e) => return Err(e.into()),
            }
            // Without this the bytes may survive a loss of power, but not the file's name.
            #[cfg(unix)]
            File::open(parent)?.sync_all()?;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn regular(metadata: &std::fs::Metadata) -> io::Result<()> {
    let what = if metadata.is_symlink() {
        "it is a symbolic link; give the path of the log itself"
    } else if metadata.is_file() {
        return Ok(());
    } else {
        "it is not a regular file"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Whether what was opened is what was looked at: a link may have been slipped in between.
#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let (opened, there) = (file.metadata()?, std::fs::symlink_metadata(path)?);
    if (opened.dev(), opened.ino()) == (there.dev(), there.ino()) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it was replaced while it was opened"))
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> io::Result<()> {
    regular(&std::fs::symlink_metadata(path)?)
}

fn limited(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_LOG_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_LOG_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB"));
    }
    Ok(bytes)
}

impl Storage for FileStorage {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        use std::io::Seek;
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        file.rewind()?;
        limited(file)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(why) = &self.read_only {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why.clone()));
        }
        self.create()?.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if file.metadata()?.len() > len {
            file.set_len(len)?;
            file.sync_all()?;
        }
        Ok(())
    }

    fn set_aside(&mut self, torn: &[u8]) -> io::Result<()> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".torn");
        let path = PathBuf::from(name);
        let mut file = match std::fs::symlink_metadata(&path) {
            Ok(there) => {
                regular(&there)?;
                OpenOptions::new().append(true).open(&path)?
            }
            Err(_) => OpenOptions::new().append(true).create_new(true).open(&path)?,
        };
        file.write_all(torn)?;
        file.write_all(b"\n")?;
        file.sync_all()
    }

    fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }
}

#[derive(Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    synced: usize,
    set_aside: Vec<u8>,
    room: Option<usize>,
    failing_syncs: u32,
    syncs: u64,
}

/// Bytes in memory that behave like a disk with a cache. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    memory: Arc<Mutex<Memory>>,
    read_only: Option<String>,
}

impl MemoryStorage {
    /// A disk that holds `bytes`, all synced.
    pub fn new(bytes: &[u8]) -> Self {
        let this = Self::default();
        {
            let mut m = this.memory.lock();
            m.bytes = bytes.to_vec();
            m.synced = bytes.len();
        }
        this
    }

    /// What the cache shows.
    pub fn bytes(&self) -> Vec<u8> {
        self.memory.lock().bytes.clone()
    }

    /// What repairs cut off.
    pub fn aside(&self) -> Vec<u8> {
        self.memory.lock().set_aside.clone()
    }

    /// How often a sync succeeded.
    pub fn syncs(&self) -> u64 {
        self.memory.lock().syncs
    }

    /// What a loss of power leaves: everything synced, and `share` (0..=1) of what was not.
    pub fn after_power_loss(&self, share: f64) -> Vec<u8> {
        let m = self.memory.lock();
        let loose = m.bytes.len() - m.synced;
        m.bytes[..m.synced + (loose as f64 * share.clamp(0.0, 1.0)) as usize].to_vec()
    }

    /// From now on, only `room` more bytes fit; `None` lifts the limit.
    pub fn set_room(&self, room: Option<usize>) {
        self.memory.lock().room = room;
    }

    /// The next `n` syncs fail.
    pub fn fail_syncs(&self, n: u32) {
        self.memory.lock().failing_syncs = n;
    }

    /// The same bytes, as somebody sees them who may not write.
    #[must_use]
    pub fn as_read_only(&self, why: &str) -> Self {
        Self { memory: Arc::clone(&self.memory), read_only: Some(why.to_owned()) }
    }
}

impl Storage for MemoryStorage {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut m = self.memory.lock();
        let fits = m.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        m.bytes.extend_from_slice(&bytes[..fits]);
        m.room = m.room.map(|room| room - fits);
        if fits < bytes.len() {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device"));
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut m = self.memory.lock();
        if m.failing_syncs > 0 {
            m.failing_syncs -= 1;
            return Err(io::Error::other("input/output error"));
        }
        m.synced = m.bytes.len();
        m.syncs += 1;
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut m = self.memory.lock();
        let len = (len as usize).min(m.bytes.len());
        m.bytes.truncate(len);
        m.synced = m.synced.min(len);
        Ok(())
    }

    fn set_aside(&mut self, torn: &[u8]) -> io::Result<()> {
        self.memory.lock().set_aside.extend_from_slice(torn);
        Ok(())
    }

    fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_by_the_first_append_and_locked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new").join("a.jsonl");
        let mut first = FileStorage::open(&path).unwrap();
        let mut late = FileStorage::open(&path).unwrap();
        assert!(!path.exists());
        first.append(b"one\n").unwrap();
        first.sync().unwrap();
        let e = late.append(b"two\n").unwrap_err();
        assert!(e.to_string().contains("another window"), "{e}");

        let mut second = FileStorage::open(&path).unwrap();
        assert!(second.read_only().is_some_and(|why| why.contains("another window")));
        assert_eq!(second.read_all().unwrap(), b"one\n");
        assert!(second.append(b"x").is_err());
        drop(first);
        let mut third = FileStorage::open(&path).unwrap();
        assert_eq!(third.read_only(), None);
        third.append(b"three\n").unwrap();
        third.truncate(4).unwrap();
        third.append(b"3\n").unwrap();
        assert_eq!(third.read_all().unwrap(), b"one\n3\n");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_folders_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        std::fs::write(&target, b"precious").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(FileStorage::open(&link).is_err());
        assert!(FileStorage::read(&link).is_err());
        assert!(FileStorage::open(dir.path()).is_err());
        let dangling = dir.path().join("dangling");
        std::os::unix::fs::symlink(dir.path().join("nowhere"), &dangling).unwrap();
        assert!(FileStorage::open(&dangling).is_err());
        // One that appears after opening is not written through either.
        let late = dir.path().join("late");
        let mut storage = FileStorage::open(&late).unwrap();
        std::os::unix::fs::symlink(&target, &late).unwrap();
        assert!(storage.append(b"x").is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"precious");
    }
}
