//! The board in pages of other sites: which may show it, what they show, how that looks, and what is pasted there.

mod snippets;

use leptos::prelude::*;
use serde_json::{Value, json};

use self::snippets::{Choice, Of, Snippet, address, policy, snippets};
use super::copyable::Copyable;
use super::field::{Field, Others, Problems, problems_of};
use super::frame::BoardFrame;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Shown};
use crate::browser::dom::origin;
use crate::client::manage::{self, Over, Tagged};
use crate::client::place::server;
use crate::parts::open_board::Board;
use crate::parts::units::Units;
use crate::texts::language;

/// The fields of the form of sites.
const SHOWN: &[&str] = &["embed.sites"];

/// Sites as they are written, a line each.
fn lines(config: &Value) -> String {
    let sites = config["embed"]["sites"].as_array().into_iter().flatten();
    sites.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// The config with these sites; without any, it names none.
fn with_sites(config: &Value, text: &str) -> Value {
    let sites: Vec<&str> = text.split(['\n', ',']).map(str::trim).filter(|site| !site.is_empty()).collect();
    let mut config = config.clone();
    let Value::Object(map) = &mut config else { return config };
    if sites.is_empty() {
        map.remove("embed");
    } else {
        map.insert("embed".to_owned(), json!({ "sites": sites }));
    }
    config
}

fn what(of: Of) -> &'static str {
    match of {
        Of::Html => text!(console.embed.html),
        Of::React => text!(console.embed.react),
        Of::Vue => text!(console.embed.vue),
        Of::Iframe => text!(console.embed.iframe),
    }
}

/// Languages that a frame can be told to speak.
fn languages() -> Vec<(&'static str, &'static str)> {
    let known = language::ALL.into_iter().map(|known| (language::code(known), language::name(known)));
    std::iter::once(("", text!(console.embed.viewers))).chain(known).collect()
}

/// Units that a frame can be told to show.
fn measures() -> Vec<(&'static str, &'static str)> {
    vec![
        ("", text!(parts.units.own)),
        (Units::Metric.name(), text!(parts.units.metric)),
        (Units::Si.name(), text!(parts.units.si)),
        (Units::Imperial.name(), text!(parts.units.imperial)),
        (Units::Nautical.name(), text!(parts.units.nautical)),
    ]
}

/// The part.
#[component]
pub fn EmbedPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let kept = StoredValue::new(board.clone());
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Tagged> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::config(&name.get_value(), &seat.key()).await });
    load();
    let then = move |config: Tagged| view! { <Builder board=kept config=config seat=seat /> };
    view! {
        <BoardFrame board=board part=Part::Embed seat=seat>
            <section class="manage-head"><h2>{text!(console.place.embed)}</h2><p class="quiet-text">{text!(console.embed.about)}</p></section>
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        </BoardFrame>
    }
}

