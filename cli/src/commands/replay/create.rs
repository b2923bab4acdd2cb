//! `--create`: a board with a config that fits the recording.

use heliograph_shared::limits;
use heliograph_shared::logos;
use heliograph_shared::problem::Code;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::error::CliError;
use crate::event::rounded;
use crate::http::Api;
use crate::replay::clics::Contest;
use crate::replay::columns::Role;
use crate::replay::rows::Recording;

use super::{ReplayArgs, note};

/// Rows that are looked at for where things are.
const LOOKED_AT: usize = 1_000;

/// What ships send where they do not know: by the names of columns, in lower case (ITU-R M.1371).
const AIS_NOT_AVAILABLE: [(&str, f64); 11] = [
    ("heading", 511.0),
    ("trueheading", 511.0),
    ("true_heading", 511.0),
    ("cog", 360.0),
    ("course", 360.0),
    ("sog", 102.3),
    ("speed", 102.3),
    ("rot", -128.0),
    ("draft", 0.0),
    ("draught", 0.0),
    ("imo", 0.0),
];

/// What a recording is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A programming contest.
    Contest,
    /// Ships, by AIS.
    Ships,
    /// Things that move.
    Fleet,
    /// Things that measure.
    Sensors,
}

impl Kind {
    /// What a recording looks like.
    pub fn of(recording: &Recording) -> Self {
        let is_ship =
            |name: &&str| matches!(name.to_ascii_lowercase().as_str(), "mmsi" | "sog" | "cog" | "imo" | "navstatus");
        if recording.contest.is_some() {
            Self::Contest
        } else if recording.columns.has_position() {
            let key = recording.columns.get(Role::Key);
            let names: Vec<&str> =
                key.into_iter().chain(recording.cells.iter().map(|cells| cells.name.as_str())).collect();
            if names.iter().any(is_ship) { Self::Ships } else { Self::Fleet }
        } else {
            Self::Sensors
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Contest => "a contest",
            Self::Ships => "ships",
            Self::Fleet => "a fleet",
            Self::Sensors => "sensors",
        }
    }
}

/// Says what to do about a board that is not there.
pub fn offer(error: CliError, kind: Kind) -> CliError {
    match error {
        CliError::Failed(text) if text.contains(Code::BoardNotFound.name()) => {
            CliError::Failed(format!("{text}\n  --create makes the board, with a config for {}", kind.name()))
        }
        other @ (CliError::Failed(_) | CliError::Usage(_) | CliError::Away(_)) => other,
    }
}

/// Makes the board if there is none.
pub async fn board(api: &Api, args: &ReplayArgs, board: &str, recording: &Recording) -> Result<(), CliError> {
    let there = api.look(&["v1", "boards", board], &[]).await?;
    if there.is_success() {
        return Ok(());
    }
    if there.status != 404 {
        return Err(api.refusal(&there));
    }
    let config = config(board, recording, args.logos.as_deref());
    api.call(Method::PUT, &["v1", "boards", board], Some(&config)).await?;
    let kind = Kind::of(recording).name();
    note(args, &format!("made the board {board} for {kind}: `heliograph board get {board}` shows its config"));
    let logos = recording.contest.as_ref().map_or(0, |contest| contest.logos.len());
    if logos > 0 && config.get("logos").is_none() {
        note(args, &format!("the feed names {logos} logos: --logos URL, where the contest's API lies, shows them"));
    }
    Ok(())
}

fn config(board: &str, recording: &Recording, logos: Option<&str>) -> Value {
    let mut config = match (Kind::of(recording), &recording.contest) {
        (Kind::Contest, Some(contest)) => contest_config(contest, logos),
        (Kind::Ships, _) => {
            json!({"title": board, "identity": "key_time", "rules": {"null_island": "refuse", "no_data": not_available(recording)}})
        }
        (Kind::Fleet, _) => json!({"title": board, "identity": "key_time", "rules": {"null_island": "refuse"}}),
        (Kind::Sensors | Kind::Contest, _) => json!({"title": board, "identity": "key_time"}),
    };
    let parts = config.as_object_mut();
    if let Some(parts) = parts.filter(|_| recording.contest.is_none()) {
        if let Some(key) = recording.columns.get(Role::Key) {
            parts.insert("key_name".to_owned(), key.into());
        }
        if let Some([lon, lat]) = center(recording) {
            parts.insert("map".to_owned(), json!({"center": [rounded(lon, 3), rounded(lat, 3)], "zoom": 9}));
        }
    }
    config
}

