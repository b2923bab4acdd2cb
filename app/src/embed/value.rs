//! One number of one item in a frame.

use heliograph_shared::protocol::Subscription;
use heliograph_shared::replica::Replica;

use super::host::Host;
use super::items::{self, Items};
use super::open::Opened;
use super::picks::Picks;
use super::settings::Settings;
use super::shell::{Notice, Shell, set};
use crate::board::address::Column;
use crate::board::items::words::column_label;
use crate::parts::format;
use crate::scores::slot::{append, attribute, element};

/// Shows a value for as long as the page lives.
pub fn show(opened: Opened, settings: Settings, picks: Picks, shell: Shell, host: Host) -> Option<()> {
    let top = opened.config["top"]["field"].as_str().map(|field| Column::Field(field.to_owned()));
    let (Some(key), Some(column)) = (settings.key.clone(), picks.field.clone().or(top)) else {
        let title = text!(embed.value.unnamed).to_owned();
        let text = text!(embed.value.unnamed_text).to_owned();
        let notice = Notice { code: "value_unnamed", title, text, can_retry: false };
        shell.notice(Some(&notice));
        super::complain(&host, &notice);
        return None;
    };
    let figure = element("div", "embed-value", None)?;
    let (label, number) = (element("p", "embed-label", None)?, element("p", "embed-number", None)?);
    let age = element("p", "embed-age", None)?;
    for part in [&label, &number, &age] {
        append(&figure, part)?;
    }
    append(&shell.body, &figure)?;
    set(&number, "…");
    let subscription = Subscription::items_keys(vec![key.clone()]);
    let draw = move |items: &Items, replica: &Replica| {
        let name = column_label(&items.info, &column);
        set(&label, &text!(embed.value.label, field = name, key = &key));
        let Some((_, item)) = items::named(replica, &key) else {
            set(&number, "–");
            return set(&age, text!(embed.value.absent));
        };
        let wording = items.wording();
        let text = wording.text(item, &column);
        set(&number, if text.is_empty() { "–" } else { &text });
        let is_stale = wording.is_stale(item);
        attribute(&figure, "data-stale", is_stale.then_some(""));
        set(&age, &format::age_sentence(wording.now.since(item.time)));
    };
    Items::follow(opened, (settings, picks), (shell, host), subscription, draw);
    Some(())
}
