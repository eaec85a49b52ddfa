//! The explorer: every state, every promise.

use std::{collections::BTreeSet, hash::Hash, thread};

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::{Budgets, Mistake, Promise, Publisher, Row, Standing, Step, Worker, World, steps::reserved};

/// What an exploration found.
#[derive(Clone, Debug)]
pub struct Found<P = Promise, S = Step> {
    /// How many states there are.
    pub states: usize,
    /// How deep the deepest lies.
    pub depth: usize,
    /// The promises that can be broken, each with the shortest way there that was found.
    pub broken: Vec<(P, Vec<S>)>,
}

/// Visits every state that can be reached within `budgets`.
pub fn explore(budgets: Budgets) -> Found {
    visit(Life { budgets, mistake: None }, HasDiscoveries::All)
}

/// Makes one mistake, and visits the states within `budgets` until one is found that breaks `promise`.
pub fn explore_mistake(budgets: Budgets, mistake: Mistake, promise: Promise) -> Found {
    visit(Life { budgets, mistake: Some(mistake) }, HasDiscoveries::AnyOf(BTreeSet::from([name_of(promise)])))
}

/// One way through the states within `budgets`, at most `steps` long: each step with the world before and after it. `choose` picks one of
/// the steps that are possible, by its place. Unlike in an exploration, the two workers keep their places, and so do the two publishers.
pub fn walk(budgets: Budgets, steps: usize, mut choose: impl FnMut(&[Step]) -> usize) -> Vec<(World, Step, World)> {
    let life = Life { budgets, mistake: None };
    let mut way: Vec<(World, Step, World)> = Vec::new();
    for mut world in life.init_states() {
        for _ in 0..steps {
            let possible = world.steps(None);
            if possible.is_empty() {
                break;
            }
            let step = possible[choose(&possible)];
            let after = world.after(step, None);
            way.push((world, step, after.clone()));
            world = after;
        }
    }
    way
}

fn visit(life: Life, until: HasDiscoveries) -> Found {
    visit_all(life, until, |name| Promise::ALL.into_iter().find(|promise| name_of(*promise) == name))
}

/// Visits the states of a model until `until`; `promise` is the promise of a property's name.
pub(crate) fn visit_all<M, P: Ord>(
    model: M,
    until: HasDiscoveries,
    promise: impl Fn(&str) -> Option<P>,
) -> Found<P, M::Action>
where
    M: Model<Action: Clone + PartialEq + Send, State: Clone + Hash + PartialEq + Send + Sync> + Send + Sync + 'static,
{
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let checker = model.checker().threads(threads).finish_when(until).spawn_bfs().join();
    let broken = checker.discoveries().into_iter();
    let mut broken: Vec<_> = broken.filter_map(|(name, path)| Some((promise(name)?, path.into_actions()))).collect();
    broken.sort_by(|(one, _), (other, _)| one.cmp(other));
    Found { states: checker.unique_state_count(), depth: checker.max_depth(), broken }
}

struct Life {
    budgets: Budgets,
    mistake: Option<Mistake>,
}

