//! One of several, with its label, what it means, and what is wrong with it.

use leptos::prelude::*;

use super::field::{Problems, id_in, wrong};

/// One of several.
#[component]
pub fn Choice(
    /// Its path, as the server names it.
    path: &'static str,
    /// What it is called.
    label: &'static str,
    /// What it means.
    #[prop(optional)]
    help: &'static str,
    /// Which is chosen.
    value: RwSignal<String>,
    /// What there is to choose: the value, and what it is called.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What is wrong with the form.
    problems: Problems,
    /// Of which of several forms on the page it is.
    #[prop(optional, into)]
    of: String,
) -> impl IntoView {
    let id = id_in(path, of);
    let (help_id, wrong_id) = (format!("{id}-help"), format!("{id}-wrong"));
    let said = Memo::new(move |_| problems.with(|problems| wrong(problems, path)));
    let described = {
        let (help_id, wrong_id) = (help_id.clone(), wrong_id.clone());
        move || if said.with(Option::is_some) { wrong_id.clone() } else { help_id.clone() }
    };
    let all = move || {
        let option = |(code, called): (String, String)| {
            let of = code.clone();
            view! { <option value=code prop:selected=move || value.with(|chosen| *chosen == of)>{called}</option> }
        };
        options.get().into_iter().map(option).collect_view()
    };
    view! {
        <div class="form-field" class:wrong=move || said.with(Option::is_some)>
            <label for=id.clone()>{label}</label>
            <select id=id class="select" aria-describedby=described aria-invalid=move || said.with(Option::is_some).then_some("true")
                on:change=move |event| value.set(event_target_value(&event))>{all}</select>
            <p class="help" id=help_id>{help}</p>
            <p class="error" id=wrong_id>{said}</p>
        </div>
    }
}
