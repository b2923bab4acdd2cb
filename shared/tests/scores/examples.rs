//! The examples of docs/scores.md come out as the page says.

use crate::world::World;
use heliograph_shared::event::Event;
use heliograph_shared::scores::book::Scope;
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;

/// Monday, 2026-03-02.
const DAY: i64 = 1_772_409_600_000;

fn time(text: &str) -> Millis {
    let (hours, minutes) = text.split_once(':').unwrap();
    Millis(DAY + (hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()) * 60_000)
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect()
}

/// The table whose header begins with a word: the other names of the header, and the rows.
fn table(section: &str, word: &str) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let lines: Vec<&str> = section.lines().collect();
    let at = lines.iter().position(|l| l.starts_with(&format!("| {word} |")))?;
    let rows = lines[at + 2..].iter().take_while(|l| l.starts_with('|')).map(|l| cells(l)).collect();
    Some((cells(lines[at]), rows))
}

fn value(text: &str) -> Value {
    match (text.parse::<f64>(), text.parse::<bool>()) {
        (Ok(n), _) => Value::Number(n),
        (_, Ok(b)) => Value::Bool(b),
        _ => Value::Text(text.to_owned()),
    }
}

#[test]
fn g1_the_examples_of_the_page_come_out() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scores.md")).unwrap();
    let mut run = 0;
    for section in page.split("\n#") {
        let Some(json) = section.split("```json\n").nth(1).and_then(|s| s.split("```").next()) else { continue };
        let title = section.lines().next().unwrap();
        let rules: ScoreRules = serde_json::from_str(json).unwrap_or_else(|e| panic!("{title}: {e}"));
        let (names, events) = table(section, "time").unwrap();
        let events: Vec<Event> = events
            .iter()
            .map(|row| {
                let fields = names.iter().zip(row).skip(2).filter(|(_, cell)| !cell.is_empty());
                let fields = fields.map(|(name, cell)| (name.clone(), Some(value(cell)))).collect();
                Event { id: None, key: row[1].clone(), time: time(&row[0]), position: None, fields }
            })
            .collect();
        let mut w = World::new(rules.clone(), 1);
        w.now = match section.split("\nAs of ").nth(1) {
            Some(rest) => time(rest.split(":\n").next().unwrap()),
            None => events.iter().map(|e| e.time).max().unwrap(),
        };
        // The board has not slept until then.
        w.keeper = w.reborn();
        w.events(&events);
        let (columns, expected) = table(section, "rank").unwrap();
        let names: Vec<&str> = rules.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(columns[2..], names, "{title}");
        let ranked = w.keeper.board().unwrap().ranked(&Scope::ALL, true).unwrap();
        let page = ranked.ranking.page(0, u32::MAX);
        let got: Vec<Vec<String>> = page
            .iter()
            .map(|p| {
                let values = p.values.iter().map(|v| v.number().to_string());
                [p.rank.to_string(), p.key.to_owned()].into_iter().chain(values).collect()
            })
            .collect();
        assert_eq!(got, expected, "{title}");
        run += 1;
    }
    assert_eq!(run, 12);
}
