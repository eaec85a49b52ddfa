//! A macro that declares a function's routes once.

/// Declares a function's routes: `ROUTES`, the list that `infra/functions.json` is compared with (`GET /path/{variable}`), and for each
/// group a function of the group's name that makes its router over the crate's `App`.
///
/// ```text
/// routes! {
///     calls { get "/api/v1/event" => handlers::event, }
/// }
/// ```
#[macro_export]
macro_rules! routes {
    ($($group:ident { $($method:ident $path:literal => $handler:path,)* })*) => {
        /// All routes, each as method and path.
        pub const ROUTES: &[&str] = &[$($($crate::routes!(@name $method $path)),*),*];

        $(fn $group() -> ::axum::Router<App> {
            ::axum::Router::new()$(.route($path, ::axum::routing::$method($handler)))*
        })*
    };
    (@name get $path:literal) => { concat!("GET ", $path) };
    (@name post $path:literal) => { concat!("POST ", $path) };
    (@name put $path:literal) => { concat!("PUT ", $path) };
    (@name patch $path:literal) => { concat!("PATCH ", $path) };
    (@name delete $path:literal) => { concat!("DELETE ", $path) };
}

pub use routes;
