//! The routes of all pages.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    application::ApplicationRoute,
    careers::{Careers, PostingRoute},
    error::{AppError, ErrorPage},
    i18n::layout,
    jobs::{JobRoute, JobsRoute},
    layout::{ConnectionBanners, Footer, Header},
    live, navigation,
    navigation::NavigationListener,
    postings::{Home, PostingBoard},
    sign_in::SignIn,
    status::StatusRoute,
    ui::{Toasts, gallery::GalleryRoute, provide_toaster},
    update::{FailureBanner, UpdateBanner, provide_update},
};

/// The root component: providers, site header, routes and toasts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    live::provide_connection_state();
    navigation::provide_navigation();
    provide_toaster();
    provide_update();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Verbatim".to_owned() } else { format!("{title} · Verbatim") }
        } />
        <Router>
            <a class="skip" href="#main">
                {layout::skip()}
            </a>
            <NavigationListener />
            <Header />
            <main id="main" tabindex="-1">
                <Routes fallback=|| view! { <ErrorPage error=AppError::not_found() /> }>
                    <Route path=path!("/") view=Home ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                    <Route path=path!("/careers") view=Careers ssr=SsrMode::Async />
                    <Route path=path!("/careers/:slug") view=PostingRoute ssr=SsrMode::Async />
                    <Route path=path!("/status/:token") view=StatusRoute ssr=SsrMode::Async />
                    <Route path=path!("/postings/:id") view=PostingBoard ssr=SsrMode::Async />
                    <Route path=path!("/applications/:id") view=ApplicationRoute ssr=SsrMode::Async />
                    <Route path=path!("/admin/jobs") view=JobsRoute ssr=SsrMode::Async />
                    <Route path=path!("/admin/jobs/:id") view=JobRoute ssr=SsrMode::Async />
                    <Route path=path!("/ui") view=GalleryRoute ssr=SsrMode::Async />
                </Routes>
            </main>
            <Footer />
            <div class="notices">
                <UpdateBanner />
                <FailureBanner />
                <ConnectionBanners />
                <Toasts dismiss_label=layout::dismiss() />
            </div>
        </Router>
    }
}
