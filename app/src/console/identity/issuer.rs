//! The form of one issuer.

use leptos::prelude::*;

use super::draft::Draft;
use crate::console::choice::Choice;
use crate::console::field::{Field, Problems};

/// An issuer that is written.
#[derive(Clone, Copy)]
pub struct Written {
    /// Which of the page's.
    pub id: u32,
    /// What is wrong with it.
    pub problems: Problems,
    texts: [RwSignal<String>; 10],
}

impl Written {
    /// Another one.
    pub fn new(id: u32, draft: Draft) -> Self {
        let Draft { name, title, issuer, client_id, scopes, session_s, sign_out, end_session, rules, more } = draft;
        let texts = [name, title, issuer, client_id, scopes, session_s, sign_out, end_session, rules, more];
        Self { id, problems: RwSignal::new(Vec::new()), texts: texts.map(RwSignal::new) }
    }

    /// What it says now.
    pub fn draft(self) -> Draft {
        let [name, title, issuer, client_id, scopes, session_s, sign_out, end_session, rules, more] =
            self.texts.map(|text| text.get_untracked());
        Draft { name, title, issuer, client_id, scopes, session_s, sign_out, end_session, rules, more }
    }
}

/// The form.
#[component]
pub fn IssuerForm(
    /// What is written.
    written: Written,
    /// It is taken out.
    removed: Callback<u32>,
) -> impl IntoView {
    let [name, title, issuer, client_id, scopes, session_s, sign_out, end_session, rules, more] = written.texts;
    let (id, problems) = (written.id, written.problems);
    let of = format!("issuer-{id}");
    let called = move || {
        let name = name.get();
        if name.trim().is_empty() { text!(console.identity.unnamed).to_owned() } else { name }
    };
    let places: Vec<(String, String)> = vec![
        ("false".to_owned(), text!(console.identity.sign_out_here).to_owned()),
        ("true".to_owned(), text!(console.identity.sign_out_there).to_owned()),
    ];
    view! {
        <section class="form-fields" data-testid="issuer">
            <h3>{called}</h3>
            <div class="field-row">
                <Field path="name" label=text!(console.identity.name) help=text!(console.identity.name_help) value=name problems=problems of=of.clone() />
                <Field path="title" label=text!(console.identity.button) help=text!(console.identity.button_help) value=title problems=problems of=of.clone() />
            </div>
            <Field path="issuer" label=text!(console.identity.issuer) help=text!(console.identity.issuer_help) value=issuer problems=problems of=of.clone() />
            <Field path="client_id" label=text!(console.identity.client) help=text!(console.identity.client_help) value=client_id problems=problems of=of.clone() />
            <div class="code-field"><Field path="rules" label=text!(console.identity.rules) help=text!(console.identity.rules_help) value=rules problems=problems is_long=true of=of.clone() /></div>
            <div class="field-row">
                <Field path="scopes" label=text!(console.identity.scopes) help=text!(console.identity.scopes_help) value=scopes problems=problems of=of.clone() />
                <Field path="session_s" label=text!(console.identity.session) help=text!(console.identity.session_help) value=session_s problems=problems is_number=true of=of.clone() />
            </div>
            <div class="field-row">
                <Choice path="sign_out_at_provider" label=text!(console.identity.sign_out) help=text!(console.identity.sign_out_help) value=sign_out options=places problems=problems of=of.clone() />
                <Field path="end_session_endpoint" label=text!(console.identity.end_session) help=text!(console.identity.end_session_help) value=end_session problems=problems of=of.clone() />
            </div>
            <div class="code-field"><Field path="more" label=text!(console.identity.more) help=text!(console.identity.more_help) value=more problems=problems is_long=true of=of /></div>
            <p class="actions"><button class="button small" type="button" on:click=move |_| removed.run(id)>{text!(console.identity.remove)}</button></p>
        </section>
    }
}
