//! What our board stored, counted in its own SQLite file after the server has ended.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::steps::say;
use crate::workspace::Workspace;

/// Python has SQLite in its standard library, and this program need not be compiled with it.
const SCRIPT: &str = "import json, sqlite3, sys\n\
    db = sqlite3.connect(sys.argv[1])\n\
    rows, events, size = db.execute('SELECT count(*), sum(last - first + 1), sum(length(batch)) FROM log').fetchone()\n\
    parts = db.execute('SELECT count(*) FROM checkpoint').fetchone()[0]\n\
    print(json.dumps({'log_rows': rows, 'log_events': events, 'log_bytes': size, 'checkpoint_rows': parts}))";

/// Rows and bytes of the log; null with a word about why when they can't be counted.
pub fn count(workspace: &Workspace, folder: &Path) -> Value {
    let Some(database) = database(&folder.join("do/heliograph-Board")) else {
        say("  the board's database is not where it was expected; its rows are not counted");
        return Value::Null;
    };
    let output = workspace.command("python3").args(["-c", SCRIPT]).arg(database).output();
    let counted = output.ok().and_then(|output| serde_json::from_slice::<Value>(&output.stdout).ok());
    match counted {
        Some(stored) => {
            let bytes =
                stored["log_bytes"].as_f64().unwrap_or(0.0) / stored["log_events"].as_f64().unwrap_or(1.0).max(1.0);
            let mut stored = stored;
            stored["bytes_per_event"] = json!((bytes * 100.0).round() / 100.0);
            stored
        }
        None => {
            say("  python3 with SQLite is not there; the board's rows are not counted");
            Value::Null
        }
    }
}

fn database(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "sqlite"))
        .find(|path| path.file_stem().is_some_and(|name| name != "metadata"))
}
