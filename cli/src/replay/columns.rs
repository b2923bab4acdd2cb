//! Which column is what: named by the user, or guessed from well-known names.

use std::fmt;

/// Well-known names, best first, written without `_`, `-` and spaces.
const KEY_NAMES: &[&str] = &[
    "vehicleid",
    "busid",
    "deviceid",
    "sensorid",
    "trackerid",
    "assetid",
    "unitid",
    "driverid",
    "playerid",
    "teamid",
    "key",
    "vehicle",
    "bus",
    "device",
    "sensor",
    "tracker",
    "asset",
    "unit",
    "mmsi",
    "icao24",
    "imei",
    "callsign",
    "id",
];
const TIME_NAMES: &[&str] = &[
    "timestamp",
    "time",
    "eventtime",
    "basedatetime",
    "ts",
    "datetime",
    "recordedat",
    "reportedat",
    "observedat",
    "receivedat",
    "createdat",
    "updatedat",
    "date",
];
const LAT_NAMES: &[&str] = &["latitude", "lat"];
const LON_NAMES: &[&str] = &["longitude", "lon", "lng", "long"];
const HEADING_NAMES: &[&str] = &["heading", "bearing"];
const SPEED_NAMES: &[&str] = &["speed"];
const ALTITUDE_NAMES: &[&str] = &["altitude"];
const ACCURACY_NAMES: &[&str] = &["accuracy"];

/// Columns of these names hold names, even where those are made of digits.
const IDENTIFIERS: &[&str] = &[
    "version",
    "firmware",
    "release",
    "build",
    "serial",
    "serialnumber",
    "hex",
    "hash",
    "commit",
    "mac",
    "icao24",
    "mmsi",
    "imei",
    "imo",
    "phone",
    "zip",
    "zipcode",
    "postcode",
    "code",
];

/// What a column can be. The first four are looked for always, the others only beside a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Which thing the row is about.
    Key,
    /// When.
    Time,
    /// Degrees north.
    Lat,
    /// Degrees east.
    Lon,
    /// Degrees clockwise from north.
    Heading,
    /// Metres a second.
    Speed,
    /// Metres.
    Altitude,
    /// Metres.
    Accuracy,
    /// The event's own id.
    Id,
}

impl Role {
    /// The flag that names this role's column.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Key => "--key",
            Self::Time => "--time",
            Self::Lat => "--lat",
            Self::Lon => "--lon",
            Self::Heading => "--heading",
            Self::Speed => "--speed-col",
            Self::Altitude => "--altitude",
            Self::Accuracy => "--accuracy",
            Self::Id => "--id",
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Key => KEY_NAMES,
            Self::Time => TIME_NAMES,
            Self::Lat => LAT_NAMES,
            Self::Lon => LON_NAMES,
            Self::Heading => HEADING_NAMES,
            Self::Speed => SPEED_NAMES,
            Self::Altitude => ALTITUDE_NAMES,
            Self::Accuracy => ACCURACY_NAMES,
            Self::Id => &[],
        }
    }
}

/// The columns the user named.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Role and column name.
    pub named: Vec<(Role, String)>,
    /// Whether position parts may be recognised by name.
    pub auto: bool,
}

/// Which column has which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    chosen: Vec<(Role, String)>,
    guessed: Vec<Role>,
}

impl Columns {
    /// The column with this role.
    pub fn get(&self, role: Role) -> Option<&str> {
        self.chosen.iter().find(|(chosen, _)| *chosen == role).map(|(_, name)| name.as_str())
    }

    /// The role of this column.
    pub fn role(&self, column: &str) -> Option<Role> {
        self.chosen.iter().find(|(_, name)| name == column).map(|(role, _)| *role)
    }

    /// Whether the rows have positions.
    pub fn has_position(&self) -> bool {
        self.get(Role::Lat).is_some() && self.get(Role::Lon).is_some()
    }

    /// The rows have positions, whatever the columns.
    #[must_use]
    pub fn with_positions(mut self) -> Self {
        self.chosen.extend([(Role::Lat, "position.lat".to_owned()), (Role::Lon, "position.lon".to_owned())]);
        self
    }

