//! A scores message as JSON.

use super::{ListUpdate, ScoresUpdate};
use crate::protocol::SubId;
use crate::scores::channel::Standings;
use crate::scores::ranking::{Reached, RowId};
use crate::scores::task_cell::cells_json;
use serde_json::{Value, json};

impl ScoresUpdate<'_> {
    /// As JSON.
    pub fn json(&self, sub: SubId) -> Value {
        let mut m = json!({
            "type": "scores",
            "id": sub,
            "cursor": self.standings.cursor,
            "total": self.standings.ranking.len(),
        });
        if self.about {
            m["about"] = serde_json::from_str(&self.standings.about).unwrap_or_default();
        }
        for (name, list) in [("top", &self.top), ("around", &self.around)] {
            if let Some(list) = list {
                m[name] = self.list_json(list);
            }
        }
        m
    }

    fn list_json(&self, list: &ListUpdate<'_>) -> Value {
        let ranking = &self.standings.ranking;
        let (edge, rows) = (list.now.edge, &list.now.rows);
        let mut v = json!({"first": edge.first + 1, "rank": edge.rank, "above": edge.above, "below": edge.below});
        if self.snapshot {
            let page = ranking.page(edge.first, rows.len() as u32);
            let rows = page.iter().map(|p| row_json(p.id, p.position, p.rank, p.tied, self.standings));
            v["rows"] = rows.collect::<Vec<_>>().into();
            return v;
        }
        let moves = list.moves.placed.iter().map(|(to, from, id)| {
            let place = edge.first + to;
            let rank = ranking.rank_at(place);
            match from {
                Some(from) => {
                    let mut row = json!({
                        "key": ranking.key(*id),
                        "from": list.before.edge.first + from + 1,
                        "to": place + 1,
                        "rank": rank,
                        "values": ranking.values(*id),
                        "reached": reached_json(ranking.reached(*id)),
                    });
                    add_cells(&mut row, *id, self.standings);
                    row
                }
                None => {
                    let tied = ranking.is_like_above(place) || ranking.is_like_above(place + 1);
                    let mut row = row_json(*id, place + 1, rank, tied, self.standings);
                    row["from"] = Value::Null;
                    row["to"] = (place + 1).into();
                    row
                }
            }
        });
        v["moves"] = moves.collect::<Vec<_>>().into();
        let key = |at: &u32| Some(ranking.key(*list.before.rows.get(*at as usize)?));
        v["removed"] = list.moves.removed.iter().filter_map(key).collect::<Vec<_>>().into();
        v
    }
}

/// A row that is whole, as the API and the feed show it.
pub fn row_json(id: RowId, position: u32, rank: u32, tied: bool, standings: &Standings) -> Value {
    let ranking = &standings.ranking;
    let name = standings.name(id);
    let group = |g: &std::rc::Rc<str>| if g.is_empty() { Value::Null } else { (**g).into() };
    let mut row = json!({
        "rank": rank,
        "position": position,
        "key": ranking.key(id),
        "name": if name.is_empty() { ranking.key(id) } else { name },
        "values": ranking.values(id),
        "tied": tied,
        "reached": reached_json(ranking.reached(id)),
        "groups": standings.groups(id).iter().map(group).collect::<Vec<_>>(),
    });
    add_cells(&mut row, id, standings);
    row
}

fn add_cells(row: &mut Value, id: RowId, standings: &Standings) {
    if standings.has_cells() {
        row["cells"] = cells_json(standings.cells(id));
    }
}

/// When a row came to its values; null for one without a counted event.
pub fn reached_json(reached: Reached) -> Value {
    if reached.0.0 == i64::MAX { Value::Null } else { reached.0.0.into() }
}
