//! The rules that raise alarms: what each says, another one, a change, and the end of one.

mod draft;
mod form;
mod says;

use leptos::html::{Section, Summary};
use leptos::prelude::*;

use self::form::RuleForm;
use self::says::says;
use super::alarm_words::SeverityTag;
use super::ask_first::{Ask, AskFirst};
use super::frame::BoardFrame;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::dom;
use crate::client::alarms::{self, NamedFence, ShownRule};
use crate::parts::open_board::Board;

/// The part.
#[component]
pub fn AlarmRulesPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let fields: StoredValue<Vec<String>> = StoredValue::new(board.info.fields.keys().cloned().collect());
    let answer: Answer<Vec<ShownRule>> = RwSignal::new(None);
    let fences = RwSignal::new(Vec::<NamedFence>::new());
    let load = move || shown::ask(answer, async move { alarms::rules(&name.get_value(), &seat.key()).await });
    load();
    // Without them a rule shows the fence's id.
    leptos::task::spawn_local(async move {
        if let Ok(all) = alarms::fences(&name.get_value(), &seat.key()).await {
            let _ = fences.try_set(all);
        }
    });
    let taken = Signal::derive(move || {
        answer.with(|answer| match answer {
            Some(Ok(rules)) => rules.iter().map(|shown| shown.id.to_string()).collect(),
            Some(Err(_)) | None => Vec::new(),
        })
    });
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let (changed, asked) = (RwSignal::new(None::<ShownRule>), RwSignal::new(None::<Ask>));
    let made = RwSignal::new(0_u32);
    let head = NodeRef::<Summary>::new();
    // What had the focus is gone with its form.
    let back = move || {
        dom::on_next_frame(move || {
            if let Some(head) = head.try_get_untracked().flatten() {
                // It can only fail for what is not in the page.
                let _ = head.focus();
            }
        });
    };
    let saved = Callback::new(move |shown: ShownRule| {
        error.set(None);
        done.set(Some(text!(console.alarm_rules.saved, name = shown.rule.title(&shown.id))));
        if changed.with_untracked(Option::is_none) {
            made.update(|made| *made += 1);
            // The form is another one; what it is folded into is the same, and the browser's.
            if let Some(folded) = head.get_untracked().and_then(|head| head.parent_element()) {
                let _ = folded.remove_attribute("open");
            }
        }
        changed.set(None);
        load();
        back();
    });
    let cancel = Callback::new(move |()| {
        changed.set(None);
        back();
    });
    let delete = move |shown: ShownRule| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match alarms::delete_rule(&name.get_value(), &seat.key(), shown.id.as_str()).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.alarm_rules.deleted, name = shown.rule.title(&shown.id))));
                    let _ = changed.try_update(|changed| changed.take_if(|rule| rule.id == shown.id));
                    load();
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let ask = Callback::new(move |shown: ShownRule| {
        asked.set(Some(Ask {
            title: text!(console.alarm_rules.delete_title, name = shown.rule.title(&shown.id)),
            text: text!(console.alarm_rules.delete_asks).to_owned(),
            label: text!(console.alarm_rules.delete).to_owned(),
            word: None,
            then: Callback::new(move |()| delete(shown.clone())),
        }));
    });
    let then = move |rules: Vec<ShownRule>| {
        if rules.is_empty() {
            return view! { <p class="empty">{text!(console.alarm_rules.none)}</p> }.into_any();
        }
        view! { <Table rules=rules fences=fences ask=ask changed=changed /> }.into_any()
    };
    view! {
        <BoardFrame board=board part=Part::AlarmRules seat=seat>
            <section class="manage-head"><h2>{text!(console.place.alarm_rules)}</h2><p class="quiet-text">{text!(console.alarm_rules.about)}
                " " <a href=Place::Board(name.get_value(), Part::Alarms).path()>{text!(console.alarm_rules.to_alarms)}</a></p></section>
            // Anew with each rule that was made.
            {move || { made.track(); view! {
                <details class="sheet make-key">
                    <summary data-testid="new-rule" node_ref=head>{text!(console.alarm_rules.make)}</summary>
                    <RuleForm board=name seat=seat of=None taken=taken fields=fields.get_value() fences=fences.into() saved=saved />
                </details>
            } }}
            <Said error=error done=done />
            {move || changed.get().map(|rule| view! {
                <Change rule=rule board=name seat=seat taken=taken fields=fields.get_value() fences=fences.into() saved=saved cancel=cancel />
            })}
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

/// A rule that is being changed.
#[component]
fn Change(
    rule: ShownRule,
    board: StoredValue<String>,
    seat: Seat,
    taken: Signal<Vec<String>>,
    fields: Vec<String>,
    fences: Signal<Vec<NamedFence>>,
    saved: Callback<ShownRule>,
    cancel: Callback<()>,
) -> impl IntoView {
    let place = NodeRef::<Section>::new();
    Effect::new(move |_| {
        if let Some(section) = place.get() {
            // It can only fail for what is not in the page.
            let _ = section.focus();
        }
    });
    let title = text!(console.alarm_rules.change_title, name = rule.rule.title(&rule.id));
    view! {
        <section class="sheet change-rule" aria-labelledby="change-title" tabindex="-1" node_ref=place data-testid="change">
            <h3 id="change-title">{title}</h3>
            <RuleForm board=board seat=seat of=Some(rule) taken=taken fields=fields fences=fences saved=saved />
            <p class="actions"><button class="button" type="button" on:click=move |_| cancel.run(())>{text!(console.dialog.cancel)}</button></p>
        </section>
    }
}

#[component]
fn Table(
    rules: Vec<ShownRule>,
    fences: RwSignal<Vec<NamedFence>>,
    ask: Callback<ShownRule>,
    changed: RwSignal<Option<ShownRule>>,
) -> impl IntoView {
    let row = move |shown: ShownRule| {
        let title = shown.rule.title(&shown.id).to_owned();
        let (to_change, to_delete, to_say) = (shown.clone(), shown.clone(), shown.rule.clone());
        view! {
            <tr data-rule=shown.id.to_string()>
                <th scope="row" class="wrap">{title.clone()} " " <code>{shown.id.to_string()}</code></th>
                <td><SeverityTag severity=shown.rule.severity /></td>
                <td class="wrap">{move || fences.with(|fences| says(&to_say, fences))}</td>
                <td class="number">{crate::texts::whole(shown.standing as u64)}</td>
                <td>
                    <button class="button small" type="button" aria-label=text!(console.alarm_rules.change_of, name = &title) on:click=move |_| changed.set(Some(to_change.clone()))>{text!(console.alarm_rules.change)}</button> " "
                    <button class="button small" type="button" aria-label=text!(console.alarm_rules.delete_title, name = &title) on:click=move |_| ask.run(to_delete.clone())>{text!(console.alarm_rules.delete)}</button>
                </td>
            </tr>
        }
    };
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.place.alarm_rules)>
            <table class="manage-table" data-testid="rules">
                <thead><tr>
                    <th scope="col">{text!(console.alarm_rules.rule)}</th>
                    <th scope="col">{text!(console.alarms.how_grave)}</th>
                    <th scope="col">{text!(console.alarm_rules.raised_when)}</th>
                    <th scope="col">{text!(console.alarm_rules.standing)}</th>
                    <th scope="col"><span class="sr-only">{text!(console.alarm_rules.change)}</span></th>
                </tr></thead>
                <tbody>{rules.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
