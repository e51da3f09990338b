//! A page of what a call brings.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::error::{AppError, Failure};

/// Shows what `resource` brings, once it is there, or why it does not come. On the server a page
/// waits for it.
pub fn loaded<T, V>(
    resource: Resource<Result<T, AppError>>,
    show: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let shown = move || {
        let show = show.clone();
        Suspend::new(async move {
            match resource.await {
                Err(error) => view! { <Failure error /> }.into_any(),
                Ok(brought) => show(brought).into_any(),
            }
        })
    };
    let waiting = || view! { <p class="loading" role="status">"Loading"</p> };
    view! { <Suspense fallback=waiting>{shown}</Suspense> }
}

/// A part of the path.
pub fn param(name: &'static str) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    let params = use_params_map();
    move || params.with(|params| params.get(name)).unwrap_or_default()
}

/// What `call` brings for the id in the path; what is no id is not found.
pub fn by_id<Id, T, F>(call: fn(Id) -> F) -> Resource<Result<T, AppError>>
where
    Id: std::str::FromStr + Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let id = param("id");
    Resource::new(
        move || id().parse::<Id>().ok(),
        move |id| async move {
            match id {
                Some(id) => call(id).await,
                None => Err(AppError::not_found()),
            }
        },
    )
}
