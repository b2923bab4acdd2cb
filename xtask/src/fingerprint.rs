//! Tells whether a build's inputs changed, by their content.
//!
//! Times of files are not asked: a fresh checkout, a `git stash` or a copied tree must not rebuild what is the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Explain, Outcome};
use crate::workspace::Workspace;

/// Folders that are never inputs, wherever they lie.
const NEVER: [&str; 5] = ["target", "node_modules", "build", "dist", ".git"];

/// What a build is made from.
pub struct Inputs<'a> {
    /// Files and folders, from the root; ones that don't exist count as absent.
    pub paths: &'a [&'a str],
    /// Versions and options.
    pub words: &'a [String],
    /// Cargo's lists of what it read (`.d` files), which know files included from elsewhere.
    pub dep_info: Vec<PathBuf>,
}

impl Inputs<'_> {
    /// The fingerprint of the inputs as they are now.
    pub fn fingerprint(&self, workspace: &Workspace) -> Outcome<String> {
        let mut files = BTreeSet::new();
        for path in self.paths {
            collect(&workspace.root.join(path), &mut files)?;
        }
        for text in self.dep_info.iter().filter_map(|list| fs::read_to_string(list).ok()) {
            let ours = |path: &PathBuf| path.starts_with(&workspace.root) && path.is_file();
            files.extend(files_in_dep_info(&text).into_iter().filter(ours));
        }
        let mut hash = Sha256::new();
        for word in self.words {
            add(&mut hash, word.as_bytes());
        }
        for file in files {
            let name = file.strip_prefix(&workspace.root).unwrap_or(&file);
            add(&mut hash, name.to_string_lossy().as_bytes());
            let content = fs::read(&file).explain(|| format!("can't read {}", file.display()))?;
            add(&mut hash, &content);
        }
        Ok(hex(&hash.finalize()))
    }
}

/// Each part is hashed with its length before it, so that moving bytes from one to the next shows.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Outcome {
    if path.is_file() {
        files.insert(path.to_path_buf());
        return Ok(());
    }
    if !path.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(path).explain(|| format!("can't list {}", path.display()))?;
    for entry in entries {
        let entry = entry.explain(|| format!("can't list {}", path.display()))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if NEVER.contains(&&*name) || name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        collect(&entry.path(), files)?;
    }
    Ok(())
}

/// The files a rule of a `.d` file depends on. Cargo escapes spaces in names with a backslash.
fn files_in_dep_info(text: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in text.lines() {
        let Some((_, names)) = line.split_once(": ") else {
            continue;
        };
        let mut name = String::new();
        let mut letters = names.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '\\' && letters.peek() == Some(&' ') {
                letters.next();
                name.push(' ');
            } else if letter == ' ' {
                if !name.is_empty() {
                    files.push(PathBuf::from(std::mem::take(&mut name)));
                }
            } else {
                name.push(letter);
            }
        }
        if !name.is_empty() {
            files.push(PathBuf::from(name));
        }
    }
    files
}

/// Where a build's last fingerprint is kept, and whether it still holds.
pub struct Stamp(PathBuf);

impl Stamp {
    /// The stamp of a build.
    pub fn of(workspace: &Workspace, name: &str) -> Self {
        Self(workspace.stamps().join(name))
    }

    /// A stamp kept somewhere else.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Whether the last finished build had this fingerprint.
    pub fn is(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|kept| kept.trim() == fingerprint)
    }

    /// Forgets it: from here until `set` the outputs can't be trusted.
    pub fn clear(&self) {
        let _ = fs::remove_file(&self.0);
    }

    /// Keeps the fingerprint of a finished build.
    pub fn set(&self, fingerprint: &str) -> Outcome {
        fs::write(&self.0, fingerprint).explain(|| format!("can't write {}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(name: &str) -> Workspace {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("src/target")).unwrap();
        fs::write(root.join("src/a.rs"), "one").unwrap();
        Workspace { target: root.join("target"), tools: root.join("tools"), state: root.join("state"), root }
    }

    fn print(workspace: &Workspace, words: &[String]) -> String {
        let inputs = Inputs { paths: &["src", "missing"], words, dep_info: Vec::new() };
        inputs.fingerprint(workspace).unwrap()
    }

    #[test]
    fn content_names_and_versions_count_and_build_folders_do_not() {
        let workspace = workspace("inputs");
        let first = print(&workspace, &[]);
        assert_eq!(first, print(&workspace, &[]));
        fs::write(workspace.root.join("src/target/x"), "built").unwrap();
        assert_eq!(first, print(&workspace, &[]));
        assert_ne!(first, print(&workspace, &["tool 1".into()]));
        fs::write(workspace.root.join("src/a.rs"), "two").unwrap();
        let second = print(&workspace, &[]);
        assert_ne!(first, second);
        fs::rename(workspace.root.join("src/a.rs"), workspace.root.join("src/b.rs")).unwrap();
        assert_ne!(second, print(&workspace, &[]));
        fs::remove_dir_all(&workspace.root).unwrap();
    }

    #[test]
    fn dep_info_lists_files_with_spaces_in_their_names() {
        let text = "/t/worker.wasm: /r/src/lib.rs /r/my\\ docs/a.json\n";
        assert_eq!(files_in_dep_info(text), [PathBuf::from("/r/src/lib.rs"), "/r/my docs/a.json".into()]);
    }
}
