//! `/ui`: every part in every state, for those who build pages and for the tests that photograph it.
//!
//! Only shown where the server provides [`Gallery`], which it does for demonstrations and tests.
//! Its own texts are English; they are not part of the product.

mod data;
mod forms;
mod overlays;
mod states;

use leptos::{prelude::*, server::SharedValue};
use leptos_meta::Title;

use crate::error::{AppError, ErrorPage};

/// Put into the context of a render by a server that shows the gallery.
#[derive(Clone, Copy, Debug)]
pub struct Gallery;

/// `/ui`.
#[component]
pub fn GalleryRoute() -> impl IntoView {
    let shown = SharedValue::new(|| use_context::<Gallery>().is_some()).into_inner();
    if !shown {
        return view! { <ErrorPage error=AppError::not_found() /> }.into_any();
    }
    // Tests wait for this before they press anything.
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    view! {
        <Title text="Parts" />
        <div class="gallery" data-live=move || live.get().to_string()>
            <h1>"Parts"</h1>
            <forms::Buttons />
            <forms::Fields />
            <forms::Selects />
            <forms::Checkboxes />
            <forms::Dates />
            <forms::Files />
            <overlays::Dialogs />
            <overlays::Menus />
            <overlays::Palettes />
            <data::TabLists />
            <data::Tables />
            <data::Chips />
            <data::Avatars />
            <states::EmptyStates />
            <states::ErrorStates />
            <states::Skeletons />
            <states::ToastList />
            <states::Tooltips />
        </div>
    }
    .into_any()
}

/// One part: its name, and examples of it.
#[component]
fn Part(
    /// The file of the part, without `.rs`.
    name: &'static str,
    /// [`Example`]s.
    children: Children,
) -> impl IntoView {
    let id = format!("part-{name}");
    view! {
        <section class="gallery-part" data-testid="part" data-part=name aria-labelledby=id>
            <h2 id=id.clone()>{name}</h2>
            <div class="gallery-examples">{children()}</div>
        </section>
    }
}

/// One state of a part. The tests force the pseudo-class `force` on the control inside, so that it
/// is in the picture.
#[component]
fn Example(
    /// What is to be seen.
    name: &'static str,
    /// `hover`, `focus-visible` or `active`, without the colon.
    #[prop(optional)]
    force: Option<&'static str>,
    /// The part in that state.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="gallery-example" data-force=force>
            <p class="gallery-name">{name}</p>
            {children()}
        </div>
    }
}
