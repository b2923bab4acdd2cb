//! What the administrator says about sign-in, at `/manage/sign-in`: a form for each issuer, with a beginning for each kind of
//! provider, and what is wrong beside each field.

mod draft;
mod issuer;

use leptos::prelude::*;
use serde_json::{Value, json};

use self::draft::Draft;
use self::issuer::{IssuerForm, Written};
use super::field::{Others, Problems, problems_of};
use super::frame::ServerFrame;
use super::place::Place;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::client::manage::{self, FieldProblem, Tagged};

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

/// Says beside each field what is wrong with it.
fn spread(list: &[Written], problems: &[FieldProblem]) {
    for FieldProblem { field, message } in problems {
        let Some((at, field)) = draft::place(field) else { continue };
        if let Some(written) = list.get(at) {
            // The issuer may be gone by now.
            let _ = written.problems.try_update(|all| all.push(FieldProblem { field, message: message.clone() }));
        }
    }
}

#[component]
fn Editor(identity: Tagged, seat: Seat) -> impl IntoView {
    let Tagged { value: settings, tag } = identity;
    let next = StoredValue::new(0_u32);
    let fresh = move |issuer: &Value| {
        let id = next.get_value();
        next.set_value(id + 1);
        Written::new(id, Draft::of(issuer))
    };
    let list: Vec<Written> = settings["issuers"].as_array().into_iter().flatten().map(fresh).collect();
    let list = RwSignal::new(list);
    let tag = RwSignal::new(tag);
    let problems: Problems = RwSignal::new(Vec::new());
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let is_busy = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        error.set(None);
        done.set(None);
        let all = list.get_untracked();
        let (mut issuers, mut wrong) = (Vec::new(), Vec::new());
        for (at, written) in all.iter().enumerate() {
            written.problems.set(Vec::new());
            match written.draft().issuer() {
                Ok(issuer) => issuers.push(issuer),
                Err(found) => wrong.extend(found.into_iter().map(|FieldProblem { field, message }| FieldProblem {
                    field: format!("issuers[{at}].{field}"),
                    message,
                })),
            }
        }
        spread(&all, &wrong);
        let is_good = wrong.is_empty();
        problems.set(wrong);
        if !is_good || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let settings = json!({ "issuers": issuers });
            let saved = manage::put_identity(&seat.key(), &settings, tag.get_untracked().as_deref()).await;
            let _ = is_busy.try_set(false);
            match saved {
                Ok(saved) => {
                    let _ = tag.try_set(saved.tag);
                    let _ = done.try_set(Some(text!(console.config.saved).to_owned()));
                }
                Err(refusal) => {
                    let found = problems_of(refusal);
                    spread(&all, &found);
                    let _ = problems.try_set(found);
                }
            }
        });
    };
    let add = move |issuer: &Value| list.update(|list| list.push(fresh(issuer)));
    let removed = Callback::new(move |id: u32| list.update(|list| list.retain(|written| written.id != id)));
    let back = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    view! {
        <form class="sheet" on:submit=save data-testid="identity">
            <p>{text!(console.identity.back)}" "<code>{back}{Place::SignedIn.path()}</code></p>
            <Said error=error done=done />
            <Others problems=problems shown=&[] />
            <For each=move || list.get() key=|written| written.id children=move |written| view! { <IssuerForm written=written removed=removed /> } />
            <div class="tabs-row" role="group" aria-label=text!(console.identity.add)>
                <span class="quiet-text">{text!(console.identity.add)}</span>
                {presets().into_iter().map(|Preset { name, issuer }| view! {
                    <button class="button small" type="button" on:click=move |_| add(&issuer)>{name}</button>
                }).collect_view()}
            </div>
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
        let issuers: Vec<Value> = presets.iter().map(|preset| Draft::of(&preset.issuer).issuer().unwrap()).collect();
        let settings: Settings = serde_json::from_value(json!({ "issuers": issuers })).unwrap();
        assert_eq!(settings.check(false), []);
    }
}
