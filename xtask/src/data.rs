//! The data folder of a local run: boards, and two keys that are made once and kept with it.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Explain, Failure, Outcome};
use crate::workspace::Workspace;

/// Name of the variable with the key for the admin API.
pub const ADMIN_KEY: &str = "HELIOGRAPH_ADMIN_KEY";
/// Name of the variable with the key that signs tokens.
pub const SIGNING_KEY: &str = "HELIOGRAPH_SIGNING_KEY";

/// A data folder that is ours alone while this lives.
pub struct Data {
    folder: PathBuf,
    _lock: File,
}

/// A key, and whether we made it ourselves.
pub struct Key {
    /// The key.
    pub text: String,
    /// Made here for development, not given by the environment.
    pub development: bool,
}

impl Data {
    /// Opens the folder, making it if need be.
    pub fn open(folder: &Path) -> Outcome<Self> {
        let folder = std::path::absolute(folder).explain(|| format!("{} is no path", folder.display()))?;
        // Keys and positions of people lie here: what is made is for this user only.
        let objects = folder.join("do");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&objects)
            .explain(|| format!("can't make the folder {}", objects.display()))?;
        let path = folder.join("lock");
        let lock = File::create(&path).explain(|| format!("can't write {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
                "another `cargo xtask up` uses {}: stop it, or give this one its own with --data DIR",
                folder.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::new(format!("can't lock {}: {error}", path.display()))),
        }
    }

    /// Where the Durable Objects' databases lie.
    pub fn objects(&self) -> PathBuf {
        self.folder.join("do")
    }

    /// The admin key: the environment's, or a development one.
    pub fn admin_key(&self, workspace: &Workspace) -> Outcome<Key> {
        self.key(
            workspace,
            ADMIN_KEY,
            "admin-key",
            "console.log('dev-' + require('node:crypto').randomBytes(20).toString('hex'))",
        )
    }

    /// The signing key, a P-256 private key in PKCS#8 PEM: the environment's, or a development one.
    pub fn signing_key(&self, workspace: &Workspace) -> Outcome<Key> {
        self.key(
            workspace,
            SIGNING_KEY,
            "signing-key.pem",
            "console.log(require('node:crypto').generateKeyPairSync('ec', { namedCurve: 'P-256' })\
             .privateKey.export({ type: 'pkcs8', format: 'pem' }))",
        )
    }

    /// Node makes the keys: it is there anyway, and a crate for it would be compiled before each first run.
    fn key(&self, workspace: &Workspace, variable: &str, file: &str, script: &str) -> Outcome<Key> {
        if let Ok(text) = env::var(variable)
            && !text.trim().is_empty()
        {
            return Ok(Key { text, development: false });
        }
        let path = self.folder.join(file);
        if let Ok(text) = fs::read_to_string(&path)
            && !text.trim().is_empty()
        {
            return Ok(Key { text: text.trim().to_owned(), development: true });
        }
        let output = workspace.command("node").args(["-e", script]).output().explain(|| "can't run node".to_owned())?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || text.is_empty() {
            return Err(Failure::new(format!("node could not make the key {file}")));
        }
        write_private(&path, &text)?;
        Ok(Key { text, development: true })
    }
}

fn write_private(path: &Path, text: &str) -> Outcome {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| writeln!(file, "{text}"))
        .explain(|| format!("can't write {}", path.display()))
}
