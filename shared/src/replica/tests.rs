//! Rules S8 and L7: how frames become a copy.

use super::*;
use crate::items::FieldId;

const HERE: Cursor = Cursor { epoch: Epoch(1), seq: 10 };

fn rows<'a>(items: &[(u32, Option<&'a str>, i64)]) -> Rows<'a> {
    Rows {
        ids: items.iter().map(|i| ItemId(i.0)).collect(),
        keys: items.iter().map(|i| i.1).collect(),
        times: items.iter().map(|i| Millis(i.2)).collect(),
        positions: vec![None; items.len()],
        ..Rows::default()
    }
}

fn copy() -> Replica {
    let mut copy = Replica::default();
    let mut r = rows(&[(0, Some("a"), 1), (2, Some("b"), 1)]);
    (r.new_fields, r.columns) = (vec!["x"], vec![(FieldId(0), vec![Cell::Number(1.0), Cell::Absent])]);
    copy.snapshot(HERE, true, true, &r, &mut Vec::new()).unwrap();
    copy
}

#[test]
fn a_copy_has_no_cursor_before_its_last_part() {
    let mut c = Replica::default();
    let mut changes = Vec::new();
    c.snapshot(HERE, true, false, &rows(&[(0, Some("a"), 1)]), &mut changes).unwrap();
    assert_eq!((c.cursor(), c.len(), changes.contains(&Change::Reset)), (None, 1, false));
    assert_eq!(c.delta(10, 11, &rows(&[]), &[], &mut changes), Err(ReplicaError::Missing));
    c.snapshot(HERE, false, true, &rows(&[(1, Some("b"), 1)]), &mut changes).unwrap();
    assert_eq!((c.cursor(), c.len()), (Some(HERE), 2));
    assert_eq!(changes.last(), Some(&Change::Reset));
    // A part without a beginning, and one of another snapshot.
    assert_eq!(c.snapshot(HERE, false, true, &rows(&[]), &mut changes), Err(ReplicaError::Missing));
    c.snapshot(HERE, true, false, &rows(&[]), &mut changes).unwrap();
    let other = Cursor { seq: 11, ..HERE };
    assert_eq!(c.snapshot(other, false, true, &rows(&[]), &mut changes), Err(ReplicaError::Missing));
}

#[test]
fn a_delta_changes_removes_and_replaces() {
    let mut c = copy();
    let mut changes = Vec::new();
    let mut r = rows(&[(0, None, 5), (2, Some("c"), 6)]);
    (r.first_field, r.new_fields) = (1, vec!["y"]);
    r.columns = vec![(FieldId(0), vec![Cell::Null, Cell::Absent]), (FieldId(1), vec![Cell::Text("t"), Cell::Absent])];
    c.delta(8, 12, &r, &[], &mut changes).unwrap();
    let a = c.get(ItemId(0)).unwrap();
    assert_eq!((a.time, a.seq, a.fields.len(), a.fields.contains_key("y")), (Millis(5), 12, 1, true));
    assert_eq!((c.find("b"), c.find("c")), (None, Some(ItemId(2))));
    assert_eq!(changes, [0, 2].map(|i| Change::Upsert { id: ItemId(i), moved: false }));
    changes.clear();
    c.delta(12, 13, &rows(&[]), &[ItemId(0), ItemId(7)], &mut changes).unwrap();
    assert_eq!((changes, c.find("a"), c.len()), (vec![Change::Remove(ItemId(0))], None, 1));
    assert_eq!(c.cursor(), Some(Cursor { seq: 13, ..HERE }));
}

#[test]
fn frames_that_do_not_fit_are_refused_and_old_ones_ignored() {
    let mut c = copy();
    let mut changes = Vec::new();
    assert_eq!(c.delta(11, 12, &rows(&[]), &[], &mut changes), Err(ReplicaError::Missing));
    assert_eq!(c.delta(10, 12, &rows(&[(5, None, 1)]), &[], &mut changes), Err(ReplicaError::Unknown));
    let mut r = rows(&[(0, None, 1)]);
    r.columns = vec![(FieldId(3), vec![Cell::Null])];
    assert_eq!(c.delta(10, 12, &r, &[], &mut changes), Err(ReplicaError::Unknown));
    let mut r = rows(&[]);
    (r.first_field, r.new_fields) = (2, vec!["z"]);
    assert_eq!(c.delta(10, 12, &r, &[], &mut changes), Err(ReplicaError::Unknown));
    assert_eq!(c.delta(3, 9, &rows(&[(5, None, 1)]), &[], &mut changes), Ok(()));
    assert_eq!((c.cursor(), changes), (Some(HERE), vec![]));
    assert!(
        c.resumed(HERE) && !c.resumed(Cursor { epoch: Epoch(2), ..HERE }) && !c.resumed(Cursor { seq: 11, ..HERE })
    );
}