    /// What was guessed, as flags: `--key vehicle_id --time timestamp`.
    pub fn guessed(&self) -> String {
        let flags: Vec<String> = self
            .guessed
            .iter()
            .filter_map(|role| self.get(*role).map(|column| format!("{} {column}", role.flag())))
            .collect();
        flags.join(" ")
    }
}

/// Why no choice could be made; the user must name a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoChoice(String);

impl fmt::Display for NoChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Chooses columns among `available` (in the file's order).
pub fn choose(available: &[String], wanted: &Wanted) -> Result<Columns, NoChoice> {
    let mut columns = Columns::default();
    for (role, name) in &wanted.named {
        if !available.contains(name) {
            return Err(no_column(role.flag(), name, available));
        }
        if let Some(other) = columns.role(name) {
            return Err(NoChoice(format!("{} and {} both name the column `{name}`", other.flag(), role.flag())));
        }
        columns.chosen.push((*role, name.clone()));
    }
    for role in [Role::Key, Role::Time] {
        guess(&mut columns, role, available);
        if columns.get(role).is_none() {
            let what = if role == Role::Key { "the key" } else { "the time" };
            return Err(NoChoice(format!(
                "no column looks like {what}; name it with {}. The columns are: {}",
                role.flag(),
                listed(available)
            )));
        }
    }
    let lat_named = columns.get(Role::Lat).is_some();
    let lon_named = columns.get(Role::Lon).is_some();
    if wanted.auto || lat_named != lon_named {
        let before = columns.clone();
        guess(&mut columns, Role::Lat, available);
        guess(&mut columns, Role::Lon, available);
        if !columns.has_position() {
            if lat_named || lon_named {
                let (given, missing) = if lat_named { ("--lat", "--lon") } else { ("--lon", "--lat") };
                return Err(NoChoice(format!(
                    "{given} is named but no column looks like the other half; name {missing} as well"
                )));
            }
            columns = before;
        }
    }
    if columns.has_position() && wanted.auto {
        for role in [Role::Heading, Role::Speed, Role::Altitude, Role::Accuracy] {
            guess(&mut columns, role, available);
        }
    }
    if !columns.has_position()
        && let Some((role, _)) = columns
            .chosen
            .iter()
            .find(|(role, _)| matches!(role, Role::Heading | Role::Speed | Role::Altitude | Role::Accuracy))
    {
        return Err(NoChoice(format!("{} is part of a position: name --lat and --lon as well", role.flag())));
    }
    Ok(columns)
}

fn guess(columns: &mut Columns, role: Role, available: &[String]) {
    if columns.get(role).is_some() {
        return;
    }
    let free: Vec<&String> = available.iter().filter(|name| columns.role(name).is_none()).collect();
    let by_whole_name = role.names().iter().find_map(|known| free.iter().find(|name| plain(name) == *known));
    let by_last_part = || {
        role.names().iter().find_map(|known| {
            free.iter().find(|name| name.rsplit_once('.').is_some_and(|(_, last)| plain(last) == *known))
        })
    };
    if let Some(name) = by_whole_name.or_else(by_last_part) {
        columns.chosen.push((role, (*name).clone()));
        columns.guessed.push(role);
    }
}

/// Whether a column of this name holds identifiers, which stay text even when they look like numbers.
pub fn is_identifier(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let lower = last.to_ascii_lowercase();
    IDENTIFIERS.contains(&plain(last).as_str())
        || lower == "id"
        || lower == "key"
        || lower.starts_with("id_")
        || lower.ends_with("_id")
        || lower.ends_with("-id")
        || lower.ends_with(" id")
        || last.ends_with("Id")
        || last.ends_with("ID")
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

fn no_column(flag: &str, name: &str, available: &[String]) -> NoChoice {
    let hint = available.iter().find(|column| plain(column) == plain(name));
    let hint = hint.map(|column| format!(" (did you mean `{column}`?)")).unwrap_or_default();
    NoChoice(format!("{flag} {name}: there is no such column{hint}. The columns are: {}", listed(available)))
}

fn listed(available: &[String]) -> String {
    const SHOWN: usize = 40;
    let shown: Vec<&str> = available.iter().take(SHOWN).map(String::as_str).collect();
    let more = available.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        list.split(',').map(str::to_owned).collect()
    }

    fn auto(named: &[(Role, &str)]) -> Wanted {
        Wanted { named: named.iter().map(|(role, name)| (*role, (*name).to_owned())).collect(), auto: true }
    }

    #[test]
    fn the_bus_file_needs_no_flags() {
        let columns =
            choose(&names("vehicle_id,timestamp,speed,route_id,trip_id,latitude,longitude,trip_headsign"), &auto(&[]))
                .unwrap();
        assert_eq!(
            columns.guessed(),
            "--key vehicle_id --time timestamp --lat latitude --lon longitude --speed-col speed"
        );
        assert_eq!(columns.role("route_id"), None);
    }

    #[test]
    fn vehicle_id_is_a_better_key_than_id_and_bearing_is_a_heading() {
        let file = names("id,vehicle_id,trip_id,timestamp,latitude,longitude,bearing,origin");
        let columns = choose(&file, &auto(&[])).unwrap();
        assert_eq!(columns.get(Role::Key), Some("vehicle_id"));
        assert_eq!(columns.get(Role::Heading), Some("bearing"));
        assert_eq!(choose(&names("id,time"), &auto(&[])).unwrap().get(Role::Key), Some("id"));
    }

    #[test]
    fn nested_columns_are_found_by_their_last_part_after_whole_names() {
        let columns = choose(&names("device_id,ts,gps.lat,gps.lng,gps.speed"), &auto(&[])).unwrap();
        assert_eq!(columns.guessed(), "--key device_id --time ts --lat gps.lat --lon gps.lng --speed-col gps.speed");
        let columns = choose(&names("data.time,ts,Device-ID"), &auto(&[])).unwrap();
        assert_eq!((columns.get(Role::Time), columns.get(Role::Key)), (Some("ts"), Some("Device-ID")));
    }

    #[test]
    fn speed_is_a_plain_field_without_a_position_or_without_auto() {
        let columns = choose(&names("device_id,ts,speed"), &auto(&[])).unwrap();
        assert_eq!(columns.get(Role::Speed), None);
        let wanted = Wanted { auto: false, ..auto(&[(Role::Lat, "lat"), (Role::Lon, "lon")]) };
        let columns = choose(&names("id,time,lat,lon,speed,heading"), &wanted).unwrap();
        assert_eq!((columns.get(Role::Speed), columns.get(Role::Heading)), (None, None));
        assert!(columns.has_position());
    }

    #[test]
    fn a_named_column_wins_over_a_well_known_one() {
        let columns = choose(&names("id,time,lat,lon,speed,gps_speed"), &auto(&[(Role::Speed, "gps_speed")])).unwrap();
        assert_eq!((columns.get(Role::Speed), columns.role("speed")), (Some("gps_speed"), None));
        assert!(!columns.guessed().contains("gps_speed"));
    }

    #[test]
    fn what_cannot_be_chosen_is_explained() {
        let text = |available: &str, wanted: &Wanted| choose(&names(available), wanted).unwrap_err().to_string();
        assert_eq!(text("a,b", &auto(&[])), "no column looks like the key; name it with --key. The columns are: a, b");
        assert!(text("id,b", &auto(&[])).starts_with("no column looks like the time; name it with --time"));
        assert!(text("Vehicle_ID,time", &auto(&[(Role::Key, "vehicle_id")])).contains("did you mean `Vehicle_ID`?"));
        assert!(text("id,time,y,lon", &auto(&[(Role::Lat, "y"), (Role::Lon, "y")])).contains("both name"));
        assert!(text("id,time,y", &auto(&[(Role::Lat, "y")])).contains("name --lon as well"));
        assert!(text("id,time,course", &auto(&[(Role::Heading, "course")])).contains("name --lat and --lon"));
    }

    #[test]
    fn identifiers_are_known_by_name() {
        for name in [
            "id",
            "route_id",
            "id_student",
            "trip-id",
            "tripId",
            "data.id",
            "routeID",
            "KEY",
            "Version",
            "serial_number",
        ] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["humid", "speed", "paid", "idle", "grid", "route"] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
