//! This function's part of the API description.

use utoipa::OpenApi;

use crate::{
    day::{api as day, export},
    draws::api as draws,
    people::api as people,
    photo::api as photos,
    quarantine::api as quarantine,
    queue::api as queue,
    reports::api as reports,
    session::api as session,
};

/// The calls of moderators and organisers, and the call that reports a photo.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    session::sign_in,
    session::who,
    session::sign_out,
    session::begin_use,
    session::finish_use,
    session::begin_passkey,
    session::finish_passkey,
    queue::queue,
    queue::waiting,
    queue::decisions,
    photos::words,
    photos::redact,
    photos::pick,
    photos::audit,
    reports::report,
    reports::reported,
    quarantine::quarantine,
    day::dashboard,
    day::activity,
    export::export,
    day::phase,
    day::switches,
    day::banner,
    day::logo,
    day::settings,
    draws::draws,
    draws::show,
    draws::steps,
    draws::places,
    draws::rehearsals,
    draws::contacts,
    people::list,
    people::invite,
    people::change,
    people::leave,
    people::mint,
    people::revoke,
    people::end
))]
pub struct Document;
