//! An address for one device: switched on for the source, then made for a key, and made anew.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::connect::traccar_client;
use crate::client::manage::{self, DeviceAddress, ShownSource};
use crate::client::place::server;
use crate::console::copyable::Copyable;
use crate::console::field::{Field, Others, Problems, problems_of};
use crate::console::seat::Seat;
use crate::parts::qr::QrPicture;

/// The fields of the form.
const SHOWN: &[&str] = &["key"];

/// The change that lets devices have addresses, and leaves the rest of whom the source takes deliveries from.
fn allowing(source: &ShownSource) -> Value {
    let mut from = serde_json::to_value(&source.from).unwrap_or_default();
    from["device_secrets"] = true.into();
    json!({ "from": from })
}

/// The form, and the address that it brings.
#[component]
pub fn DeviceForm(
    /// The source, as it is.
    now: Memo<ShownSource>,
    /// Its board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// The source was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let name = StoredValue::new(now.get_untracked().name.to_string());
    let key = RwSignal::new(String::new());
    let problems: Problems = RwSignal::new(Vec::new());
    let address = RwSignal::new(None::<DeviceAddress>);
    let is_on = Memo::new(move |_| now.with(|source| source.from.device_secrets));
    let allow = move |_| {
        problems.set(Vec::new());
        leptos::task::spawn_local(async move {
            let wish = now.with_untracked(allowing);
            match manage::change_source(&board.get_value(), &seat.key(), &name.get_value(), &wish).await {
                Ok(_) => changed.run(()),
                Err(refusal) => drop(problems.try_set(problems_of(refusal))),
            }
        });
    };
    let ask = move |rotate: bool| {
        problems.set(Vec::new());
        leptos::task::spawn_local(async move {
            let wish = json!({"key": key.get_untracked().trim(), "rotate": rotate});
            match manage::device_address(&board.get_value(), &seat.key(), &name.get_value(), &wish).await {
                Ok(made) => drop(address.try_set(Some(made))),
                Err(refusal) => {
                    let _ = address.try_set(None);
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    let form = move || {
        view! {
            <form data-testid="device" on:submit=move |event: leptos::ev::SubmitEvent| { event.prevent_default(); ask(false); }>
                <Field path="key" label=text!(console.sources.device.key) help=text!(console.sources.device.key_help) value=key problems=problems of=name.get_value() />
                <p class="actions">
                    <button class="button primary" type="submit">{text!(console.sources.device.show)}</button>
                    <button class="button" type="button" on:click=move |_| ask(true)>{text!(console.sources.device.rotate)}</button>
                </p>
            </form>
        }
    };
    view! {
        <p>{text!(console.sources.device.about)}</p>
        <Others problems=problems shown=SHOWN />
        {move || if is_on.get() { form().into_any() } else {
            view! { <p class="actions"><button class="button" type="button" on:click=allow>{text!(console.sources.device.allow)}</button></p> }.into_any()
        }}
        <div role="status">{move || address.get().map(|address| view! { <Address address=address /> })}</div>
    }
}

#[component]
fn Address(address: DeviceAddress) -> impl IntoView {
    let url = format!("{}{}", server(), address.ingest);
    let link = traccar_client(&address.key, &url);
    view! {
        <div class="connect" data-testid="device-address">
            <figure class="connect-qr"><QrPicture text=link label=text!(console.sources.qr_traccar) />
                <figcaption>{text!(console.sources.qr_about)}</figcaption></figure>
            <Copyable what=text!(console.sources.device.address) text=url.clone() />
            <Copyable what=text!(console.sources.what.curl) text=format!("curl '{url}?lat=51.5&lon=-0.12'") />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::id::BoardName;
    use heliograph_shared::source::{NewSource, Source, SourceChange};
    use heliograph_shared::time::Millis;

    #[test]
    fn letting_devices_in_leaves_whom_else_the_source_takes_deliveries_from() {
        let wish = json!({"name": "a", "from": {"accounts": ["111122223333"], "secret_in_address": true}});
        let wish: NewSource = serde_json::from_value(wish).unwrap();
        let source = Source::new(wish, BoardName::try_from("fleet").unwrap(), "h".into(), Millis(0)).unwrap();
        let change: SourceChange =
            serde_json::from_value(allowing(&ShownSource::of(source.clone(), Millis(0)))).unwrap();
        let from = source.change(change).unwrap().from;
        assert!(from.device_secrets && from.secret_in_address && from.accounts.len() == 1);
    }
}
