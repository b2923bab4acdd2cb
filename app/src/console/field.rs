//! An input with its label, what it means, and what is wrong with it.

use leptos::prelude::*;

use crate::client::manage::{FieldProblem, Refusal};

/// What is wrong with a form, field by field.
pub type Problems = RwSignal<Vec<FieldProblem>>;

/// What the server said of a form: beside its fields where it names some, else as one sentence.
pub fn problems_of(refusal: Refusal) -> Vec<FieldProblem> {
    if refusal.fields.is_empty() {
        return vec![FieldProblem { field: String::new(), message: super::shown::sentence(refusal.failure) }];
    }
    refusal.fields
}

/// What is wrong with a field: the messages of its path and of what is below it.
pub(super) fn wrong(problems: &[FieldProblem], path: &str) -> Option<String> {
    let is_below =
        |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let all: Vec<&str> =
        problems.iter().filter(|problem| is_below(&problem.field)).map(|problem| problem.message.as_str()).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// The id of a field's input.
pub fn id_of(path: &str) -> String {
    format!("field-{}", path.replace('.', "-"))
}

/// The same in one of several forms on a page; the only one has no name.
pub(super) fn id_in(path: &str, form: String) -> String {
    let form = Some(form).filter(|form| !form.is_empty());
    form.map_or_else(|| id_of(path), |form| format!("{}-{form}", id_of(path)))
}

/// A line of text, or several.
#[component]
pub fn Field(
    /// Its path, as the server names it.
    path: &'static str,
    /// What it is called.
    label: &'static str,
    /// What it means.
    #[prop(optional)]
    help: &'static str,
    /// What it holds.
    value: RwSignal<String>,
    /// What is wrong with the form.
    problems: Problems,
    /// Whether it has several lines.
    #[prop(optional)]
    is_long: bool,
    /// Whether it takes whole numbers.
    #[prop(optional)]
    is_number: bool,
    /// Whether it is a secret, which nobody reads over a shoulder.
    #[prop(optional)]
    is_secret: bool,
    /// What others there are, to choose from while one types.
    #[prop(optional)]
    known: Vec<String>,
    /// Of which of several forms on the page it is.
    #[prop(optional, into)]
    of: String,
) -> impl IntoView {
    let id = id_in(path, of);
    let (help_id, wrong_id) = (format!("{id}-help"), format!("{id}-wrong"));
    let list = (!known.is_empty()).then(|| format!("{id}-known"));
    let said = Memo::new(move |_| problems.with(|problems| wrong(problems, path)));
    let described = {
        let (help_id, wrong_id) = (help_id.clone(), wrong_id.clone());
        move || if said.with(Option::is_some) { wrong_id.clone() } else { help_id.clone() }
    };
    let is_wrong = move || said.with(Option::is_some).then_some("true");
    let input = if is_long {
        view! {
            <textarea id=id.clone() rows="3" aria-describedby=described aria-invalid=is_wrong prop:value=value
                on:input=move |event| value.set(event_target_value(&event))></textarea>
        }
        .into_any()
    } else {
        view! {
            <input id=id.clone() type=if is_secret { "password" } else { "text" } inputmode=is_number.then_some("numeric")
                autocomplete=if is_secret { "new-password" } else { "off" } spellcheck="false" list=list.clone()
                aria-describedby=described aria-invalid=is_wrong prop:value=value
                on:input=move |event| value.set(event_target_value(&event)) />
            {list.map(|list| view! { <datalist id=list>{known.into_iter().map(|known| view! { <option value=known></option> }).collect_view()}</datalist> })}
        }
        .into_any()
    };
    view! {
        <div class="form-field" class:wrong=move || said.with(Option::is_some)>
            <label for=id>{label}</label>
            {input}
            <p class="help" id=help_id>{help}</p>
            <p class="error" id=wrong_id>{said}</p>
        </div>
    }
}

/// What is wrong that no field of the form shows.
#[component]
pub fn Others(
    /// What is wrong with the form.
    problems: Problems,
    /// The paths that have inputs.
    shown: &'static [&'static str],
) -> impl IntoView {
    move || {
        let all = problems.get();
        let others: Vec<FieldProblem> = all
            .iter()
            .filter(|problem| !shown.iter().any(|path| wrong(std::slice::from_ref(problem), path).is_some()))
            .cloned()
            .collect();
        (!all.is_empty()).then(|| {
            view! {
                <div class="banner error problems" role="alert" data-testid="problems">
                    <p>{counted!(all.len(), console.field.wrong)}</p>
                    <ul>
                        {others.into_iter().map(|FieldProblem { field, message }| view! {
                            <li>{(!field.is_empty() && !message.contains(&field)).then(|| view! { <code>{field}</code> " " })}{message}</li>
                        }).collect_view()}
                    </ul>
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(field: &str, message: &str) -> FieldProblem {
        FieldProblem { field: field.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn a_field_shows_what_is_wrong_with_it_and_below_it() {
        let all =
            [problem("title", "is required."), problem("grants[0].keys[1]", "is empty."), problem("titles", "no.")];
        assert_eq!(wrong(&all, "title").as_deref(), Some("is required."));
        assert_eq!(wrong(&all, "grants").as_deref(), Some("is empty."));
        assert_eq!(wrong(&all, "keep_days"), None);
    }

    #[test]
    fn a_refusal_without_fields_is_said_as_a_whole() {
        let failure = crate::client::http::Failure { status: 503, message: "Later.".to_owned(), ..Default::default() };
        assert_eq!(problems_of(Refusal::from(failure)), [problem("", "Later.")]);
    }
}
