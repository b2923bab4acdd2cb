//! The demo at `/quiz`.

use leptos::prelude::*;

use crate::brand::SiteHead;
use crate::theme::Theme;

/// Shows the page of a path below `/quiz`.
pub fn page(_path: &[String]) {
    crate::start(|| {
        provide_context(Theme::new());
        view! {
            <SiteHead />
            <main id="main" class="page" tabindex="-1">
                <h1>"Quiz"</h1>
            </main>
        }
    });
}
