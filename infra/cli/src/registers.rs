//! The official registers of schools and colleges as their keepers publish them: CSV, each with columns of its own.
//!
//! | Nation | Keeper's file | Told by the column |
//! |---|---|---|
//! | England | Department for Education, "Get information about schools", all establishment data | `URN` |
//! | Scotland | Scottish Government, school contact list | `Seed Code` |
//! | Wales | Welsh Government, address list of schools | `School Number` |
//! | Northern Ireland | Department of Education, institution list | `Institution Reference Number` |
//!
//! Keepers rename columns from year to year in spelling and spaces; so names are compared by their letters and digits, and each column
//! has the names that it has had.

use std::{borrow::Cow, fmt};

use anyhow::{Result, bail};
use encoding_rs::WINDOWS_1252;
use shared::domain::{
    register::Entry,
    school::Nation,
    text::{self, Field},
};

/// Largest number of records before the header, such as a title.
const PREAMBLE: usize = 12;

/// A register as it was read.
#[derive(Debug)]
pub struct Register {
    /// The nation whose register it is.
    pub nation: Nation,
    /// Schools that are open.
    pub open: Vec<Entry>,
    /// Numbers of schools that have closed, as far as the register has them.
    pub closed: Vec<String>,
    /// Rows that were left out.
    pub wrong: Vec<Wrong>,
}

/// A row that was left out, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    line: u64,
    what: &'static str,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// The columns of one nation's register, by all names that they have had: normalised, most specific first.
struct Format {
    nation: Nation,
    /// Prefix of the number, because those of Wales, Scotland and Northern Ireland overlap.
    letter: &'static str,
    number: &'static [&'static str],
    name: &'static [&'static str],
    town: &'static [&'static str],
    postcode: &'static [&'static str],
    status: &'static [&'static str],
}

const FORMATS: [Format; 4] = [
    Format {
        nation: Nation::England,
        letter: "",
        number: &["urn"],
        name: &["establishmentname"],
        town: &["town"],
        postcode: &["postcode"],
        status: &["establishmentstatusname"],
    },
    Format {
        nation: Nation::Scotland,
        letter: "s",
        number: &["seedcode", "seedno"],
        name: &["schoolname", "centrename"],
        town: &["town", "posttown", "addressline4", "address4", "addressline3", "address3", "addressline2", "address2"],
        postcode: &["postcode"],
        status: &["status", "schoolstatus"],
    },
    Format {
        nation: Nation::Wales,
        letter: "w",
        number: &["schoolnumber", "schoolno", "lestabnumber"],
        name: &["schoolname", "nameofschool"],
        town: &["town", "posttown", "address4", "addressline4", "address3", "addressline3", "address2", "addressline2"],
        postcode: &["postcode"],
        status: &["status", "schoolstatus"],
    },
    Format {
        nation: Nation::NorthernIreland,
        letter: "n",
        number: &[
            "institutionreferencenumber",
            "institutionreference",
            "schoolreferencenumber",
            "denireference",
            "dereference",
        ],
        name: &["institutionname", "schoolname"],
        town: &["town", "posttown", "address3", "addressline3", "address2", "addressline2"],
        postcode: &["postcode"],
        status: &["status", "institutionstatus"],
    },
];

/// The positions of a format's columns in one file.
struct Columns {
    number: usize,
    name: usize,
    town: Vec<usize>,
    postcode: Option<usize>,
    status: Option<usize>,
}

impl Format {
    fn columns(&self, header: &[String]) -> Option<Columns> {
        let place = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|column| column == name));
        Some(Columns {
            number: place(self.number)?,
            name: place(self.name)?,
            town: self.town.iter().filter_map(|name| place(&[name])).collect(),
            postcode: place(self.postcode),
            status: place(self.status),
        })
    }
}

/// Reads a register: UTF-8, or Windows-1252 as for England.
///
/// # Errors
/// If the columns are those of no register: with the columns found, and those expected.
pub fn read(bytes: &[u8]) -> Result<Register> {
    let text = decoded(bytes);
    let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = records.records();
    let mut first = Vec::new();
    for record in records.by_ref().take(PREAMBLE) {
        let record = record?;
        let header: Vec<_> = record.iter().map(plain).collect();
        let known = FORMATS.iter().find_map(|format| Some((format, format.columns(&header)?)));
        if let Some((format, columns)) = known {
            let mut register =
                Register { nation: format.nation, open: Vec::new(), closed: Vec::new(), wrong: Vec::new() };
            for record in records {
                register.take(format, &columns, &record?);
            }
            return Ok(register);
        }
        if first.len() < header.len() {
            first = record.iter().map(str::to_owned).collect();
        }
    }
    let wanted = FORMATS.map(|format| format!("{}: {} and {}", format.nation.name(), format.number[0], format.name[0]));
    bail!(
        "its columns fit none of the registers. It has: {}. Expected one of (capitals and spaces do not matter): {}",
        first.join(", "),
        wanted.join("; ")
    )
}

