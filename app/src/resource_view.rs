//! Views of what a server function returns.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    error::{AppError, ErrorPage},
    navigation,
    ui::Skeleton,
};

/// Renders the value of `resource` with `render`, or the error page if the server function failed.
/// The server waits for the value before it sends the page.
pub fn resource_view<T, V>(
    resource: Resource<Result<T, AppError>>,
    render: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let content = move || {
        let render = render.clone();
        Suspend::new(async move {
            let result = resource.await;
            navigation::content_rendered();
            match result {
                Err(error) => view! { <ErrorPage error /> }.into_any(),
                Ok(value) => render(value).into_any(),
            }
        })
    };
    let loading = || view! { <Skeleton label="Loading" rows=true /> };
    view! { <Suspense fallback=loading>{content}</Suspense> }
}

/// The path parameter `name` of the current route, or an empty string.
pub fn path_param(name: &'static str) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    let params = use_params_map();
    move || params.with(|params| params.get(name)).unwrap_or_default()
}

/// A resource that calls `server_fn` with the path parameter `id`. An id that cannot be parsed is
/// [`AppError::not_found`].
pub fn resource_by_id<Id, T, F>(server_fn: fn(Id) -> F) -> Resource<Result<T, AppError>>
where
    Id: std::str::FromStr + Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let id = path_param("id");
    Resource::new(
        move || id().parse::<Id>().ok(),
        move |id| async move {
            match id {
                Some(id) => server_fn(id).await,
                None => Err(AppError::not_found()),
            }
        },
    )
}
