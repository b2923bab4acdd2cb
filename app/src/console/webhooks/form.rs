//! The form of a webhook: another one, or one that is changed.

use heliograph_shared::alarms::What;
use heliograph_shared::webhooks::{Format, WebhookId, WebhookWish};
use leptos::prelude::*;

use super::draft::{Draft, FORMATS, KINDS, code, label};
use crate::client::alarms::ShownRule;
use crate::client::manage::FieldProblem;
use crate::client::webhooks::{self, MadeWebhook};
use crate::console::alarm_words;
use crate::console::choice::Choice;
use crate::console::field::{Field, Others, Problems, problems_of};
use crate::console::seat::Seat;

/// The fields of the form.
const SHOWN: &[&str] = &["id", "url", "format", "severity", "credential"];
/// With the format of one's own.
const WITH_TEMPLATE: &[&str] = &["id", "url", "format", "severity", "credential", "template"];

fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message }
}

/// The form.
#[component]
pub fn WebhookForm(
    /// The board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// The webhook that is changed, and what it is; none: another one.
    of: Option<(String, WebhookWish)>,
    /// Ids that are taken.
    taken: Signal<Vec<String>>,
    /// The board's rules.
    rules: Signal<Vec<ShownRule>>,
    /// It is kept.
    saved: Callback<MadeWebhook>,
) -> impl IntoView {
    let is_new = of.is_none();
    let (form, first) = match of {
        Some((id, wish)) => (id, Draft::of(&wish)),
        None => Default::default(),
    };
    let id = RwSignal::new(form.clone());
    let Draft { url, format, template, kinds, severity, rules: chosen, credential } = first;
    let [url, format, template, severity, credential] =
        [url, format, template, severity, credential].map(RwSignal::new);
    let (kinds, chosen) = (RwSignal::new(kinds), RwSignal::new(chosen));
    let problems: Problems = RwSignal::new(Vec::new());
    let is_busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let draft = Draft {
            url: url.get_untracked(),
            format: format.get_untracked(),
            template: template.get_untracked(),
            kinds: kinds.get_untracked(),
            severity: severity.get_untracked(),
            rules: chosen.get_untracked(),
            credential: credential.get_untracked(),
        };
        let called = id.get_untracked().trim().to_owned();
        let mut wrong = Vec::new();
        if let Err(error) = WebhookId::parse(&called) {
            wrong.push(problem("id", error.message));
        } else if is_new && taken.with_untracked(|taken| taken.contains(&called)) {
            wrong.push(problem("id", text!(console.webhooks.is_taken).to_owned()));
        }
        if is_new && draft.url.trim().is_empty() {
            wrong.push(problem("url", text!(console.alarm_rules.needed).to_owned()));
        }
        if draft.kinds.is_empty() {
            wrong.push(problem("kinds", text!(console.webhooks.needs_kinds).to_owned()));
        }
        let body = draft.body().map_err(|why| wrong.push(problem("template", why)));
        problems.set(wrong.clone());
        let (Ok(body), true) = (body, wrong.is_empty()) else { return };
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let outcome = webhooks::put(&board.get_value(), &seat.key(), &called, &body).await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok(made) => saved.run(made),
                Err(refusal) => drop(problems.try_set(problems_of(refusal))),
            }
        });
    };
    let formats: Vec<(String, String)> = FORMATS.map(|one| (code(one).to_owned(), label(one).to_owned())).into();
    let has_template = move || format.with(|format| format == code(Format::Template));
    let url_help = if is_new { text!(console.webhooks.url_help) } else { text!(console.webhooks.url_stays) };
    let save = if is_new { text!(console.webhooks.make) } else { text!(console.webhooks.save) };
    let of_form = StoredValue::new(form.clone());
    view! {
        <form on:submit=submit autocomplete="off" data-testid=if is_new { "add-webhook" } else { "edit-webhook" }>
            {move || view! { <Others problems=problems shown=if has_template() { WITH_TEMPLATE } else { SHOWN } /> }}
            {is_new.then(|| view! { <Field path="id" label=text!(console.webhooks.id) help=text!(console.webhooks.id_help) value=id problems=problems of=form.clone() /> })}
            <Field path="url" label=text!(console.webhooks.url) help=url_help value=url problems=problems is_secret=true of=form.clone() />
            <Choice path="format" label=text!(console.webhooks.format_label) value=format options=formats problems=problems of=form.clone() />
            {move || has_template().then(|| view! {
                <div class="code-field"><Field path="template" label=text!(console.webhooks.template) help=text!(console.webhooks.template_help) value=template problems=problems is_long=true of=of_form.get_value() /></div>
            })}
            <fieldset class="checks">
                <legend>{text!(console.webhooks.kinds)}</legend>
                {KINDS.map(|kind| view! { <Check label=kind_label(kind).to_owned() all=kinds one=kind /> }).into_iter().collect_view()}
            </fieldset>
            <Choice path="severity" label=text!(console.alarms.how_grave) value=severity options=alarm_words::filter() problems=problems of=form.clone() />
            {move || {
                let rules = rules.get();
                (!rules.is_empty()).then(|| view! {
                    <fieldset class="checks">
                        <legend>{text!(console.webhooks.rules)}</legend>
                        {rules.into_iter().map(|shown| view! { <Check label=shown.rule.title(&shown.id).to_owned() all=chosen one=shown.id.to_string() /> }).collect_view()}
                    </fieldset>
                })
            }}
            <Field path="credential" label=text!(console.webhooks.credential) help=text!(console.webhooks.credential_help) value=credential problems=problems of=form />
            <p class="actions"><button class="button primary" type="submit" disabled=is_busy>{save}</button></p>
        </form>
    }
}

fn kind_label(kind: What) -> &'static str {
    match kind {
        What::Raise => text!(console.webhooks.kind.raise),
        What::Clear => text!(console.webhooks.kind.clear),
        What::Acknowledge => text!(console.webhooks.kind.acknowledge),
    }
}

/// One of several that may be chosen together.
#[component]
fn Check<T>(label: String, all: RwSignal<Vec<T>>, one: T) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let is_chosen = {
        let one = one.clone();
        all.with_untracked(|all| all.contains(&one))
    };
    let change = move |event| {
        let is_on = event_target_checked(&event);
        all.update(|all| {
            all.retain(|known| *known != one);
            if is_on {
                all.push(one.clone());
            }
        });
    };
    view! { <label class="check"><input type="checkbox" prop:checked=is_chosen on:change=change />{label}</label> }
}
