//! Boards in frames of other sites: programs of `/embed/{board}`. They have neither Leptos nor a router: each is downloaded by
//! the readers of another site, beside all that is there.
//!
//! | behaviour | file |
//! |---|---|
//! | the address | `settings` |
//! | the page around: handshake, tokens, height, events | `host`, `token` |
//! | what is around each widget | `shell`, `line` |
//! | opening a board | `open`, `ask` |
//! | the standings | `scoreboard` |
//! | a table, a single value, what both have in common | `table`, `value`, `items` |
//! | a map, alone or with a table | `map` and its folder |
//! | a field of an item over time | `chart` |
//! | what an address picks of items, and in which words they are | `picks`, `wording` |

mod ask;
mod chart;
mod host;
mod items;
mod line;
mod map;
mod open;
mod picks;
mod scoreboard;
mod settings;
mod shell;
mod table;
mod token;
mod value;
mod wording;

use heliograph_shared::embed::Widget;

use crate::scores::slot::Who;
use host::Host;
use open::{Opened, open};
use picks::Picks;
use settings::Settings;
use shell::{Notice, Shell};

/// Names are buttons: a frame has no other way to choose a row by keyboard.
const WHO: Who = Who::Button;

/// The standings: everything of `embed-scores.html`.
pub fn scores() {
    start(&[Widget::Scoreboard], |opened, settings, shell, host| {
        if opened.config.get("scores").is_none() {
            let title = text!(embed.open.no_scores).to_owned();
            let text = text!(embed.open.no_scores_text).to_owned();
            let notice = Notice { code: "no_scores", title, text, can_retry: false };
            shell.name(&opened.title(), "");
            shell.notice(Some(&notice));
            return complain(&host, &notice);
        }
        // A page without a body shows nothing anyway.
        let _ = scoreboard::show(opened, settings, shell, host);
    });
}

/// A table or a single value: everything of `embed-items.html`.
pub fn items() {
    start(&[Widget::Table, Widget::Value], |opened, settings, shell, host| {
        let picks = Picks::parse(&search());
        // As above.
        let _ = if settings.widget == Widget::Value {
            value::show(opened, settings, picks, shell, host)
        } else {
            table::show(opened, settings, picks, shell, host)
        };
    });
}

/// A map, alone or with a table: everything of `embed-map.html`.
pub fn map() {
    start(&[Widget::Map, Widget::Combined], |opened, settings, shell, host| {
        // As above.
        let _ = map::show(opened, settings, Picks::parse(&search()), shell, host);
    });
}

/// A field over time: everything of `embed-chart.html`.
pub fn chart() {
    start(&[Widget::Chart], |opened, settings, shell, host| {
        // As above.
        let _ = chart::show(opened, settings, Picks::parse(&search()), shell, host);
    });
}

/// The address's query.
fn search() -> String {
    web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default()
}

/// What shows a widget.
type Show = fn(Opened, Settings, Shell, Host);

/// Reads the address and opens the board for what shows one of these widgets.
fn start(widgets: &[Widget], show: Show) {
    std::panic::set_hook(Box::new(crate::report));
    // A frame of another site keeps nothing.
    crate::browser::language::begin(None);
    crate::parts::units_choice::begin(None);
    let Some(shell) = Shell::build() else { return };
    let host = Host::find(shell::dress);
    shell.follow_height(&host);
    match Settings::parse(&crate::segments(), &search(), widgets) {
        Err(unfit) => {
            let notice = Notice::unfit(&unfit);
            shell.notice(Some(&notice));
            complain(&host, &notice);
        }
        Ok(settings) => {
            shell.choose(&settings);
            begin(settings, shell, host, show);
        }
    }
}

fn begin(settings: Settings, shell: Shell, host: Host, show: Show) {
    wasm_bindgen_futures::spawn_local(async move {
        loop {
            let notice = match open(&settings.board, &host).await {
                Ok(opened) => {
                    shell.notice(None);
                    return show(opened, settings, shell, host);
                }
                Err(notice) => notice,
            };
            shell.notice(Some(&notice));
            complain(&host, &notice);
            if !notice.can_retry {
                return;
            }
            shell.asked_or_later().await;
        }
    });
}

/// Tells the page around why there is nothing to see.
fn complain(host: &Host, notice: &Notice) {
    host.say("error", &[("code", notice.code.into()), ("message", (&notice.text).into())]);
}
