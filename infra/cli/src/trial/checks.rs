//! The checks of a trial, in an organiser's words: what must be true, and what to do if it is not.

use serde::Serialize;

/// A check to make.
#[derive(Debug)]
pub struct Asked {
    /// The check's name, for programs.
    pub id: &'static str,
    /// What must be true.
    pub what: &'static str,
    /// What it means if it is not true, and what to do.
    pub advice: &'static str,
}

/// The result of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The check's name, for programs.
    pub id: &'static str,
    /// What must be true.
    pub what: &'static str,
    /// What was found instead; `None` if it is true or was not checked.
    pub wrong: Option<String>,
    /// What to do about it; `None` if there is nothing to do.
    pub advice: Option<&'static str>,
    /// Why the check was not made; `None` if it was.
    pub not_asked: Option<String>,
}

/// Declares checks, and the list of all of them in the order in which they are made.
macro_rules! asked {
    ($($name:ident $id:literal $what:literal $advice:literal)+) => {
        $(
            #[doc = concat!("That ", $what, ".")]
            pub const $name: Asked = Asked { id: $id, what: $what, advice: $advice };
        )+
        /// All checks, in order.
        pub const ALL: &[&Asked] = &[$(&$name),+];
    };
}

asked! {
    HOME "home-page" "the home page answers, with all headers that protect its visitors"
    "If this is the first deployment, wait ten minutes and run techognition smoke: a new name takes a while to be known everywhere. \
     Otherwise techognition logs --function site --with ERROR shows why; a missing header comes from infra/aws/edge.tf."

    EVENT "event" "the API describes the edition"
    "techognition logs --function gallery --with ERROR shows why."

    STRANGER "stranger" "a photo cannot be registered without the secret of a device"
    "This is a fault of the program: do not open the site. Go back with techognition rollback."

    KEPT "cache" "the home page is kept for a few seconds, so that many visitors cost as much as one"
    "Every visitor reaches the functions, which is slow and costs money. On AWS, deploy again: the settings of the edge (CloudFront → \
     Distributions → Behaviors) differ from infra/aws/edge.tf. On a laptop, start it with --cache."

    COMPRESSED "compression" "pages are sent compressed"
    "Pages load slowly on phones. Deploy again: the edge (CloudFront → Distributions → Behaviors) must have 'Compress objects \
     automatically' on. On a laptop, start it with --cache."

    QUERIES "queries" "filters, searches and further pages work: the edge passes on the parameters in infra/edge.json"
    "Visitors always see the first page, whatever they choose. Deploy again. If that does not help, compare infra/edge.json with the cache \
     policies (CloudFront → Policies → Cache)."

    OTHER_QUERIES "other-queries" "parameters that other sites add to our addresses do not make new pages"
    "Anyone can make the edge fetch each page again, which is slow and costs money. Deploy again. The cache policies (CloudFront → \
     Policies → Cache) must pass on the names in infra/edge.json, and no others."

    SIGN_IN "sign-in" "a moderator can sign in with a link and stays signed in"
    "Nobody can moderate. If the link was refused, techognition logs --function moderation --with ERROR shows why. If the session was \
     forgotten, the edge does not pass on cookies: deploy again."

    PACKED "members-pages" "compressed pages for moderators arrive complete"
    "Moderators see nothing, or gibberish: something on the way treats compressed pages as plain text. Go back with techognition rollback, \
     and report it."

    RENEWAL "upload-address" "a device is known by its secret, and gets an address to upload its photo to"
    "Nobody can add photos. If the answer was 401, the edge does not pass on the header Authorization: deploy again. Otherwise \
     techognition logs --function uploads --with ERROR shows why."

    REPLACED "signed-condition" "the storage refuses an upload that could replace another photo"
    "Photos could be replaced after a moderator has checked them. Do not open the site; the upload addresses are signed wrongly."

    OTHER_BYTES "signed-bytes" "the storage refuses any file but the one that was registered"
    "Anyone could upload any file in place of a photo. Do not open the site; the upload addresses are signed wrongly."

    STORAGE "storage-address" "the storage accepts a photo at the address that the site gave"
    "Nobody can add photos. The function 'uploads' may not write into the bucket of originals, or its signature is not known: check its role \
     (IAM → Roles), and deploy again."

    OWN_HOST "own-address" "the storage also accepts a photo through the site's own address"
    "Schools that block the storage's address cannot add photos. The edge does not lead to the bucket of originals, or adds something to the \
     request that was not signed: its origins must be of the type S3. Deploy again."

    AGAIN "same-address" "the storage refuses a second photo at the same address"
    "Photos could be replaced after a moderator has checked them. Do not open the site."

    WRITE_ONCE "write-once" "originals and records of removals are never replaced, not even with your credentials"
    "A mistake in the program could lose photos. The policy of the bucket (S3 → the bucket → Permissions) has no 'WriteOnce': deploy again."

    RENDITIONS "renditions" "the photo arrives, and its sizes for the web are made"
    "Photos would wait for ever. techognition status shows what is waiting; techognition logs --function renditions --with ERROR shows why."

    HIDDEN "undecided" "a photo cannot be seen before a moderator has decided about it"
    "Do not open the site: go back with techognition rollback."

    REVIEWED "review-picture" "a moderator sees the picture of a photo that is waiting"
    "Nobody can decide about photos. The edge does not lead to the bucket of pictures under review, or adds something to the request that \
     was not signed: its origins must be of the type S3. Or the function 'site' may not read the bucket. Deploy again."

    PUBLISHED "public-picture" "everyone can see the picture of a published photo"
    "Nobody sees photos. If publishing failed, techognition logs --function moderation --with ERROR shows why. If the picture is refused, the \
     edge may not read the public bucket (S3 → the bucket → Permissions → EdgeReads): deploy again."

    UNSIGNED "unsigned" "the buckets refuse everyone who has no permission"
    "Photos that no moderator has checked are open to everyone. Take the site down (techognition destroy keeps the photos), and check S3 → \
     the bucket → Permissions: 'Block public access' must be on."

    OLD_SIGNATURE "old-signature" "a signed address stops working after ten minutes, even if it was signed for longer"
    "An address that leaks works for too long. The policy of the bucket (S3 → the bucket → Permissions) has no 'ShortSignaturesOnly': deploy \
     again."

    DELETED "withdrawal" "a photo that its sender withdraws is deleted, with its text and files"
    "Withdrawn photos are deleted late, by the next sweep, or not at all. techognition logs --function uploads --with ERROR shows why."

    GONE "removal" "the picture of a withdrawn photo is gone for everyone within minutes"
    "Withdrawn photos stay visible. The functions may not tell the edge to forget them (cloudfront:CreateInvalidation), or the edge is \
     very busy: run techognition smoke again in ten minutes, then techognition logs --with edges."

    ALARMS "alarms" "someone is told when something goes wrong"
    "AWS has sent a message to each address: press 'Confirm subscription' in it. If the message is lost: SNS → Subscriptions → Request \
     confirmation, in the site's region and in us-east-1."

    TIDY "nothing-left" "this trial leaves nothing behind"
    "Run techognition smoke again: each trial removes what an earlier one has left."
}

impl Asked {
    /// Returns the result: it is true, or what was found instead.
    pub fn found(&self, wrong: Option<String>) -> Check {
        let advice = wrong.is_some().then_some(self.advice);
        Check { id: self.id, what: self.what, wrong, advice, not_asked: None }
    }

    /// Returns the result that the check was not made.
    pub fn not_asked(&self, why: &str) -> Check {
        Check { id: self.id, what: self.what, wrong: None, advice: None, not_asked: Some(why.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_check_has_a_name_of_its_own_and_says_what_to_do() {
        assert_eq!(ALL.iter().map(|asked| asked.id).collect::<BTreeSet<_>>().len(), ALL.len());
        for Asked { id, what, advice } in ALL {
            assert!(what.chars().next().is_some_and(char::is_lowercase) && !what.ends_with('.'), "{id}");
            assert!(advice.ends_with('.'), "{id}");
        }
    }
}
