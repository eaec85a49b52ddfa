//! What the caller can act upon. A refusal carries public facts only; `web::problem` gives each its words and status.

use jiff::Timestamp;

use super::{
    draw::states::Refused,
    ids::PhotoId,
    states::{Decision, Duty, Phase, Role, State},
};

/// Why a request was refused: always something that its sender can change.
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
    /// The organiser lets nothing be added or shown for the moment.
    #[error("nothing can be added or shown for the moment")]
    ReadOnly,
    /// The organiser's command does not fit the phase of the day.
    #[error("the day is {}; {action} does not fit", phase.as_str())]
    WrongPhase {
        /// The phase.
        phase: Phase,
        /// The command.
        action: &'static str,
    },
    /// Nobody has set up an edition, or there is none of that name.
    #[error("there is no such edition")]
    UnknownEdition,
    /// More or fewer photos in one request than allowed.
    #[error("{got} photos in one request; 1 to {limit} are allowed")]
    WrongPhotoCount {
        /// The most that one request may carry.
        limit: usize,
        /// What it carried.
        got: usize,
    },
    /// More or fewer decisions in one request than allowed.
    #[error("{got} decisions in one request; 1 to {limit} are allowed")]
    WrongDecisionCount {
        /// The most that one request may carry.
        limit: usize,
        /// What it carried.
        got: usize,
    },
    /// A text is longer than its field allows.
    #[error("{field} has {got} characters; at most {limit} are allowed")]
    TextTooLong {
        /// The field's name in the API.
        field: &'static str,
        /// The most graphemes allowed.
        limit: usize,
        /// The graphemes that it has.
        got: usize,
    },
    /// A field's value is not among, or not of the form of, what is allowed.
    #[error("{field} is {got:?}; expected {expected}")]
    Invalid {
        /// The field's name in the API.
        field: &'static str,
        /// What was sent, cut to a readable length.
        got: String,
        /// What is allowed.
        expected: String,
    },
    /// The same client reference twice in one request.
    #[error("the ref {reference:?} stands twice in this request")]
    RefRepeated {
        /// The reference.
        reference: String,
    },
    /// The same client reference was used before for a different file.
    #[error("this ref belongs to another file already")]
    RefTaken,
    /// The file is larger than allowed.
    #[error("{got_bytes} bytes; at most {limit_bytes} are allowed")]
    TooLarge {
        /// The most bytes allowed.
        limit_bytes: u64,
        /// The bytes that it has.
        got_bytes: u64,
    },
    /// The file has no bytes.
    #[error("the file is empty")]
    EmptyFile,
    /// The file's type is not accepted.
    #[error("the type {got:?} is not accepted")]
    UnsupportedType {
        /// What was declared.
        got: String,
        /// What is accepted.
        accepted: &'static [&'static str],
    },
    /// The consent is to a text that is no longer the current one.
    #[error("consent version {got:?} is not the current {current:?}")]
    ConsentOutdated {
        /// The version that counts now.
        current: String,
        /// The version that was sent.
        got: String,
    },
    /// Consent to show the photo on the site was not given.
    #[error("without consent to show the photo on the site there is nothing to upload it for")]
    ConsentMissing,
    /// There is no such photo, or it is not the caller's to know.
    #[error("there is no such photo here")]
    PhotoNotFound,
    /// Covers that were drawn are not on its renditions yet.
    #[error("the covers that were drawn are not on the photo yet")]
    BeingCovered,
    /// Somebody else must want it, too.
    #[error("a photo that was hidden to protect a child is shown again when a second person agrees")]
    SecondPersonNeeded,
    /// Two people must agree, and this member is not one who counts: see [`Identity`](super::people::Identity).
    #[error(
        "this photo was hidden to protect a child at {hidden_at}; only people who were known here before can agree to show it"
    )]
    AgreementRefused {
        /// When the photo was hidden.
        hidden_at: Timestamp,
    },
    /// It was asked for by somebody without a duty.
    #[error("this is for those with the duty {needed}")]
    DutyNeeded {
        /// The duty.
        needed: Duty,
    },
    /// A passkey must be used first.
    #[error("this needs a passkey used within the last five minutes")]
    PasskeyNeeded,
    /// A passkey did not prove what it should.
    #[error("this passkey does not work here")]
    PasskeyRefused,
    /// Somebody would be left without any passkey.
    #[error("the last passkey is removed by an owner, or in a session that a new link began")]
    LastPasskey,
    /// There is no such person, key or session.
    #[error("there is no such person, key or session")]
    MemberNotFound,
    /// The last owner would be gone.
    #[error("somebody must remain who can do everything")]
    LastOwner,
    /// The photo was published and is so no more.
    #[error("the photo was withdrawn")]
    PhotoWithdrawn,
    /// The photo has changed since the caller saw it.
    #[error("the photo has changed: it is {state} at version {version} now")]
    VersionOutdated {
        /// The photo.
        id: PhotoId,
        /// Its version now.
        version: u64,
        /// Its state now.
        state: State,
    },
    /// The photo's state does not allow this.
    #[error("a photo that is {state} cannot be changed by {decision}")]
    IllegalMove {
        /// The photo's state now.
        state: State,
        /// What was asked for.
        decision: Decision,
    },
    /// Uploads of this photo are over: it is no longer reserved, or its grace period has passed.
    #[error("the photo is {state}; a new upload address is given while it is reserved")]
    NotRenewable {
        /// The photo's state now.
        state: State,
    },
    /// Too many requests from one uploader.
    #[error("too many photos in a short time; try again in {retry_after_s} s")]
    TooManyRequests {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// What everybody together may register in this hour is used up.
    #[error("so many photos came in this hour that new ones must wait for the next, in {retry_after_s} s")]
    BudgetSpent {
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// Too many photos of one uploader are registered whose files have not arrived.
    #[error("{open} photos of this device are registered and not sent yet; {limit} may be")]
    TooManyOpen {
        /// The most that may be.
        limit: u32,
        /// How many are, or were when it was read.
        open: u32,
        /// Seconds after which it is worth another try.
        retry_after_s: u32,
    },
    /// Too many photos were registered from one network by devices that nobody knows yet.
    #[error(
        "new devices on this network have registered {limit} photos in ten minutes; try again in {retry_after_s} s"
    )]
    NetworkBusy {
        /// The most in [`limits::NETWORK_SECONDS`](super::limits::NETWORK_SECONDS).
        limit: u32,
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// Too many files that became no photo, from one device or one network.
    #[error("{} MB of files from this {whose} could not be used in this hour; the next begins in {retry_after_s} s", .limit_bytes / 1_000_000)]
    UnusableFiles {
        /// `device` or `network`.
        whose: &'static str,
        /// The most bytes in one hour.
        limit_bytes: u64,
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// No or unknown credentials.
    #[error("not signed in")]
    NotSignedIn,
    /// The credentials do not reach this far.
    #[error("this needs the role {needed}")]
    RoleTooLow {
        /// The lowest role that may.
        needed: Role,
    },
    /// An activation code or key that is wrong, used up, revoked or too old.
    #[error("this code does not work")]
    CodeRefused,
    /// There is no such prize draw, or none at all.
    #[error("there is no such prize draw")]
    UnknownDraw,
    /// A step of a prize draw, or an entry, does not fit.
    #[error(transparent)]
    Draw(#[from] Refused),
    /// Whoever enters a prize draw has no photo by which the entry could count.
    #[error("this device has no photo in this edition, and an entry counts by one")]
    PhotoNeeded,
    /// Somebody has entered a prize draw with the same contact from another device.
    #[error("somebody has entered with this contact from another device")]
    ContactTaken,
    /// The device has entered a prize draw with another contact.
    #[error("this device has entered with another contact")]
    EnteredOtherwise,
    /// A request from another site, or of a kind that another site could send.
    #[error("the request did not come from this site")]
    CrossSite,
}
