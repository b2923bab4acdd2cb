//! What is muted, until when, and the end of that.

use leptos::prelude::*;

use super::watch::Deed;
use crate::browser::clock;
use crate::client::alarms::{AlarmList, Mute};

/// What is muted, in words.
fn what(mute: &Mute) -> String {
    match (&mute.rule, &mute.key) {
        (Some(rule), Some(key)) => text!(console.alarms.mutes.both, rule = rule, key = key),
        (Some(rule), None) => text!(console.alarms.mutes.rule, rule = rule),
        (None, Some(key)) => text!(console.alarms.mutes.key, key = key),
        (None, None) => text!(console.alarms.mutes.all).to_owned(),
    }
}

/// They; nothing when there are none.
#[component]
pub fn Mutes(
    /// With what stands.
    list: Memo<AlarmList>,
    /// Ends one.
    act: Callback<Deed>,
) -> impl IntoView {
    let muted = Memo::new(move |_| list.with(|list| list.muted.clone()));
    let row = move |mute: Mute| {
        let what = what(&mute);
        let label = text!(console.alarms.mutes.end_of, what = &what);
        let until = text!(console.alarms.mutes.until, at = clock::short_text(mute.until));
        view! {
            <li><span>{what} " " <span class="quiet-text">{until}</span></span>
                <button class="button small" type="button" aria-label=label on:click=move |_| act.run(Deed::Unmute(mute.rule.clone(), mute.key.clone()))>{text!(console.alarms.mutes.end)}</button>
            </li>
        }
    };
    move || {
        let muted = muted.get();
        (!muted.is_empty()).then(|| {
            view! {
                <section class="sheet" aria-labelledby="mutes-title">
                    <h3 id="mutes-title">{text!(console.alarms.mutes.title)}</h3>
                    <p class="quiet-text">{text!(console.alarms.mutes.about)}</p>
                    <ul class="mute-list" data-testid="mutes">{muted.into_iter().map(row).collect_view()}</ul>
                </section>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::time::Millis;

    #[test]
    fn what_is_muted_names_its_rule_and_its_item() {
        let mute = |rule: Option<&str>, key: Option<&str>| {
            let own = |text: &str| text.to_owned();
            what(&Mute { rule: rule.map(own), key: key.map(own), until: Millis(0) })
        };
        let both = mute(Some("hot"), Some("bus-1"));
        assert!(both.contains("hot") && both.contains("bus-1"), "{both}");
        assert!(mute(Some("hot"), None).contains("hot") && mute(None, Some("bus-1")).contains("bus-1"));
    }
}