/// The board that comes with us for contests, with the contest's name, penalty, problems and awards.
fn contest_config(contest: &Contest, logos: Option<&str>) -> Value {
    let mut config: Value =
        serde_json::from_str(include_str!("../../../../boards/icpc.json")).unwrap_or_else(|_| json!({"title": "ICPC"}));
    if let Some(title) = config.get_mut("title") {
        *title = contest.title.as_str().into();
    }
    let awards = Value::from(contest.awards.clone());
    let logos = logos.and_then(|site| logos_of(contest, site));
    // A config has a size; awards and logos are the parts of it that grow with the teams.
    let awards = Some(awards).filter(|_| !contest.awards.is_empty());
    for (name, part, share) in [("awards", awards, 2), ("logos", logos, 3)] {
        if let Some(part) = part.filter(|part| part.to_string().len() <= limits::CONFIG_BYTES / share)
            && let Some(parts) = config.as_object_mut()
        {
            parts.insert(name.to_owned(), part);
        }
    }
    let attempts = config.get_mut("scores").and_then(|scores| scores.get_mut("attempts"));
    if let Some(attempts) = attempts.and_then(Value::as_object_mut) {
        if let Some(minutes) = contest.penalty_minutes {
            attempts.insert("wrong_minutes".to_owned(), minutes.into());
        }
        if (1..=limits::SCORE_TASKS).contains(&contest.tasks.len()) {
            attempts.insert("tasks".to_owned(), contest.tasks.clone().into());
        }
    }
    config
}

/// The logos that lie below an address, as a config names them; none if none does.
fn logos_of(contest: &Contest, site: &str) -> Option<Value> {
    let site = format!("{}/", site.trim_end_matches('/'));
    let files = contest.logos.iter().filter_map(|(team, href)| {
        let file = href.strip_prefix(&site).unwrap_or(href);
        logos::is_file(file).then(|| (team.clone(), Value::from(file)))
    });
    let files: Map<String, Value> = files.take(limits::LOGOS).collect();
    (!files.is_empty()).then(|| json!({"site": site, "files": files}))
}

/// The values that mean "not available", for the columns that the recording has.
fn not_available(recording: &Recording) -> Value {
    let mut marks = Map::new();
    if recording.columns.get(Role::Heading).is_some() {
        marks.insert("heading".to_owned(), json!([511]));
    }
    for cells in &recording.cells {
        let lower = cells.name.to_ascii_lowercase();
        if let Some((_, mark)) = AIS_NOT_AVAILABLE.iter().find(|(name, _)| *name == lower) {
            marks.insert(cells.name.clone(), json!([mark]));
        }
    }
    Value::Object(marks)
}

