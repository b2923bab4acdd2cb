//! Buttons for signing in with a provider, beside the field for a key.

use leptos::prelude::*;

use crate::client::sign_in::{self, Provider};

/// A button for each provider; nothing where there is none.
#[component]
pub fn SignInWith(
    /// The board; empty: the server's console.
    #[prop(into)]
    scope: String,
) -> impl IntoView {
    let providers = RwSignal::new(Vec::<Provider>::new());
    leptos::task::spawn_local(async move {
        let found = sign_in::providers().await;
        let _ = providers.try_set(found);
    });
    let scope = StoredValue::new(scope);
    move || {
        let found = providers.get();
        (!found.is_empty()).then(|| {
            let buttons = found.into_iter().map(|provider| {
                let label = text!(parts.sign_in_with.with, name = &provider.title);
                let begin = move |_| sign_in::begin(provider.clone(), &scope.get_value());
                view! { <button class="button primary" type="button" on:click=begin>{label}</button> }
            });
            view! {
                <p class="sign-in-with" data-testid="sign-in-with">{buttons.collect_view()}</p>
                <p class="quiet-text">{text!(parts.sign_in_with.or_key)}</p>
            }
        })
    }
}
