//! The router of the pages with maps.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::brand::SkipLink;
use crate::pages::board::BoardPage;
use crate::pages::boards::BoardsPage;
use crate::pages::not_found::NotFoundPage;
use crate::theme::Theme;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Theme::new());
    view! {
        <SkipLink />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=BoardsPage />
                <Route path=path!("/b/:board") view=BoardPage />
            </Routes>
        </Router>
    }
}
