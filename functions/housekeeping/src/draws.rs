//! Prize draws: brings each as far as it can be brought at this time, and erases contacts that nobody needs any more.

use std::collections::BTreeSet;

use shared::{
    domain::{
        EditionSlug, UploaderId,
        draw::{
            entry,
            steps::{Standing, State},
        },
        ids::Leaf,
    },
    store::{Fault, draw_steps::NotDone},
};

use crate::{App, Report};

/// Where it is kept for which state of an edition's draws contacts were looked through.
const PLACE: &str = "draw-contacts";

/// Brings all draws of all editions on.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    for edition in app.editions.all().await? {
        if edition.draws.is_empty() {
            continue;
        }
        for settings in &edition.draws {
            match Box::pin(app.draw_steps.advance(&edition, settings)).await {
                Ok(moves) => report.drawn += moves,
                Err(NotDone::Fault(fault)) => {
                    tracing::warn!(draw = %settings.id, fault = fault.chain(), "a draw is left for the next minute");
                    report.failed += 1;
                }
                Err(why) => tracing::warn!(draw = %settings.id, why = %why, "a draw waits"),
            }
        }
        if let Err(fault) = Box::pin(prune(app, &edition.slug)).await {
            tracing::warn!(edition = %edition.slug, fault = fault.chain(), "contacts are left for the next minute");
            report.failed += 1;
        }
    }
    Ok(())
}

/// Erases the contacts that nobody needs any more: once all draws of an edition are revealed, of all but those who hold a prize or may get
/// one; at the end of their time, of everybody.
async fn prune(app: &App, edition: &EditionSlug) -> Result<(), Fault> {
    let rows = app.draws.all(edition).await?;
    let Some(last_draw) = rows.iter().map(|row| row.settings.draws_at).max() else { return Ok(()) };
    let over = app.clock.now() >= entry::expires_at(last_draw);
    if !over && rows.iter().any(|row| row.draw.state < State::Revealed) {
        return Ok(());
    }
    // Looked through once for each state of the draws.
    let (place, state) = (format!("{PLACE}#{edition}"), rows.iter().map(|row| row.draw.version).sum::<u64>());
    let state = format!("{state}{}", if over { " over" } else { "" });
    if app.cursors.get(&place).await?.as_ref() == Some(&state) {
        return Ok(());
    }
    let mut needed = BTreeSet::new();
    for row in rows.iter().filter(|_| !over) {
        let waiting = row.draw.places.iter().filter(|place| match place.standing {
            Standing::Holds { .. } => true,
            Standing::Waits => row.draw.state == State::Revealed,
            Standing::Delivered { .. } | Standing::Out { .. } => false,
        });
        let leaves: Vec<Leaf> = waiting.map(|place| place.leaf.clone()).collect();
        if !leaves.is_empty() {
            let entries = app.draws.by_leaves(edition, row.id(), &leaves).await?;
            needed.extend(entries.into_iter().flatten().map(|entry| entry.uploader));
        }
    }
    let entrants = app.draws.entrants(edition).await?.into_iter().map(|entrant| entrant.uploader);
    let left: Vec<UploaderId> = entrants.filter(|uploader| !needed.contains(uploader)).collect();
    app.draws.erase(edition, &left).await?;
    if !left.is_empty() {
        tracing::info!(%edition, erased = left.len(), "contacts of entrants are erased");
    }
    app.cursors.put(&place, Some(state)).await
}
