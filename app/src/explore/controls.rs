//! What is compared: items, fields, groups, aggregates, steps.

use leptos::prelude::*;

use super::known::Known;
use super::picker::{OFFERED, Picker};
use super::traces::Plan;
use crate::chart::address::{FIELDS_MAX, GROUPS_CHOSEN_MAX, ITEMS_MAX, Split, View};
use crate::chart::measure::Measure;
use crate::chart::series::Aggregate;
use crate::chart::span::{Step, step_label};
use crate::chart::words;

/// The controls above the charts.
#[component]
pub fn Controls(
    /// The board.
    known: StoredValue<Known>,
    /// What is chosen.
    view: RwSignal<View>,
) -> impl IntoView {
    let plan = Memo::new(move |_| known.with_value(|known| Plan::of(&view.get(), &known.catalog, &known.info)));
    let items = Memo::new(move |_| view.with(|view| view.items.clone()));
    let suggest = Callback::new(move |typed: String| {
        known.with_value(|known| items.with(|items| known.catalog.search(&typed, items, OFFERED)))
    });
    let add = Callback::new(move |key: String| {
        view.update(|view| {
            if view.items.len() < ITEMS_MAX && !view.items.contains(&key) {
                view.items.push(key);
            }
        });
    });
    let remove = Callback::new(move |key: String| view.update(|view| view.items.retain(|item| *item != key)));
    let is_free = known.with_value(|known| known.catalog.has_more);
    let split = Memo::new(move |_| match view.with(|view| view.split.clone()) {
        Split::Field(name) => Some(name),
        Split::Key | Split::All => None,
    });
    view! {
        <section class="explore-controls" aria-label=text!(explore.controls.what)>
            <div class="control wide">
                <span class="control-label" aria-hidden="true">{text!(explore.controls.items)}</span>
                <Picker chosen=items suggest=suggest add=add remove=remove is_free=is_free
                    placeholder=text!(explore.controls.choose_items) label=text!(explore.controls.items) most=ITEMS_MAX id="pick" />
            </div>
            {move || split.get().map(|name| view! { <Groups known=known view=view name=name /> })}
            <div class="control wide">
                <span class="control-label" id="fields-label">{text!(explore.controls.fields)}</span>
                <Fields known=known view=view plan=plan />
            </div>
            <div class="control-row">
                <Choice label=text!(explore.controls.show) testid="aggregate" options=aggregates
                    chosen=Signal::derive(move || view.with(|view| view.aggregate.code().to_owned()))
                    choose=Callback::new(move |code: String| {
                        view.update(|view| view.aggregate = Aggregate::from_code(&code).unwrap_or_default());
                    }) />
                <Choice label=text!(explore.controls.lines) testid="split" options=move || splits(known)
                    chosen=Signal::derive(move || plan.with(|plan| plan.split.code()))
                    choose=Callback::new(move |code: String| view.update(|view| {
                        view.split = Split::from_code(&code);
                        // The values of one field are none of another.
                        view.groups.clear();
                    })) />
                <Choice label=text!(explore.controls.step) testid="step" options=steps
                    chosen=Signal::derive(move || view.with(|view| view.step.map(|step| step.name().to_owned()).unwrap_or_default()))
                    choose=Callback::new(move |code: String| view.update(|view| view.step = Step::parse(&code))) />
                <label class="check">
                    <input type="checkbox" data-testid="together"
                        prop:checked=move || view.with(|view| view.is_together)
                        on:change=move |event| {
                            let is_together = event_target_checked(&event);
                            view.update(|view| view.is_together = is_together);
                        } />
                    {text!(explore.controls.one_chart)}
                </label>
            </div>
        </section>
    }
}

/// Which values of the field that splits are shown.
#[component]
fn Groups(known: StoredValue<Known>, view: RwSignal<View>, name: String) -> impl IntoView {
    let label = known.with_value(|known| known.info.label(&name));
    let is_free = known.with_value(|known| known.catalog.has_more);
    let groups = Memo::new(move |_| view.with(|view| view.groups.clone()));
    let suggest = Callback::new(move |typed: String| {
        known.with_value(|known| groups.with(|chosen| known.catalog.values_of(&name, &typed, chosen, OFFERED)))
    });
    let add = Callback::new(move |value: String| {
        view.update(|view| {
            if view.groups.len() < GROUPS_CHOSEN_MAX && !view.groups.contains(&value) {
                view.groups.push(value);
            }
        });
    });
    let remove = Callback::new(move |value: String| view.update(|view| view.groups.retain(|group| *group != value)));
    view! {
        <div class="control wide">
            <span class="control-label" aria-hidden="true">{label.clone()}</span>
            <Picker chosen=groups suggest=suggest add=add remove=remove is_free=is_free
                placeholder=text!(explore.controls.choose_groups) label=label most=GROUPS_CHOSEN_MAX id="group" />
        </div>
    }
}