#[component]
fn Builder(board: StoredValue<Board>, config: Tagged, seat: Seat) -> impl IntoView {
    let (name, title) = board.with_value(|board| (board.name.clone(), board.title.clone()));
    let (has_scores, is_public) = board.with_value(|board| (board.has_scores, board.is_public));
    let (kept, tag) = (RwSignal::new(config.value), RwSignal::new(config.tag));
    let sites = RwSignal::new(kept.with_untracked(lines));
    let problems: Problems = RwSignal::new(Vec::new());
    let said = RwSignal::new("");
    let named = Memo::new(move |_| kept.with(|config| !lines(config).is_empty()));
    let of = name.clone();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        said.set("");
        let (board, wish) = (of.clone(), kept.with_untracked(|config| with_sites(config, &sites.get_untracked())));
        leptos::task::spawn_local(async move {
            // What somebody else changed meanwhile stays as they want it.
            let before = tag.get_untracked();
            let over = before.as_deref().map_or(Over::Any, Over::Version);
            match manage::put_config(&board, &seat.key(), &wish, over).await {
                Ok(saved) => {
                    // As origins, as the server keeps them.
                    let _ = sites.try_set(lines(&saved.value));
                    let _ = kept.try_set(saved.value);
                    let _ = tag.try_set(saved.tag);
                    let _ = said.try_set(text!(console.embed.saved));
                }
                Err(refusal) => drop(problems.try_set(problems_of(refusal))),
            }
        });
    };
    let widget = RwSignal::new(if has_scores { "scoreboard" } else { "map" });
    let [theme, lang, units] = std::array::from_fn(|_| RwSignal::new(""));
    let overlay = RwSignal::new(false);
    let [top, key, field] = std::array::from_fn(|_| RwSignal::new(String::new()));
    let none: Problems = RwSignal::new(Vec::new());
    let choice = Memo::new(move |_| Choice {
        widget: widget.get(),
        theme: theme.get(),
        lang: lang.get(),
        units: units.get(),
        top: top.get(),
        key: key.get(),
        field: field.get(),
        overlay: overlay.get(),
        has_picture: is_public,
    });
    let own = name.clone();
    let texts = move || choice.with(|choice| snippets(&server(), &own, &title, choice));
    let frame = move || {
        if !named.get() {
            return view! { <p class="empty" data-testid="no-site">{text!(console.embed.nobody)}</p> }.into_any();
        }
        if !is_public {
            return view! { <p class="empty">{text!(console.embed.private)}</p> }.into_any();
        }
        // Where the server has another address, this page is a site like others.
        let here = origin();
        if server() != here && !kept.with(|config| lines(config).lines().any(|site| site == here)) {
            return view! { <p class="empty" data-testid="not-named">{text!(console.embed.not_named, here = here)}</p> }.into_any();
        }
        let src = choice.with(|choice| address(&server(), &name, choice));
        view! { <iframe class="embed-preview" data-testid="preview" src=src title=text!(console.embed.preview_of)></iframe> }.into_any()
    };
    let widgets = [
        ("scoreboard", text!(console.embed.scoreboard)),
        ("map", text!(console.embed.map)),
        ("combined", text!(console.embed.combined)),
        ("table", text!(console.embed.table)),
        ("value", text!(console.embed.value)),
        ("chart", text!(console.embed.chart)),
    ];
    let widgets: Vec<(&'static str, &'static str)> =
        widgets.into_iter().filter(|(code, _)| has_scores || *code != "scoreboard").collect();
    let themes =
        [("", text!(console.embed.auto)), ("light", text!(console.embed.light)), ("dark", text!(console.embed.dark))];
    view! {
        <form class="sheet" on:submit=save data-testid="sites">
            <Others problems=problems shown=SHOWN />
            <Field path="embed.sites" label=text!(console.embed.sites) help=text!(console.embed.sites_help) value=sites problems=problems is_long=true />
            <p class="actions"><button class="button primary" type="submit">{text!(console.embed.save)}</button> <span role="status">{said}</span></p>
        </form>
        <section class="sheet" aria-labelledby="embed-what">
            <h3 id="embed-what">{text!(console.embed.what)}</h3>
            <Select id="embed-widget" label=text!(console.embed.widget) options=widgets value=widget />
            <Select id="embed-theme" label=text!(console.embed.theme) options=themes.to_vec() value=theme />
            <Select id="embed-lang" label=text!(parts.language.label) options=languages() value=lang />
            <Select id="embed-units" label=text!(parts.units.label) options=measures() value=units />
            {move || (!matches!(widget.get(), "value" | "chart" | "map")).then(|| view! { <Field path="top" label=text!(console.embed.top) help=text!(console.embed.top_help) value=top problems=none is_number=true /> })}
            <Field path="key" label=text!(console.embed.key) help=text!(console.embed.key_help) value=key problems=none />
            {move || matches!(widget.get(), "value" | "chart").then(|| view! { <Field path="field" label=text!(console.embed.field) help=text!(console.embed.field_help) value=field problems=none /> })}
            <p><label><input type="checkbox" prop:checked=overlay on:change=move |event| overlay.set(event_target_checked(&event)) /> {text!(console.embed.overlay)}</label></p>
        </section>
        <section class="sheet" aria-labelledby="embed-preview">
            <h3 id="embed-preview">{text!(console.embed.preview)}</h3>
            {frame}
        </section>
        <section class="sheet connect" aria-labelledby="embed-copy" data-testid="snippets">
            <h3 id="embed-copy">{text!(console.embed.copy)}</h3>
            {move || texts().into_iter().map(|Snippet { of, text }| view! { <Copyable what=what(of) text=text /> }).collect_view()}
            <Copyable what=text!(console.embed.policy) text=policy(&server()) />
            <p class="quiet-text">{text!(console.embed.limits)}</p>
        </section>
    }
}

/// A choice of a few.
#[component]
fn Select(
    id: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    value: RwSignal<&'static str>,
) -> impl IntoView {
    let known = options.clone();
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some((code, _)) = known.iter().find(|(code, _)| *code == chosen) {
            value.set(code);
        }
    };
    view! {
        <div class="form-field">
            <label for=id>{label}</label>
            <select id=id class="select" on:change=choose prop:value=value>
                {options.into_iter().map(|(code, name)| view! { <option value=code>{name}</option> }).collect_view()}
            </select>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_put_into_the_config_and_the_rest_of_it_stays() {
        let config = json!({"title": "Fleet", "embed": {"sites": ["https://a.example"]}});
        assert_eq!(lines(&config), "https://a.example");
        let two = with_sites(&config, " https://b.example/page \n\nhttps://c.example, ");
        assert_eq!(two, json!({"title": "Fleet", "embed": {"sites": ["https://b.example/page", "https://c.example"]}}));
        assert_eq!(with_sites(&config, " \n"), json!({"title": "Fleet"}));
        assert_eq!(lines(&json!({"title": "Fleet"})), "");
    }
}
