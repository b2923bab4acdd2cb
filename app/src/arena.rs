//! The demo at `/arena`.

use leptos::prelude::*;

use crate::brand::SiteHead;
use crate::theme::Theme;

/// Shows the page of a path below `/arena`.
pub fn page(_path: &[String]) {
    crate::start(|| {
        provide_context(Theme::new());
        view! {
            <SiteHead />
            <main id="main" class="page" tabindex="-1">
                <h1>"Arena"</h1>
            </main>
        }
    });
}