fn aggregates() -> Vec<(String, String)> {
    Aggregate::ALL.map(|aggregate| (aggregate.code().to_owned(), aggregate.label().to_owned())).to_vec()
}

fn steps() -> Vec<(String, String)> {
    let automatic = (String::new(), text!(explore.controls.automatic).to_owned());
    std::iter::once(automatic)
        .chain(Step::ALL.map(|step| (step.name().to_owned(), step_label(step).to_owned())))
        .collect()
}

fn splits(known: StoredValue<Known>) -> Vec<(String, String)> {
    let fixed = [(Split::Key, text!(explore.controls.by_item)), (Split::All, text!(explore.controls.together))];
    let mut options: Vec<_> = fixed.into_iter().map(|(split, label)| (split.code(), label.to_owned())).collect();
    known.with_value(|known| {
        for name in &known.catalog.texts {
            let label = text!(explore.controls.by_field, field = known.info.label(name).to_lowercase());
            options.push((Split::Field(name.clone()).code(), label));
        }
    });
    options
}

/// One of a few.
#[component]
fn Choice(
    label: &'static str,
    testid: &'static str,
    options: impl Fn() -> Vec<(String, String)> + Send + 'static,
    chosen: Signal<String>,
    choose: Callback<String>,
) -> impl IntoView {
    let known = options();
    let options = known.clone();
    // What an address names is offered, also when the board has it no more.
    let extra = move || {
        let code = chosen.get();
        (!options.iter().any(|(known, _)| *known == code)).then(|| (code.clone(), code))
    };
    view! {
        <label class="choice">
            <span>{label}</span>
            <select class="select" data-testid=testid prop:value=chosen on:change=move |event| choose.run(event_target_value(&event))>
                {move || known.clone().into_iter().chain(extra()).map(|(code, label)| {
                    let is_chosen = chosen.with(|chosen| *chosen == code);
                    view! { <option value=code selected=is_chosen>{label}</option> }
                }).collect_view()}
            </select>
        </label>
    }
}

/// Fields are few enough to be seen at once.
#[component]
fn Fields(known: StoredValue<Known>, view: RwSignal<View>, plan: Memo<Plan>) -> impl IntoView {
    let offered = Memo::new(move |_| {
        let mut offered = known.with_value(|known| known.catalog.measures.clone());
        plan.with(|plan| {
            for measure in &plan.measures {
                if !offered.contains(measure) {
                    offered.push(measure.clone());
                }
            }
        });
        offered
    });
    let turn = move |measure: Measure| {
        let mut measures = plan.with_untracked(|plan| plan.measures.clone());
        match measures.iter().position(|chosen| *chosen == measure) {
            Some(_) if measures.len() == 1 => {}
            Some(at) => drop(measures.remove(at)),
            None if measures.len() >= FIELDS_MAX => {}
            None => measures.push(measure),
        }
        view.update(|view| view.measures = measures);
    };
    view! {
        <div class="chips" role="group" aria-labelledby="fields-label" data-testid="fields">
            {move || offered.get().into_iter().map(|measure| {
                let label = known.with_value(|known| words::with_unit(&measure.label(&known.info), measure.unit(&known.info)));
                let (this, is_full) = (measure.clone(), move || plan.with(|plan| plan.measures.len() >= FIELDS_MAX));
                let is_chosen = Memo::new(move |_| plan.with(|plan| plan.measures.contains(&this)));
                view! {
                    <button class="field-chip" type="button"
                        aria-pressed=move || if is_chosen.get() { "true" } else { "false" }
                        disabled=move || is_full() && !is_chosen.get()
                        on:click=move |_| turn(measure.clone())>
                        {label}
                    </button>
                }
            }).collect_view()}
        </div>
    }
}
