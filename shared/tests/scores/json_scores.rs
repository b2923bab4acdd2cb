//! A client of the JSON feed's scores as somebody would write it from docs/protocol.md.

use heliograph_shared::scores::points::Points;
use heliograph_shared::scores::{ScoreRow, TaskCell};
use heliograph_shared::time::Millis;
use serde_json::Value;

#[derive(Default)]
struct List {
    first: u32,
    rank: u32,
    above: bool,
    below: bool,
    rows: Vec<Value>,
}

/// Its copy.
#[derive(Default)]
pub struct JsonBoard {
    pub about: Value,
    top: List,
    around: List,
}

impl List {
    fn take(&mut self, told: &Value) {
        let number = |name: &str| told[name].as_u64().unwrap() as u32;
        (self.first, self.rank) = (number("first"), number("rank"));
        (self.above, self.below) = (told["above"].as_bool().unwrap(), told["below"].as_bool().unwrap());
        if let Some(rows) = told.get("rows") {
            self.rows.clone_from(rows.as_array().unwrap());
            return;
        }
        // Take out what was removed and what moved, then put in what moved by ascending place.
        for key in told["removed"].as_array().unwrap() {
            self.rows.retain(|r| r["key"] != *key);
        }
        let moves = told["moves"].as_array().unwrap();
        let moved: Vec<Value> = moves
            .iter()
            .map(|m| {
                let Some(from) = m["from"].as_u64() else { return m.clone() };
                let had = self.rows.iter().find(|r| r["key"] == m["key"]).expect("a row that moved is there");
                assert_eq!(had["position"], from);
                let mut row = had.clone();
                row["values"] = m["values"].clone();
                row["reached"] = m["reached"].clone();
                if let Some(cells) = m.get("cells") {
                    row["cells"] = cells.clone();
                }
                row
            })
            .collect();
        self.rows.retain(|r| !moves.iter().any(|m| m["key"] == r["key"]));
        for (m, row) in moves.iter().zip(moved) {
            let to = m["to"].as_u64().unwrap() as u32;
            self.rows.insert((to - self.first) as usize, row);
        }
    }

    /// Positions follow each other; ranks follow from the first one, the values and the tie rule.
    fn label(&mut self, ties: &str) {
        let mut rank = self.rank;
        for i in 0..self.rows.len() {
            let position = self.first + i as u32;
            let like =
                |o: Option<usize>| o.and_then(|o| self.rows.get(o)).map(|o| o["values"] == self.rows[i]["values"]);
            let (before, after) = (like(i.checked_sub(1)), like(Some(i + 1)));
            if i > 0 {
                rank = match (ties, before) {
                    ("first_to_reach", _) | ("shared", Some(false)) => position,
                    ("dense", Some(false)) => rank + 1,
                    _ => rank,
                };
            }
            let tied = before.unwrap_or(self.above) || after.unwrap_or(self.below);
            let row = &mut self.rows[i];
            (row["position"], row["rank"], row["tied"]) = (position.into(), rank.into(), tied.into());
        }
    }

    fn rows(&self) -> Vec<ScoreRow> {
        let row = |r: &Value| ScoreRow {
            key: r["key"].as_str().unwrap().to_owned(),
            name: r["name"].as_str().unwrap().to_owned(),
            position: r["position"].as_u64().unwrap() as u32,
            rank: r["rank"].as_u64().unwrap() as u32,
            tied: r["tied"].as_bool().unwrap(),
            values: r["values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect(),
            reached: Millis(r["reached"].as_i64().unwrap_or(0)),
            groups: r["groups"].as_array().unwrap().iter().map(|g| g.as_str().map(str::to_owned)).collect(),
            cells: r.get("cells").map(cells).unwrap_or_default(),
        };
        self.rows.iter().map(row).collect()
    }
}

fn cells(list: &Value) -> Vec<TaskCell> {
    let cell = |c: &Value| TaskCell {
        tries: c["tries"].as_u64().unwrap_or(0) as u32,
        minute: c["minute"].as_f64().map(Points::of),
        pending: c["pending"].as_u64().unwrap_or(0) as u32,
    };
    list.as_array().unwrap().iter().map(cell).collect()
}

impl JsonBoard {
    pub fn take(&mut self, m: &Value) {
        if let Some(about) = m.get("about") {
            self.about = about.clone();
        }
        let ties = self.about["ties"].as_str().unwrap().to_owned();
        for (name, list) in [("top", &mut self.top), ("around", &mut self.around)] {
            let Some(told) = m.get(name) else { continue };
            list.take(told);
            // The whole rows of a snapshot say it themselves: that must be the same.
            let said = told.get("rows").map(|_| list.rows.clone());
            list.label(&ties);
            assert!(said.is_none_or(|said| said == list.rows), "{told}");
        }
    }

    pub fn rows(&self) -> [Vec<ScoreRow>; 2] {
        [self.top.rows(), self.around.rows()]
    }
}