impl Register {
    fn take(&mut self, format: &Format, columns: &Columns, record: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let value = |at: usize| record.get(at).unwrap_or_default().trim();
        if record.iter().all(|value| value.trim().is_empty()) {
            return;
        }
        let number = plain(value(columns.number));
        let urn = format!("{}{number}", format.letter);
        if number.is_empty() || !(4..=12).contains(&urn.len()) {
            return self.wrong.push(Wrong { line, what: "its number is missing or is not a number" });
        }
        let status = columns.status.map(|at| value(at).to_ascii_lowercase()).unwrap_or_default();
        if status.contains("closed") {
            return self.closed.push(urn);
        }
        let cleaned = |value: &str| text::clean(Field::SchoolName, value).unwrap_or_default();
        let name = cleaned(value(columns.name));
        if name.is_empty() {
            return self.wrong.push(Wrong { line, what: "its name is missing or has more than 100 characters" });
        }
        let town = columns.town.iter().map(|&at| value(at)).find(|town| !town.is_empty()).map(cleaned);
        let postcode = columns.postcode.map(|at| cleaned(value(at)));
        self.open.push(Entry {
            urn,
            name,
            town: town.unwrap_or_default(),
            postcode: postcode.unwrap_or_default(),
            nation: format.nation,
        });
    }
}

/// Decodes a register. Lines end in LF only: the CSV reader counts CR LF as part of the next line, and would name the wrong one.
fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| WINDOWS_1252.decode_without_bom_handling(bytes).0, Cow::Borrowed);
    text.replace("\r\n", "\n")
}

/// Returns only the letters and digits, in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The registers that come with the project: schools that do not exist, recognisable as samples, in each nation's format.
pub const SAMPLES: [&str; 4] = [
    include_str!("../samples/schools-england.csv"),
    include_str!("../samples/schools-scotland.csv"),
    include_str!("../samples/schools-wales.csv"),
    include_str!("../samples/schools-northern-ireland.csv"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nations_sample_is_read_by_its_own_columns() {
        let nations = [Nation::England, Nation::Scotland, Nation::Wales, Nation::NorthernIreland];
        for (sample, nation) in SAMPLES.iter().zip(nations) {
            let register = read(sample.as_bytes()).unwrap();
            assert_eq!(register.nation, nation);
            assert!(register.wrong.is_empty(), "{:?}", register.wrong);
            assert!(register.open.len() >= 3, "{nation}");
            for entry in register.open {
                assert!(!entry.town.is_empty() && !entry.postcode.is_empty(), "{entry:?}");
                // No postcode area begins with ZZ, so nobody lives at a sample's address.
                assert!(entry.postcode.starts_with("ZZ"), "{entry:?}");
            }
        }
    }

    #[test]
    fn englands_file_is_read_in_its_own_encoding_and_closed_schools_are_told_apart() {
        let file = b"URN,EstablishmentName,EstablishmentStatus (name),Town,Postcode\r\n\
            900001,\"St Fran\xe7ois' Sample\",Open,Made-up,ZZ1 1AA\r\n\
            900002,Shut Sample,Closed,Made-up,ZZ1 1AB\r\n\
            900003,Soon Sample,\"Open, but proposed to close\",Made-up,ZZ1 1AC\r\n\
            ,No Number,Open,,\r\n\
            900004,,Open,,\r\n";
        let register = read(file).unwrap();
        let names: Vec<_> = register.open.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["St François' Sample", "Soon Sample"]);
        assert_eq!(register.closed, ["900002"]);
        let wrong: Vec<_> = register.wrong.iter().map(ToString::to_string).collect();
        assert_eq!(wrong[0], "line 5: its number is missing or is not a number");
        assert_eq!(wrong.len(), 2);
    }

    #[test]
    fn a_title_before_the_header_and_other_spellings_of_columns_do_not_matter() {
        let file = "School contact list,,\n\nSEED code,School_Name,Post Code\n5123456,Sample High School,ZZ1 1AA\n";
        let register = read(file.as_bytes()).unwrap();
        assert_eq!((register.nation, register.open[0].urn.as_str()), (Nation::Scotland, "s5123456"));
    }

    #[test]
    fn a_file_of_something_else_says_what_it_has_and_what_is_looked_for() {
        let error = read(b"Colour,Taste\nred,sweet\n").unwrap_err().to_string();
        assert!(
            error.contains("It has: Colour, Taste.") && error.contains("England: urn and establishmentname"),
            "{error}"
        );
    }
}
