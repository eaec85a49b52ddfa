//! Errors that the caller can act upon. A refusal carries public facts only; `web::problem` gives each its text and status.

use jiff::Timestamp;

use super::{
    draw::states::Refused,
    ids::PhotoId,
    states::{Decision, Duty, Phase, Role, State},
};

/// Why a request was refused: always something that the caller can act upon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The edition has not opened yet.
    #[error("the edition opens at {opens_at}")]
    EditionNotOpen {
        /// When it opens.
        opens_at: Timestamp,
    },
    /// The edition has closed.
    #[error("the edition closed at {closed_at}")]
    EditionClosed {
        /// When it closed.
        closed_at: Timestamp,
    },
    /// The organiser has paused uploads.
    #[error("uploads are paused")]
    EditionPaused,
    /// The organiser allows only removals at present.
    #[error("nothing can be added or published for now")]
    ReadOnly,
    /// The organiser's command does not fit the phase of the day.
    #[error("the phase of the day is {}, which does not allow {action}", phase.as_str())]
    WrongPhase {
        /// The present phase.
        phase: Phase,
        /// The command.
        action: &'static str,
    },
    /// There is no edition of that name, or no edition at all.
    #[error("this edition does not exist")]
    UnknownEdition,
    /// The number of photos in a request is outside the allowed range.
    #[error("the request has {got} photos; it can have 1 to {limit}")]
    WrongPhotoCount {
        /// The most that one request may carry.
        limit: usize,
        /// The number in the request.
        got: usize,
    },
    /// There are too many videos in a request.
    #[error("{got} videos in one request; at most {limit} are allowed")]
    WrongVideoCount {
        /// The most that one request may carry.
        limit: usize,
        /// The number in the request.
        got: usize,
    },
    /// The uploader has as many videos as one may have.
    #[error("this device has added {limit} videos, and more are not accepted from one device")]
    TooManyVideos {
        /// The most that one uploader may have.
        limit: u32,
    },
    /// What was asked can be done with a photo and not with a video.
    #[error("a video cannot be covered")]
    NotForVideos,
    /// The number of decisions in a request is outside the allowed range.
    #[error("the request has {got} decisions; it can have 1 to {limit}")]
    WrongDecisionCount {
        /// The most that one request may carry.
        limit: usize,
        /// The number in the request.
        got: usize,
    },
    /// A text is longer than its field allows.
    #[error("{field} has {got} characters; the limit is {limit}")]
    TextTooLong {
        /// The field's name in the API.
        field: &'static str,
        /// The most graphemes allowed.
        limit: usize,
        /// The number of graphemes that the text has.
        got: usize,
    },
    /// A field's value is not one of the allowed values, or not of the expected form.
    #[error("{field} is {got:?}; expected {expected}")]
    Invalid {
        /// The field's name in the API.
        field: &'static str,
        /// The value that was sent, cut to a readable length.
        got: String,
        /// What is allowed.
        expected: String,
    },
    /// The same client reference occurs twice in one request.
    #[error("the ref {reference:?} is used twice in this request")]
    RefRepeated {
        /// The reference.
        reference: String,
    },
    /// The client reference belongs to a different file already.
    #[error("this ref already belongs to another file")]
    RefTaken,
    /// The file is larger than allowed.
    #[error("the file is {} MB; the limit is {} MB", tenths(got_bytes.div_ceil(100_000)), tenths(.limit_bytes / 100_000))]
    TooLarge {
        /// The most bytes allowed.
        limit_bytes: u64,
        /// The number of bytes that the file has.
        got_bytes: u64,
    },
    /// The file has no bytes.
    #[error("the file is empty")]
    EmptyFile,
    /// The file's type is not accepted.
    #[error("the type is {got:?}; accepted are {}", accepted.join(", "))]
    UnsupportedType {
        /// The type that was declared.
        got: String,
        /// The types that are accepted.
        accepted: &'static [&'static str],
    },
    /// The consent is to a version of the text that is no longer current.
    #[error("the consent is to version {got:?} of the text; the current version is {current:?}")]
    ConsentOutdated {
        /// The current version.
        current: String,
        /// The version that was sent.
        got: String,
    },
    /// Consent to show the photo on the site was not given.
    #[error("a photo can only be uploaded with consent to show it on the site")]
    ConsentMissing,
    /// There is no such photo, or the caller may not know of it.
    #[error("this photo cannot be found")]
    PhotoNotFound,
    /// The requested covers are not on the renditions yet.
    #[error("the covers are still being added to the photo")]
    BeingCovered,
    /// A second person must agree.
    #[error("a second person must agree before a photo that was hidden to protect a child is shown again")]
    SecondPersonNeeded,
    /// Two people must agree, and this member does not count: see [`Identity`](super::people::Identity).
    #[error(
        "this photo was hidden to protect a child at {hidden_at}; only people who were members before then can agree to show it"
    )]
    AgreementRefused {
        /// When the photo was hidden.
        hidden_at: Timestamp,
    },
    /// The caller lacks a duty.
    #[error("this needs the duty {needed}")]
    DutyNeeded {
        /// The duty.
        needed: Duty,
    },
    /// A passkey must be used first.
    #[error("this needs a passkey used within the last five minutes")]
    PasskeyNeeded,
    /// A passkey was not accepted.
    #[error("this passkey does not work here")]
    PasskeyRefused,
    /// The member would be left without any passkey.
    #[error("only an owner, or a member who signed in with a new link, can remove a member's last passkey")]
    LastPasskey,
    /// There is no such person, key or session.
    #[error("this person, key or session does not exist")]
    MemberNotFound,
    /// No owner would be left.
    #[error("this is the last owner; the site needs at least one")]
    LastOwner,
    /// The photo was published, and is no longer public.
    #[error("this photo is not being shown")]
    PhotoWithdrawn,
    /// The photo has changed since the caller saw it.
    #[error("the photo has changed: it is now {state}, at version {version}")]
    VersionOutdated {
        /// The photo's id.
        id: PhotoId,
        /// The photo's present version.
        version: u64,
        /// The photo's present state.
        state: State,
    },
    /// The photo's state does not allow this.
    #[error("the photo is {state}, which does not allow {decision}")]
    IllegalMove {
        /// The photo's present state.
        state: State,
        /// The decision that was asked for.
        decision: Decision,
    },
    /// The photo takes no new upload: it is no longer reserved, or was registered too long ago. Also given for an edit, covers or a pick
    /// that the photo's state does not allow.
    #[error("the photo is {state}, which does not allow this")]
    NotRenewable {
        /// The photo's present state.
        state: State,
    },
    /// Too many requests from one uploader.
    #[error("there were too many requests in a short time; try again in {retry_after_s} s")]
    TooManyRequests {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The bytes that may arrive in this hour from all devices together are used up.
    #[error("the limit on uploads is reached for this hour; try again in {retry_after_s} s")]
    BudgetSpent {
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// Too many photos of one uploader are registered and not uploaded yet.
    #[error("this device has registered {open} photos that it has not sent yet; the limit is {limit}")]
    TooManyOpen {
        /// The most that are allowed.
        limit: u32,
        /// How many are registered and not uploaded, as last read.
        open: u32,
        /// Seconds to wait before trying again.
        retry_after_s: u32,
    },
    /// Devices that are not known yet have registered too many photos from one network.
    #[error(
        "new devices on this network have registered {limit} photos in ten minutes, which is the limit; try again in {retry_after_s} s"
    )]
    NetworkBusy {
        /// The most in [`limits::NETWORK_SECONDS`](super::limits::NETWORK_SECONDS).
        limit: u32,
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// Too many bytes of files that became no photo, from one device or one network.
    #[error("{} MB of files from this {whose} could not be used in this hour, which is the limit; try again in {retry_after_s} s", .limit_bytes / 1_000_000)]
    UnusableFiles {
        /// `device` or `network`.
        whose: &'static str,
        /// The most bytes in one hour.
        limit_bytes: u64,
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// Credentials are missing or unknown.
    #[error("you are not signed in")]
    NotSignedIn,
    /// The caller's role is too low.
    #[error("this needs the role {needed}")]
    RoleTooLow {
        /// The lowest role that is allowed.
        needed: Role,
    },
    /// An activation code or key is wrong, used up, revoked or expired.
    #[error("this code does not work")]
    CodeRefused,
    /// There is no prize draw of that name, or no prize draw at all.
    #[error("this prize draw does not exist")]
    UnknownDraw,
    /// The prize draw does not allow this step or entry.
    #[error(transparent)]
    Draw(#[from] Refused),
    /// The device has no photo with which its entry into a prize draw could count.
    #[error("this device has no photo in this edition, and an entry needs one")]
    PhotoNeeded,
    /// Another device has entered a prize draw with the same contact.
    #[error("this contact has already entered from another device")]
    ContactTaken,
    /// The device has entered a prize draw with another contact.
    #[error("this device has entered with another contact")]
    EnteredOtherwise,
    /// The request came from another site, or is of a kind that another site could send.
    #[error("the request did not come from this site's own pages")]
    CrossSite,
}

/// Formats a number of tenths with at most one decimal. The caller rounds a file's size up and a limit down, so that a file over the limit
/// never reads as the limit itself.
fn tenths(n: u64) -> String {
    let (whole, rest) = (n / 10, n % 10);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest}") }
}