impl Model for Life {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            row: Some(Row { trusted: (self.budgets.trusts > 0).then_some(1), ..reserved() }),
            feed: false,
            count: 0,
            original: false,
            part: false,
            dropping: None,
            acknowledged: false,
            promised_gone: false,
            unseen_words: false,
            review: BTreeSet::new(),
            public: BTreeSet::new(),
            shown: BTreeSet::new(),
            next_revision: 1,
            messages: 0,
            workers: [Worker::Idle; 2],
            publishers: [Publisher::Idle; 2],
            outbox: BTreeSet::new(),
            purging: None,
            sweeping: None,
            locked: false,
            locked_elsewhere: false,
            edge: BTreeSet::new(),
            filling: None,
            address: true,
            putting: None,
            expiring: None,
            stale: None,
            feed_later: None,
            left: self.budgets,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        steps.extend(world.steps(self.mistake));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        // Two workers are alike, and so are two publishers: of two worlds that differ only in who is who, one is enough.
        let mut after = world.after(step, self.mistake);
        if after.workers[0] > after.workers[1] {
            after.workers.swap(0, 1);
        }
        if after.publishers[0] > after.publishers[1] {
            after.publishers.swap(0, 1);
        }
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(name_of(Promise::FeedIsTrue), |_, world: &World| world.feed == published(world)),
            Property::always(name_of(Promise::CounterIsTrue), |_, world: &World| {
                world.count == i8::from(published(world))
            }),
            Property::always(name_of(Promise::PublishedHasBytes), |_, world: &World| {
                let revision = world.row.as_ref().and_then(|row| row.revision);
                !published(world) || revision.is_some_and(|revision| world.public.contains(&revision))
            }),
            Property::always(name_of(Promise::SeenIsShown), |_, world: &World| !world.unseen_words),
            Property::always(name_of(Promise::DeletedStays), |_, world: &World| {
                !world.promised_gone || standing(world).is_none_or(|is| is == Standing::Deleted)
            }),
            Property::always(name_of(Promise::RenditionsAreThere), |_, world: &World| {
                let named = world.row.as_ref().and_then(|row| row.rendered);
                named.is_none_or(|folder| world.review.contains(&folder))
            }),
            Property::always(name_of(Promise::LockIsTrue), |_, world: &World| {
                let locked_away = world.row.as_ref().is_some_and(World::is_locked_away);
                world.locked == locked_away
            }),
            Property::always(name_of(Promise::StatusIsTrue), |life: &Self, world: &World| status_is_true(life, world)),
            Property::always(name_of(Promise::NothingLost), |life: &Self, world: &World| {
                let forgotten = world.row.as_ref().is_none_or(|row| match row.standing {
                    Standing::Reserved | Standing::Expired => true,
                    Standing::Quarantined => !World::is_locked_away(row),
                    Standing::Pending
                    | Standing::Published
                    | Standing::Hidden
                    | Standing::Rejected
                    | Standing::Deleted => false,
                });
                !(over(life, world) && world.acknowledged && !world.promised_gone && forgotten)
            }),
            Property::always(name_of(Promise::WaitingCanBeDecided), |life: &Self, world: &World| {
                let waiting =
                    world.row.as_ref().filter(|row| matches!(row.standing, Standing::Pending | Standing::Hidden));
                let whole = |row: &Row| row.rendered.is_some_and(|folder| world.review.contains(&folder));
                !over(life, world) || waiting.is_none_or(|row| row.asked.is_none() && whole(row) && world.original)
            }),
            Property::always(name_of(Promise::GoneIsGone), |life: &Self, world: &World| {
                let deleted = over(life, world) && standing(world) == Some(Standing::Deleted);
                let review = world.review.is_empty();
                let bytes = world.original || world.part;
                !deleted || (!bytes && review && world.public.is_empty() && world.edge.is_empty())
            }),
            Property::always(name_of(Promise::NoOrphans), |life: &Self, world: &World| {
                let named = world.row.as_ref().and_then(|row| row.revision).filter(|_| published(world));
                let all = |revisions: &BTreeSet<u8>| revisions.iter().all(|revision: &u8| Some(*revision) == named);
                let folder = world.row.as_ref().and_then(|row| row.rendered);
                let review = world.review.iter().all(|one| Some(*one) == folder);
                let stray = standing(world) == Some(Standing::Expired) && world.part && !world.original;
                !over(life, world) || (review && all(&world.public) && all(&world.edge) && !stray)
            }),
            Property::always(name_of(Promise::OutboxIsEmpty), |life: &Self, world: &World| {
                !over(life, world) || world.outbox.is_empty()
            }),
        ]
    }
}

/// "Removed from storage", as the uploader reads it. An upload that outlives the fence can make it wrong for as long as its event takes,
/// which is the one thing that the fence cannot know; it is not looked at where there are such.
fn status_is_true(life: &Life, world: &World) -> bool {
    let Some(row) = &world.row else { return true };
    let flag = life.mistake == Some(Mistake::PurgedIsAFlag) && row.purged.is_some();
    let said = row.standing == Standing::Deleted && (row.purged == Some(row.version) || flag);
    let bytes = world.original || world.part;
    life.budgets.slow > 0 || !said || (!bytes && world.review.is_empty() && world.public.is_empty())
}

fn published(world: &World) -> bool {
    standing(world) == Some(Standing::Published)
}

fn standing(world: &World) -> Option<Standing> {
    world.row.as_ref().map(|row| row.standing)
}

/// Whether nothing more happens but what people may still decide to do.
fn over(life: &Life, world: &World) -> bool {
    // A sweep whose message nobody acts upon changes nothing, however often it comes.
    let stopped = life.mistake == Some(Mistake::LockStopsCovers) && (world.locked || world.locked_elsewhere);
    world.steps(life.mistake).iter().all(|step| {
        if *step == Step::SweepCovers {
            return stopped;
        }
        matches!(
            step,
            Step::Repeat
                | Step::Renew
                | Step::PutBegins(_)
                | Step::See(_)
                | Step::Trust(_)
                | Step::Distrust
                | Step::Hide
                | Step::Reject
                | Step::TakeUp
                | Step::Report(_)
                | Step::Edit
                | Step::Reword
                | Step::Redact(..)
                | Step::Quarantine
                | Step::Release
                | Step::LockTwin
                | Step::Withdraw
                | Step::FillBegins(_)
        )
    })
}

fn name_of(promise: Promise) -> &'static str {
    match promise {
        Promise::FeedIsTrue => "the feed shows the photo exactly while it is published",
        Promise::CounterIsTrue => "the counter is what a recount gives",
        Promise::PublishedHasBytes => "a published photo has all its bytes",
        Promise::SeenIsShown => "nothing becomes public that no moderator saw",
        Promise::DeletedStays => "a deleted photo never comes back",
        Promise::RenditionsAreThere => "the renditions that a photo names are there",
        Promise::LockIsTrue => "a file is kept out exactly while its photo is locked away",
        Promise::StatusIsTrue => "gone from storage is said only while there is nothing",
        Promise::NothingLost => "an acknowledged photo is not forgotten",
        Promise::WaitingCanBeDecided => "a photo that waits can be decided about",
        Promise::GoneIsGone => "nothing of a deleted photo is left",
        Promise::NoOrphans => "nothing lies about that no row names",
        Promise::OutboxIsEmpty => "every promised erasure was carried out",
    }
}
