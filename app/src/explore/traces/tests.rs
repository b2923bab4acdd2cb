use super::*;

fn info() -> BoardInfo {
    serde_json::from_str(r#"{"fields":{"temp":{"label":"Temperature","unit":"°C"},"hum":{"unit":"%"}}}"#).unwrap()
}

fn field(name: &str) -> Measure {
    Measure::Field(name.to_owned())
}

fn series(groups: &[(&str, &[f64])]) -> Arc<Series> {
    let group = |(name, values): &(&str, &[f64])| Group {
        group: Some((*name).to_owned()),
        points: values
            .iter()
            .enumerate()
            .map(|(n, value)| Point {
                time: n as i64 * 60_000,
                count: 1.0,
                average: Some(*value),
                min: Some(*value),
                max: Some(*value),
                ..Point::default()
            })
            .collect(),
    };
    Arc::new(Series { step: Step::Minute, points: Vec::new(), groups: groups.iter().map(group).collect() })
}

const WINDOW: Window = Window { from: 0, to: 600_000 };

#[test]
fn one_question_a_field_names_items_and_groups() {
    let view = View {
        items: vec!["a b".into(), "c".into()],
        measures: vec![field("temp"), Measure::Events],
        step: Some(Step::Minute),
        ..View::default()
    };
    let plan = Plan::of(&view, &Catalog::default(), &info());
    assert_eq!(
        plan.paths(WINDOW),
        [
            "series?field=temp&group_by=key&keys=a%20b,c&from=0&to=600000&step=1m",
            "series?group_by=key&keys=a%20b,c&from=0&to=600000&step=1m"
        ]
    );
    let all = Plan { split: Split::All, ..Plan::default() };
    assert!(Plan { measures: vec![field("x")], ..all }.paths(WINDOW)[0].starts_with("series?field=x&from="));
}

#[test]
fn a_crowd_is_one_line_until_items_are_chosen() {
    let catalog = Catalog { keys: vec![String::new(); GROUPS_MAX + 1], ..Catalog::default() };
    assert_eq!(Plan::of(&View::default(), &catalog, &info()).split, Split::All);
    let chosen = View { items: vec!["a".into()], ..View::default() };
    assert_eq!(Plan::of(&chosen, &catalog, &info()).split, Split::Key);
}

#[test]
fn fields_have_charts_of_their_own_or_share_one_with_two_axes() {
    let plan = Plan { measures: vec![field("temp"), field("hum")], ..Plan::default() };
    let answers = [series(&[("d1", &[20.0, 21.0]), ("d2", &[10.0])]), series(&[("d1", &[50.0])])];
    let apart = results(&plan, &info(), &answers, WINDOW, false);
    let titles: Vec<&str> = apart.panels.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles, ["Temperature (°C)", "Hum (%)"]);
    assert_eq!(apart.panels[0].picture.lines.len(), 2);
    let one = results(&plan, &info(), &answers, WINDOW, true);
    let lines = &one.panels[0].picture.lines;
    assert_eq!(lines.iter().map(|line| line.is_right).collect::<Vec<_>>(), [false, false, true, true]);
    assert_eq!(lines[2].name, "d1 · Hum");
    assert_eq!(lines[3].style, 3);
}

#[test]
fn three_units_are_never_forced_into_one_chart() {
    let plan = Plan { measures: vec![field("temp"), field("hum"), field("co")], ..Plan::default() };
    let one = || series(&[("d1", &[20.0])]);
    let found = results(&plan, &info(), &[one(), one(), one()], WINDOW, true);
    assert!(found.is_split);
    assert_eq!(found.panels.len(), 3);
}

#[test]
fn of_many_groups_those_with_the_most_values_are_shown() {
    let names: Vec<String> = (0..12).map(|n| format!("g{n:02}")).collect();
    let long = [1.0, 2.0, 3.0];
    let groups: Vec<(&str, &[f64])> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), if n >= 4 { &long[..] } else { &long[..1] }))
        .collect();
    let found =
        results(&Plan { measures: vec![field("temp")], ..Plan::default() }, &info(), &[series(&groups)], WINDOW, false);
    assert_eq!(found.left_out, Some(12));
    let shown: Vec<&str> = found.columns.iter().map(|column| column.group.as_str()).collect();
    assert_eq!(shown, names[4..].iter().map(String::as_str).collect::<Vec<_>>());
    let split = Split::Field("route".into());
    let chosen = Plan { measures: vec![field("temp")], split, groups: vec!["g01".into()], ..Plan::default() };
    let found = results(&chosen, &info(), &[series(&groups)], WINDOW, false);
    assert_eq!((found.left_out, found.columns.len(), found.columns[0].group.as_str()), (None, 1, "g01"));
}

#[test]
fn values_that_matter_stand_on_the_axis_of_their_field_and_not_across_counts() {
    let info: BoardInfo = serde_json::from_str(
        r#"{"fields":{"temp":{"unit":"°C","thresholds":[{"value":21}]},"hum":{"unit":"%","thresholds":[{"value":60}]}}}"#,
    )
    .unwrap();
    let plan = Plan { measures: vec![field("temp"), field("hum")], ..Plan::default() };
    let answers = [series(&[("d1", &[20.0])]), series(&[("d1", &[50.0])])];
    let one = results(&plan, &info, &answers, WINDOW, true);
    let sides: Vec<_> = one.panels[0].picture.levels.iter().map(|level| (level.value, level.is_right)).collect();
    assert_eq!(sides, [(21.0, false), (60.0, true)]);
    let counts = Plan { aggregate: Aggregate::Count, ..plan };
    let found = results(&counts, &info, &answers, WINDOW, false);
    assert!(found.panels.iter().all(|panel| panel.picture.levels.is_empty()));
}

#[test]
fn csv_is_what_is_seen_and_runs_nothing() {
    let plan = Plan { measures: vec![field("temp")], ..Plan::default() };
    let found = results(&plan, &info(), &[series(&[("=d1", &[20.5, 21.0]), ("d2", &[-3.0])])], WINDOW, false);
    assert_eq!(
        String::from_utf8(found.to_csv()).unwrap(),
        "\"time\",\"'=d1\",\"d2\"\r\n\"1970-01-01T00:00:00.000Z\",20.5,-3\r\n\"1970-01-01T00:01:00.000Z\",21,\r\n"
    );
}

#[test]
fn events_are_counted_whatever_else_is_averaged() {
    let plan = Plan { measures: vec![Measure::Events], aggregate: Aggregate::Max, ..Plan::default() };
    assert_eq!(plan.aggregate_of(&Measure::Events), Aggregate::Count);
    assert_eq!(plan.aggregate_of(&field("temp")), Aggregate::Max);
}
