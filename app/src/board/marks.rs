//! How items look by the board's rules (`map.marks` in its config): which rule fits an item, and what that is to the GPU and
//! to the page. Pure.

use heliograph_shared::marks::MarkRule;
use heliograph_shared::replica::ReplicaItem;
use heliograph_shared::value::Value;
use heliograph_shared::views::columns::position_part;
use heliograph_shared::views::filter::{Condition, Name, Seen};

use super::map::scene::record::look_code;

/// A board's rules, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Marks(Vec<(Vec<Condition>, MarkRule)>);

impl Marks {
    /// Of a config, up to a rule that can't be read, such as one of a newer server: one behind it might count where that one
    /// should.
    pub fn new(rules: &[MarkRule]) -> Self {
        Self(rules.iter().map_while(|rule| Some((rule.conditions()?, rule.clone()))).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, in their order.
    pub fn rules(&self) -> impl Iterator<Item = &MarkRule> {
        self.0.iter().map(|(_, rule)| rule)
    }

    /// The number of the first rule that fits an item.
    pub fn number_of(&self, item: &ReplicaItem) -> Option<usize> {
        let fits = |conditions: &[Condition]| conditions.iter().all(|one| one.is_met_by(seen(one.name(), item)));
        self.0.iter().position(|(conditions, _)| fits(conditions))
    }

    /// The first rule that fits an item.
    pub fn of(&self, item: &ReplicaItem) -> Option<&MarkRule> {
        self.0.get(self.number_of(item)?).map(|(_, rule)| rule)
    }

    /// What each rule's items look like to the GPU.
    pub fn codes(&self) -> Vec<u16> {
        self.rules().map(|rule| look_code(rule.color.number(), rule.shape.number())).collect()
    }
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The mark's style classes.
    pub class: String,
    /// What it means.
    pub label: String,
}

impl Marks {
    /// The legend: a line for each rule, and one for what none is about. Nothing where there are no rules.
    pub fn legend(&self) -> Vec<Line> {
        let line = |rule: &MarkRule| Line { class: classes(Some(rule)), label: rule.label.clone() };
        let rest = Line { class: classes(None), label: text!(board.legend.others).to_owned() };
        let rest = (!self.is_empty()).then_some(rest);
        self.rules().map(line).chain(rest).collect()
    }
}

/// The style classes of a mark in the page.
pub fn classes(rule: Option<&MarkRule>) -> String {
    rule.map_or_else(|| "mark".to_owned(), |rule| format!("mark is-{} {}", rule.color.name(), rule.shape.name()))
}

fn seen<'i>(name: &Name, item: &'i ReplicaItem) -> Option<Seen<'i>> {
    match name {
        Name::Key => Some(Seen::Text(&item.key)),
        Name::Time => Some(Seen::Number(item.time.0 as f64)),
        Name::Seq => Some(Seen::Number(item.seq as f64)),
        Name::Position(part) => position_part(item.position.as_ref()?, *part).map(Seen::Number),
        Name::Field(field) => item.fields.get(field).map(|value| match value {
            Value::Number(number) => Seen::Number(*number),
            Value::Text(text) => Seen::Text(text),
            Value::Bool(value) => Seen::Text(if *value { "true" } else { "false" }),
        }),
    }
}

#[cfg(test)]
mod tests {
    use heliograph_shared::position::Measured;
    use heliograph_shared::time::Millis;

    use super::*;

    fn marks(rules: &str) -> Marks {
        Marks::new(&serde_json::from_str::<Vec<MarkRule>>(rules).unwrap())
    }

    fn item(speed: f64, fields: &[(&str, Value)]) -> ReplicaItem {
        let position = Measured { lat: 30.0, lon: -97.0, speed: Some(speed), ..Measured::default() }.check().ok();
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        ReplicaItem { key: "v1".into(), time: Millis(1_000), seq: 1, position, fields }
    }

    #[test]
    fn of_the_rules_that_fit_the_first_counts() {
        let marks = marks(
            r#"[{"label":"Late","where":["status:eq:late"],"color":"red"},
                {"label":"Fast","where":["position.speed:gt:10","key:starts:v"]},
                {"label":"Any","where":["ready:eq:true"]}]"#,
        );
        let late = Value::Text("late".into());
        assert_eq!(marks.number_of(&item(20.0, &[("status", late.clone())])), Some(0));
        assert_eq!(marks.number_of(&item(20.0, &[])), Some(1));
        assert_eq!(marks.number_of(&item(2.0, &[("ready", Value::Bool(true))])), Some(2));
        assert_eq!(marks.number_of(&item(2.0, &[("ready", Value::Bool(false))])), None);
        assert_eq!(marks.of(&item(0.0, &[("status", late)])).map(|rule| rule.label.as_str()), Some("Late"));
    }

    #[test]
    fn a_rule_that_can_not_be_read_ends_the_list() {
        let marks = marks(
            r#"[{"label":"Slow","where":["position.speed:lt:1"]},{"label":"?","where":["a:near:b"]},{"label":"All","where":["key:exists"]}]"#,
        );
        assert_eq!(marks.rules().count(), 1);
        assert_eq!(marks.of(&item(0.0, &[])).map(|rule| rule.label.as_str()), Some("Slow"));
        assert_eq!(marks.of(&item(9.0, &[])), None);
    }

    #[test]
    fn each_look_has_a_code_and_a_class_of_its_own() {
        let marks = marks(
            r#"[{"label":"a","where":["key:exists"]},{"label":"b","where":["key:exists"],"color":"purple","shape":"triangle"}]"#,
        );
        let codes = marks.codes();
        assert_eq!(codes.len(), 2);
        assert!(codes[0] == 0 && codes[1] != 0);
        assert_eq!(classes(marks.rules().nth(1)), "mark is-purple triangle");
        assert_eq!(classes(None), "mark");
    }
}
