//! The scoreboard at `/b/{board}/scores` and the manager's console at `/b/{board}/console`.

use leptos::prelude::*;

use crate::brand::{SiteHead, SkipLink};
use crate::theme::Theme;

/// The page that the path names.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Theme::new());
    view! {
        <SkipLink />
        <SiteHead />
    }
}
