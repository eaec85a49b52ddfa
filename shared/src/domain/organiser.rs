//! Who is responsible for the site: the table `[organiser]` of `infra/event.toml`, and what visitors read of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event_error::{BadEventFile, bad};

/// Characters of a name.
const NAME_MAX: usize = 100;
/// Characters of a postal address.
const ADDRESS_MAX: usize = 200;
/// Characters of an e-mail address: RFC 5321, section 4.5.3.1.3, without the angle brackets.
const EMAIL_MAX: usize = 254;
/// Digits of a telephone number: at most those of ITU-T E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Who is responsible for the site, and how to reach them. Everybody can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organiser {
    /// The name of the association or person; at most 100 characters. They are the controller of the personal data on the site.
    pub name: String,
    /// The postal address in one line; at most 200 characters.
    pub address: String,
    /// The e-mail address for questions, corrections and complaints.
    pub email: String,
    /// Whom to call about a child in a photo.
    pub safeguarding: SafeguardingContact,
}

/// Whom to call about a child in a photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SafeguardingContact {
    /// The person's name or role; at most 100 characters.
    pub name: String,
    /// The telephone number: digits, spaces, brackets, hyphens and a leading `+`; 7 to 15 digits.
    pub phone: String,
}

impl SafeguardingContact {
    /// Returns the number as a `tel:` link takes it: digits and a leading `+`. In an international number a `(0)` is not dialled.
    pub fn dialled(&self) -> String {
        let phone = if self.phone.starts_with('+') { self.phone.replace("(0)", "") } else { self.phone.clone() };
        phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

/// The table `[organiser]`. Unlike the stored row it refuses keys that it does not know, so that a misspelt one is noticed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganiserTable {
    name: String,
    address: String,
    email: String,
    safeguarding: SafeguardingTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SafeguardingTable {
    name: String,
    phone: String,
}

impl OrganiserTable {
    /// Checks the table. Each value loses the spaces around it.
    ///
    /// # Errors
    /// The first value that is blank or too long, or that is no e-mail address or telephone number.
    pub(super) fn read(self) -> Result<Organiser, BadEventFile> {
        let email = self.email.trim().to_owned();
        if !is_email(&email) {
            return Err(bad("organiser.email", &email, "an e-mail address such as \"day@example.org\""));
        }
        let phone = self.safeguarding.phone.trim().to_owned();
        if !is_phone(&phone) {
            return Err(bad("organiser.safeguarding.phone", &phone, "a telephone number such as \"01632 960 000\""));
        }
        Ok(Organiser {
            name: line("organiser.name", &self.name, NAME_MAX)?,
            address: line("organiser.address", &self.address, ADDRESS_MAX)?,
            email,
            safeguarding: SafeguardingContact {
                name: line("organiser.safeguarding.name", &self.safeguarding.name, NAME_MAX)?,
                phone,
            },
        })
    }
}

fn line(key: &str, text: &str, max: usize) -> Result<String, BadEventFile> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > max || text.chars().any(char::is_control) {
        return Err(bad(key, text, &format!("one line of 1 to {max} characters")));
    }
    Ok(text.to_owned())
}

/// Whether mail programs take the text for an address. Whether mail arrives, only mail can tell.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let usual = |c: char| c.is_ascii_graphic() && !"\"<>()[],;:\\@".contains(c);
    text.len() <= EMAIL_MAX
        && !local.is_empty()
        && local.chars().all(usual)
        && host.split('.').count() > 1
        && host.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let number = text.strip_prefix('+').unwrap_or(text);
    PHONE_DIGITS.contains(&digits) && number.chars().all(|c| c.is_ascii_digit() || " ()-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event_file;

    const EVENT: &str = include_str!("../../../infra/event.toml");
    const TABLE: &str = "\n[organiser]\nname = \" Sample Association \"\naddress = \"1 Sample Street, Sampleton\"\n\
                         email = \"day@example.org\"\nsafeguarding = { name = \"Sample Lead\", phone = \"+44 (0)1632 960-000\" }\n";

    fn read(table: &str) -> Result<Option<Organiser>, String> {
        event_file::read(&format!("{EVENT}{table}")).map(|edition| edition.organiser).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_names_who_can_be_reached_and_how() {
        let organiser = read(TABLE).unwrap().unwrap();
        assert_eq!(organiser.name, "Sample Association");
        assert_eq!(organiser.email, "day@example.org");
        assert_eq!(organiser.safeguarding.phone, "+44 (0)1632 960-000");
        assert_eq!(organiser.safeguarding.dialled(), "+441632960000");
        assert_eq!(read("").unwrap(), None, "the project's own file names nobody");
    }

    #[test]
    fn what_nobody_could_be_reached_by_is_refused_with_its_key() {
        let long = "x".repeat(201);
        for (from, to, key) in [
            ("\" Sample Association \"", "\"  \"", "organiser.name is \"\"; expected one line of 1 to 100 characters"),
            ("1 Sample Street, Sampleton", &long, "organiser.address is \"xxx"),
            ("1 Sample Street", "1 Sample Street\\nSampleton", "organiser.address is"),
            ("Sample Lead", "", "organiser.safeguarding.name is \"\""),
            ("email", "mail", "unknown key \"mail\"; the nearest known key is \"email\""),
        ] {
            let said = read(&TABLE.replace(from, to)).unwrap_err();
            assert!(said.contains(key), "{said}");
        }
        for email in [
            "",
            "day",
            "@example.org",
            "day@example",
            "day@exa mple.org",
            "a b@example.org",
            "<day@example.org>",
            "day@.org",
        ] {
            let said = read(&TABLE.replace("day@example.org", email)).unwrap_err();
            assert!(said.contains("expected an e-mail address"), "{email:?}: {said}");
        }
        for phone in ["", "999", "ask at the desk", "+44 1632 960 000 0000 000", "01632+960000"] {
            let said = read(&TABLE.replace("+44 (0)1632 960-000", phone)).unwrap_err();
            assert!(said.contains("expected a telephone number"), "{phone:?}: {said}");
        }
    }
}
