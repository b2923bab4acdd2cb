//! CPU time of a process and all it started, from Linux's /proc.

use std::collections::HashMap;
use std::fs;

/// Clock ticks a second in /proc: 100 on every platform that Linux's user interface has today.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of CPU that a process tree has used, in user and in kernel mode; `None` where there is no /proc.
pub fn cpu_seconds(root: u32) -> Option<f64> {
    let mut processes: HashMap<u32, (u32, u64)> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(stat) = fs::read_to_string(entry.path().join("stat")).ok().and_then(|text| parse(&text)) {
            processes.insert(pid, stat);
        }
    }
    if !processes.contains_key(&root) {
        return None;
    }
    let is_below = |pid: u32| {
        let mut at = pid;
        // A parent may have ended and its number been given away: no chain is longer than this.
        for _ in 0..64 {
            if at == root {
                return true;
            }
            match processes.get(&at) {
                Some(&(parent, _)) => at = parent,
                None => return false,
            }
        }
        false
    };
    let ticks: u64 = processes.iter().filter(|(pid, _)| is_below(**pid)).map(|(_, (_, ticks))| ticks).sum();
    Some(ticks as f64 / TICKS_PER_SECOND)
}

/// The parent, and user and system time including those of children that have ended, from a line of `/proc/PID/stat`.
fn parse(stat: &str) -> Option<(u32, u64)> {
    // The name in parentheses may contain anything; what follows its end has fixed places.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let times = fields.get(11..15)?.iter().map(|t| t.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some((parent, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let line = "77 (a) b (c)) S 5 77 77 0 -1 4194560 1 0 0 0 10 20 3 4 20 0 1 0 100 1000 1";
        assert_eq!(parse(line), Some((5, 37)));
        assert_eq!(parse("nonsense"), None);
    }
}
