//! What the administrator says about sign-in, at `/manage/sign-in`: the settings as JSON, with a beginning for each kind of
//! provider, and what is wrong with each field.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::{Others, Problems, problems_of};
use super::frame::ServerFrame;
use super::place::Place;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::client::manage::{self, Tagged};

/// Beginnings of issuers, by the kind of provider.
const PRESETS: &str = include_str!("identity/presets.json");

/// A beginning.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
struct Preset {
    name: String,
    issuer: Value,
}

fn presets() -> Vec<Preset> {
    serde_json::from_str(PRESETS).unwrap_or_default()
}

/// The settings with another issuer.
fn with_issuer(text: &str, issuer: &Value) -> Option<String> {
    let mut settings: Value = serde_json::from_str(text).ok()?;
    let issuers = settings.as_object_mut()?.entry("issuers").or_insert_with(|| json!([]));
    issuers.as_array_mut()?.push(issuer.clone());
    serde_json::to_string_pretty(&settings).ok()
}

/// The page.
#[component]
pub fn IdentityPage(
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let answer: Answer<Tagged> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::identity(&seat.key()).await });
    if seat.is_administrator {
        load();
    }
    let then = move |identity: Tagged| view! { <Editor identity=identity seat=seat /> };
    view! {
        <ServerFrame place=Place::SignIn seat=seat>
            <section class="manage-head"><h2>{text!(console.place.sign_in)}</h2><p class="quiet-text">{text!(console.identity.about)}</p></section>
            {if seat.is_administrator {
                view! { <Shown answer=answer retry=Callback::new(move |()| load()) then=then /> }.into_any()
            } else {
                view! { <p class="empty">{text!(console.identity.only_administrator)}</p> }.into_any()
            }}
        </ServerFrame>
    }
}

#[component]
fn Editor(identity: Tagged, seat: Seat) -> impl IntoView {
    let Tagged { value: settings, tag } = identity;
    let text = RwSignal::new(serde_json::to_string_pretty(&settings).unwrap_or_default());
    let tag = RwSignal::new(tag);
    let problems: Problems = RwSignal::new(Vec::new());
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let is_busy = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        error.set(None);
        done.set(None);
        let settings: Value = match serde_json::from_str(&text.get_untracked()) {
            Ok(settings) => settings,
            Err(wrong) => return error.set(Some(text!(console.config.no_json, error = wrong))),
        };
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let saved = manage::put_identity(&seat.key(), &settings, tag.get_untracked().as_deref()).await;
            let _ = is_busy.try_set(false);
            match saved {
                Ok(saved) => {
                    text.set(serde_json::to_string_pretty(&saved.value).unwrap_or_default());
                    tag.set(saved.tag);
                    done.set(Some(text!(console.config.saved).to_owned()));
                }
                Err(refusal) => problems.set(problems_of(refusal)),
            }
        });
    };
    let begin = move |issuer: &Value| match with_issuer(&text.get_untracked(), issuer) {
        Some(fresh) => text.set(fresh),
        None => error.set(Some(text!(console.identity.mend_first).to_owned())),
    };
    let back = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    view! {
        <form class="sheet" on:submit=save data-testid="identity">
            <p>{text!(console.identity.back)}" "<code>{back}{Place::SignedIn.path()}</code></p>
            <div class="tabs-row" role="group" aria-label=text!(console.identity.add)>
                <span class="quiet-text">{text!(console.identity.add)}</span>
                {presets().into_iter().map(|Preset { name, issuer }| view! {
                    <button class="button small" type="button" on:click=move |_| begin(&issuer)>{name}</button>
                }).collect_view()}
            </div>
            <Said error=error done=done />
            <Others problems=problems shown=&[] />
            <label class="form-field code-field">{text!(console.identity.json)}
                <textarea rows="24" spellcheck="false" data-testid="json" prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))></textarea>
            </label>
            <p class="actions"><button class="button primary" type="submit" disabled=is_busy>{text!(console.identity.save)}</button></p>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::sign_in::Settings;

    #[test]
    fn every_preset_is_good_settings_once_its_own_values_are_filled_in() {
        let presets = presets();
        let names: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
        assert_eq!(names, ["Amazon Cognito", "Auth0", "Microsoft Entra", "Keycloak", "OpenID Connect"]);
        let all = presets
            .iter()
            .fold(r#"{"issuers":[]}"#.to_owned(), |text, preset| with_issuer(&text, &preset.issuer).unwrap());
        let settings: Settings = serde_json::from_str(&all).unwrap();
        assert_eq!(settings.check(false), []);
    }

    #[test]
    fn a_preset_is_added_to_what_can_be_read() {
        assert_eq!(with_issuer("{", &json!({})), None);
        assert_eq!(with_issuer(r#"{"issuers":7}"#, &json!({})), None);
        assert_eq!(
            serde_json::from_str::<Value>(&with_issuer("{}", &json!(1)).unwrap()).unwrap(),
            json!({"issuers": [1]})
        );
    }
}