/// The middle of where things are.
fn center(recording: &Recording) -> Option<[f64; 2]> {
    let mut out = Vec::new();
    let places = recording.rows.iter().take(LOOKED_AT).filter_map(|row| {
        row.write_event(row.time, "", &mut out);
        let event: Value = serde_json::from_slice(&out).ok()?;
        let part = |name: &str| event.get("position")?.get(name)?.as_f64();
        let (lon, lat) = (part("lon")?, part("lat")?);
        (lon.abs() <= 180.0 && lat.abs() <= 85.0 && (lon, lat) != (0.0, 0.0)).then_some([lon, lat])
    });
    let mut places: Vec<[f64; 2]> = places.collect();
    let mut middle = |part: usize| {
        places.sort_by(|a, b| a[part].total_cmp(&b[part]));
        places.get(places.len() / 2).map(|place| place[part])
    };
    Some([middle(0)?, middle(1)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::clics;
    use crate::replay::columns::Wanted;
    use crate::replay::rows::{ReadOptions, read};
    use crate::replay::source::Source;
    use heliograph_shared::config::BoardConfig;
    use jiff::tz::TimeZone;

    fn recording(text: &str) -> Recording {
        let wanted = Wanted { named: Vec::new(), auto: true };
        let options =
            ReadOptions { wanted, types: Vec::new(), zone: TimeZone::UTC, count: None, id_columns: Vec::new() };
        read(&Source::Memory(text.into()), &options).unwrap()
    }

    fn made(recording: &Recording) -> Value {
        let config = config("b", recording, Some("https://cds.example/api"));
        assert!(BoardConfig::parse(config.to_string().as_bytes()).is_ok(), "{config}");
        config
    }

    #[test]
    fn a_config_fits_the_columns() {
        let ships = recording(
            "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName\n366000001,2024-01-01T00:00:00,29.5,-94.5,0.1,360.0,511.0,ANN\n\
             366000001,2024-01-01T00:01:00,29.7,-94.7,102.3,12.5,90.0,ANN\n",
        );
        assert_eq!(Kind::of(&ships), Kind::Ships);
        let config = made(&ships);
        assert_eq!(config["rules"]["no_data"], json!({"heading": [511], "SOG": [102.3], "COG": [360.0]}));
        assert_eq!((&config["key_name"], &config["map"]["center"][1]), (&"MMSI".into(), &29.7.into()));

        let fleet = recording("vehicle_id,timestamp,latitude,longitude\nv1,2024-01-01T00:00:00Z,30.25,-97.5\n");
        assert_eq!((Kind::of(&fleet), &made(&fleet)["key_name"]), (Kind::Fleet, &"vehicle_id".into()));
        let sensors = recording("device,ts,temp\na,2024-01-01T00:00:00Z,20.5\n");
        assert_eq!((Kind::of(&sensors), made(&sensors).get("map")), (Kind::Sensors, None));

        let feed = r#"{"type":"contest","data":{"id":"c","name":"Cup","start_time":"2024-04-18T11:47:59+02:00","duration":"5:00:00","penalty_time":"0:10:00"}}"#;
        let award = r#"{"type":"awards","id":"winner","data":{"id":"winner","citation":"Champions","team_ids":["7"]}}"#;
        let contest = clics::read(&Source::Memory(format!("{feed}\n{award}").into()), &TimeZone::UTC).unwrap();
        let config = made(&contest);
        assert_eq!(config.get("logos"), None);
        assert_eq!(config["awards"], json!([{"id": "winner", "citation": "Champions", "keys": ["7"]}]));
        assert_eq!((&config["title"], &config["scores"]["attempts"]["wrong_minutes"]), (&"Cup".into(), &10.0.into()));
    }

    #[test]
    fn a_contests_logos_are_those_of_its_teams_organizations_in_a_size_for_a_row() {
        let image =
            |href: &str, width: u32| json!({"href": href, "mime": "image/png", "width": width, "height": width});
        let line = |kind: &str, data: Value| json!({"type": kind, "id": data["id"], "data": data}).to_string();
        let logos = [
            ("65", json!([image("o/65/logo", 844), image("o/65/logo.64x64", 64), image("o/65/logo.100x100", 100)])),
            (
                "93",
                json!([
                    image("https://cds.example/api/o/93/logo.56x56", 56),
                    image("https://cds.example/api/o/93/logo.64x64", 64)
                ]),
            ),
            ("94", json!([{"href": "o/94/film", "mime": "video/mp4", "width": 100}])),
            ("95", json!([image("https://elsewhere.example/logo", 100)])),
            ("96", Value::Null),
        ];
        let mut lines = vec![line(
            "contest",
            json!({"id": "c", "name": "Cup", "start_time": "2024-04-18T11:47:59+02:00", "duration": "5:00:00"}),
        )];
        for (id, logo) in logos {
            lines.push(line("organizations", json!({"id": id, "name": id, "logo": logo})));
            lines.push(line("teams", json!({"id": format!("t{id}"), "name": id, "organization_id": id})));
        }
        let contest = clics::read(&Source::Memory(lines.join("\n").into()), &TimeZone::UTC).unwrap();
        let expected = json!({"site": "https://cds.example/api/", "files": {"t65": "o/65/logo.100x100", "t93": "o/93/logo.64x64"}});
        assert_eq!(made(&contest)["logos"], expected);
        assert_eq!(config("b", &contest, None).get("logos"), None);
    }
}
