//! Where providers send people back to, at `/signed-in`: ends the sign-in and goes on to the page that it began on.

use leptos::prelude::*;

use crate::client::sign_in::{self, Unsigned};
use crate::parts::frame::SiteHead;
use crate::parts::icons::{Glyph, Icon};

/// The page.
#[component]
pub fn SignedInPage() -> impl IntoView {
    let failed = RwSignal::new(None::<String>);
    leptos::task::spawn_local(async move {
        match sign_in::finish().await {
            Ok(back) => {
                // The page with the code is no page to come back to.
                let _ = web_sys::window().map(|window| window.location().replace(&back));
            }
            Err(why) => {
                let _ = failed.try_set(Some(reason(why)));
            }
        }
    });
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            {move || match failed.get() {
                None => view! {
                    <p class="loading-line" role="status"><span class="spinner"></span>{text!(console.signed_in.signing_in)}</p>
                }
                .into_any(),
                Some(why) => view! {
                    <div class="notice" role="alert" data-testid="not-signed-in">
                        <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
                        <h1>{text!(console.signed_in.failed)}</h1>
                        <p>{why}</p>
                        <p>
                            <a class="button primary" href="/manage">{text!(words.try_again)}</a>
                            " " <a class="button" href="/">{text!(words.all_boards)}</a>
                        </p>
                    </div>
                }
                .into_any(),
            }}
        </main>
    }
}

fn reason(why: Unsigned) -> String {
    match why {
        Unsigned::NotAsked => text!(console.signed_in.not_asked).to_owned(),
        Unsigned::Provider(said) => text!(console.signed_in.provider_says, said = said),
        Unsigned::Server(failure) => failure.message,
    }
}
