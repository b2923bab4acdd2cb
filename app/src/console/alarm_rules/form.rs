//! The form of a rule: another one, or one that is changed.

use heliograph_shared::alarms::RuleId;
use leptos::prelude::*;

use super::draft::{Draft, Kind};
use crate::client::alarms::{self, NamedFence, ShownRule};
use crate::client::manage::FieldProblem;
use crate::console::alarm_words;
use crate::console::choice::Choice;
use crate::console::field::{Field, Others, Problems, problems_of};
use crate::console::seat::Seat;

/// The fields of the form. What is wrong beside them is said above.
const SHOWN: &[&str] = &[
    "id",
    "name",
    "severity",
    "kind",
    "field",
    "where",
    "clear_where",
    "silent_s",
    "inside",
    "outside",
    "rank_at_most",
    "for_s",
    "clear_for_s",
];
/// Where all of it is one field.
const WHOLE: &[&str] = &["id", "json"];

/// What was written, field by field.
#[derive(Clone, Copy)]
struct Written {
    kind: RwSignal<String>,
    direction: RwSignal<String>,
    texts: [RwSignal<String>; 10],
    json: RwSignal<String>,
}

impl Written {
    fn new(draft: Draft) -> Self {
        let Draft { kind, name, severity, field, is_above, value, clear_value, silent_s, fence, rank, .. } = draft;
        let (for_s, clear_for_s, json) = (draft.for_s, draft.clear_for_s, draft.json);
        let direction = if is_above { "above" } else { "below" };
        let texts = [name, severity, field, value, clear_value, silent_s, fence, rank, for_s, clear_for_s];
        Self {
            kind: RwSignal::new(kind.code().to_owned()),
            direction: RwSignal::new(direction.to_owned()),
            texts: texts.map(RwSignal::new),
            json: RwSignal::new(json),
        }
    }

    fn kind(self) -> Kind {
        self.kind.with(|code| Kind::of(code))
    }

    fn draft(self) -> Draft {
        let [name, severity, field, value, clear_value, silent_s, fence, rank, for_s, clear_for_s] =
            self.texts.map(|text| text.get_untracked());
        let kind = self.kind.with_untracked(|code| Kind::of(code));
        let is_above = self.direction.with_untracked(|direction| direction == "above");
        let json = self.json.get_untracked();
        Draft {
            kind,
            name,
            severity,
            field,
            is_above,
            value,
            clear_value,
            silent_s,
            fence,
            rank,
            for_s,
            clear_for_s,
            json,
        }
    }
}

/// The form.
#[component]
pub fn RuleForm(
    /// The board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// The rule that is changed; none: another one.
    of: Option<ShownRule>,
    /// Ids that are taken.
    taken: Signal<Vec<String>>,
    /// Fields that the board has words for.
    fields: Vec<String>,
    /// The board's fences.
    fences: Signal<Vec<NamedFence>>,
    /// It is kept.
    saved: Callback<ShownRule>,
) -> impl IntoView {
    let is_new = of.is_none();
    let (form, first) = match of {
        Some(ShownRule { id, rule, .. }) => (String::from(id), Draft::of(&rule)),
        None => Default::default(),
    };
    let id = RwSignal::new(form.clone());
    let written = Written::new(first);
    // Whoever goes on in JSON goes on with what the fields say.
    Effect::new(move |before: Option<Kind>| {
        let kind = written.kind();
        if let Some(before) = before.filter(|before| kind == Kind::Json && *before != kind) {
            let draft = Draft { kind: before, ..written.draft() };
            if let (Ok(body), true) = (draft.body(), draft.missing().is_empty()) {
                written.json.set(serde_json::to_string_pretty(&body).unwrap_or_default());
            }
        }
        kind
    });
    let problems: Problems = RwSignal::new(Vec::new());
    let is_busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let draft = written.draft();
        let called = id.get_untracked().trim().to_owned();
        let mut wrong = draft.missing();
        if let Err(error) = RuleId::parse(&called) {
            wrong.insert(0, problem("id", error.message));
        } else if is_new && taken.with_untracked(|taken| taken.contains(&called)) {
            wrong.insert(0, problem("id", text!(console.alarm_rules.is_taken).to_owned()));
        }
        let body = draft.body().map_err(|why| wrong.push(problem("json", why)));
        problems.set(wrong.clone());
        let (Ok(body), true) = (body, wrong.is_empty()) else { return };
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let outcome = alarms::put_rule(&board.get_value(), &seat.key(), &called, &body).await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok(shown) => saved.run(shown),
                Err(refusal) => drop(problems.try_set(problems_of(refusal))),
            }
        });
    };
    let of_form = StoredValue::new(form);
    let kinds: Vec<(String, String)> =
        Kind::ALL.into_iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
    let fields = StoredValue::new(fields);
    let label = if is_new { text!(console.alarm_rules.make) } else { text!(console.alarm_rules.save) };
    let others = move || {
        let shown = if written.kind() == Kind::Json { WHOLE } else { SHOWN };
        view! { <Others problems=problems shown=shown /> }
    };
    view! {
        <form on:submit=submit data-testid=if is_new { "add-rule" } else { "edit-rule" }>
            {others}
            {is_new.then(|| view! { <Field path="id" label=text!(console.alarm_rules.id) help=text!(console.alarm_rules.id_help) value=id problems=problems of=of_form.get_value() /> })}
            <Choice path="kind" label=text!(console.alarm_rules.kind_label) value=written.kind options=kinds problems=problems of=of_form.get_value() />
            {move || if written.kind() == Kind::Json {
                view! { <div class="code-field"><Field path="json" label=text!(console.alarm_rules.json) help=text!(console.alarm_rules.json_help) value=written.json problems=problems is_long=true of=of_form.get_value() /></div> }.into_any()
            } else {
                view! { <Parts written=written problems=problems fields=fields fences=fences of=of_form /> }.into_any()
            }}
            <p class="actions"><button class="button primary" type="submit" disabled=is_busy>{label}</button></p>
        </form>
    }
}

fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message }
}

/// The fields of a rule that is not written as a whole.
#[component]
fn Parts(
    written: Written,
    problems: Problems,
    fields: StoredValue<Vec<String>>,
    fences: Signal<Vec<NamedFence>>,
    of: StoredValue<String>,
) -> impl IntoView {
    let [name, severity, field, value, clear_value, silent_s, fence, rank, for_s, clear_for_s] = written.texts;
    let of = of.get_value();
    let severities: Vec<(String, String)> =
        alarm_words::ALL.map(|one| (one.name().to_owned(), alarm_words::severity(one).to_owned())).into();
    let directions: Vec<(String, String)> = vec![
        ("above".to_owned(), text!(console.alarm_rules.above).to_owned()),
        ("below".to_owned(), text!(console.alarm_rules.below).to_owned()),
    ];
    let places = Signal::derive(move || {
        let none = (String::new(), text!(console.alarm_rules.choose_fence).to_owned());
        let chosen = fence.get_untracked();
        let mut all: Vec<(String, String)> =
            std::iter::once(none).chain(fences.get().iter().map(|fence| (fence.id.clone(), fence.called()))).collect();
        // The fences may not be there yet.
        if !all.iter().any(|(id, _)| *id == chosen) {
            all.push((chosen.clone(), chosen));
        }
        all
    });
    let about = match written.kind() {
        Kind::Value => view! {
            <Field path="field" label=text!(console.alarm_rules.field) help=text!(console.alarm_rules.field_help) value=field problems=problems known=fields.get_value() of=of.clone() />
            <div class="field-row">
                <Choice path="direction" label=text!(console.alarm_rules.direction) value=written.direction options=directions problems=problems of=of.clone() />
                <Field path="where" label=text!(console.alarm_rules.value) value=value problems=problems of=of.clone() />
            </div>
            <Field path="clear_where" label=text!(console.alarm_rules.clear_value) help=text!(console.alarm_rules.clear_value_help) value=clear_value problems=problems of=of.clone() />
        }
        .into_any(),
        Kind::Silent => view! { <Field path="silent_s" label=text!(console.alarm_rules.silent_s) help=text!(console.alarm_rules.silent_help) value=silent_s problems=problems is_number=true of=of.clone() /> }.into_any(),
        Kind::Inside => view! { <Choice path="inside" label=text!(console.alarm_rules.fence) help=text!(console.alarm_rules.fence_help) value=fence options=places problems=problems of=of.clone() /> }.into_any(),
        Kind::Outside => view! { <Choice path="outside" label=text!(console.alarm_rules.fence) help=text!(console.alarm_rules.outside_help) value=fence options=places problems=problems of=of.clone() /> }.into_any(),
        Kind::Rank => view! { <Field path="rank_at_most" label=text!(console.alarm_rules.rank) help=text!(console.alarm_rules.rank_help) value=rank problems=problems is_number=true of=of.clone() /> }.into_any(),
        Kind::Json => ().into_any(),
    };
    view! {
        <div class="form-fields">
            {about}
            <div class="field-row">
                <Field path="for_s" label=text!(console.alarm_rules.for_s) help=text!(console.alarm_rules.for_help) value=for_s problems=problems is_number=true of=of.clone() />
                <Field path="clear_for_s" label=text!(console.alarm_rules.clear_for_s) help=text!(console.alarm_rules.clear_for_help) value=clear_for_s problems=problems is_number=true of=of.clone() />
            </div>
            <Field path="name" label=text!(console.alarm_rules.name) help=text!(console.alarm_rules.name_help) value=name problems=problems of=of.clone() />
            <Choice path="severity" label=text!(console.alarms.how_grave) value=severity options=severities problems=problems of=of />
        </div>
    }
}
