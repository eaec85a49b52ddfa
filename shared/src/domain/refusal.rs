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
    #[error("nothing can be added or shown for the moment")]
    ReadOnly,
    /// The organiser's command does not fit the phase of the day.
    #[error("the day is {}; {action} does not fit", phase.as_str())]
    WrongPhase {
        /// The present phase.
        phase: Phase,
        /// The command.
        action: &'static str,
    },
    /// There is no edition of that name, or no edition at all.
    #[error("there is no such edition")]
    UnknownEdition,
    /// The number of photos in a request is outside the allowed range.
    #[error("{got} photos in one request; 1 to {limit} are allowed")]
    WrongPhotoCount {
        /// The most that one request may carry.
        limit: usize,
        /// The number in the request.
        got: usize,
    },
    /// The number of decisions in a request is outside the allowed range.
    #[error("{got} decisions in one request; 1 to {limit} are allowed")]
    WrongDecisionCount {
        /// The most that one request may carry.
        limit: usize,
        /// The number in the request.
        got: usize,
    },
    /// A text is longer than its field allows.
    #[error("{field} has {got} characters; at most {limit} are allowed")]
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
    #[error("the ref {reference:?} stands twice in this request")]
    RefRepeated {
        /// The reference.
        reference: String,
    },
    /// The client reference belongs to a different file already.
    #[error("this ref belongs to another file already")]
    RefTaken,
    /// The file is larger than allowed.
    #[error("{got_bytes} bytes; at most {limit_bytes} are allowed")]
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
    #[error("the type {got:?} is not accepted")]
    UnsupportedType {
        /// The type that was declared.
        got: String,
        /// The types that are accepted.
        accepted: &'static [&'static str],
    },
    /// The consent is to a version of the text that is no longer current.
    #[error("consent version {got:?} is not the current {current:?}")]
    ConsentOutdated {
        /// The current version.
        current: String,
        /// The version that was sent.
        got: String,
    },
    /// Consent to show the photo on the site was not given.
    #[error("without consent to show the photo on the site there is nothing to upload it for")]
    ConsentMissing,
    /// There is no such photo, or the caller may not know of it.
    #[error("there is no such photo here")]
    PhotoNotFound,
    /// The requested covers are not on the renditions yet.
    #[error("the covers that were drawn are not on the photo yet")]
    BeingCovered,
    /// A second person must agree.
    #[error("a photo that was hidden to protect a child is shown again when a second person agrees")]
    SecondPersonNeeded,
    /// Two people must agree, and this member does not count: see [`Identity`](super::people::Identity).
    #[error(
        "this photo was hidden to protect a child at {hidden_at}; only people who were known here before can agree to show it"
    )]
    AgreementRefused {
        /// When the photo was hidden.
        hidden_at: Timestamp,
    },
    /// The caller lacks a duty.
    #[error("this is for those with the duty {needed}")]
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
    #[error("the last passkey is removed by an owner, or in a session that a new link began")]
    LastPasskey,
    /// There is no such person, key or session.
    #[error("there is no such person, key or session")]
    MemberNotFound,
    /// No owner would be left.
    #[error("somebody must remain who can do everything")]
    LastOwner,
    /// The photo was published, and is no longer public.
    #[error("the photo was withdrawn")]
    PhotoWithdrawn,
    /// The photo has changed since the caller saw it.
    #[error("the photo has changed: it is {state} at version {version} now")]
    VersionOutdated {
        /// The photo's id.
        id: PhotoId,
        /// The photo's present version.
        version: u64,
        /// The photo's present state.
        state: State,
    },
    /// The photo's state does not allow this.
    #[error("a photo that is {state} cannot be changed by {decision}")]
    IllegalMove {
        /// The photo's present state.
        state: State,
        /// The decision that was asked for.
        decision: Decision,
    },
    /// The photo takes no new upload: it is no longer reserved, or was registered too long ago. Also given for an edit or for covers that
    /// the photo's state does not allow.
    #[error("the photo is {state}; a new upload address is given while it is reserved")]
    NotRenewable {
        /// The photo's present state.
        state: State,
    },
    /// Too many requests from one uploader.
    #[error("too many photos in a short time; try again in {retry_after_s} s")]
    TooManyRequests {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The bytes that may arrive in this hour from all devices together are used up.
    #[error("so many photos came in this hour that new ones must wait for the next, in {retry_after_s} s")]
    BudgetSpent {
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// Too many photos of one uploader are registered and not uploaded yet.
    #[error("{open} photos of this device are registered and not sent yet; {limit} may be")]
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
        "new devices on this network have registered {limit} photos in ten minutes; try again in {retry_after_s} s"
    )]
    NetworkBusy {
        /// The most in [`limits::NETWORK_SECONDS`](super::limits::NETWORK_SECONDS).
        limit: u32,
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// Too many bytes of files that became no photo, from one device or one network.
    #[error("{} MB of files from this {whose} could not be used in this hour; the next begins in {retry_after_s} s", .limit_bytes / 1_000_000)]
    UnusableFiles {
        /// `device` or `network`.
        whose: &'static str,
        /// The most bytes in one hour.
        limit_bytes: u64,
        /// Seconds to the next hour.
        retry_after_s: u32,
    },
    /// Credentials are missing or unknown.
    #[error("not signed in")]
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
    #[error("there is no such prize draw")]
    UnknownDraw,
    /// The prize draw does not allow this step or entry.
    #[error(transparent)]
    Draw(#[from] Refused),
    /// The device has no photo with which its entry into a prize draw could count.
    #[error("this device has no photo in this edition, and an entry counts by one")]
    PhotoNeeded,
    /// Another device has entered a prize draw with the same contact.
    #[error("somebody has entered with this contact from another device")]
    ContactTaken,
    /// The device has entered a prize draw with another contact.
    #[error("this device has entered with another contact")]
    EnteredOtherwise,
    /// The request came from another site, or is of a kind that another site could send.
    #[error("the request did not come from this site")]
    CrossSite,
}
