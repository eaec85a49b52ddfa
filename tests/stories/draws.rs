//! Prize draws: who checks one gets the same answer from our code, from the browser's modules and from the program of docs/DRAW.md.

use std::{fs, path::Path, process::Output};

use tempfile::TempDir;
use tests::draws::{self, Draws};

#[test]
fn three_implementations_agree_on_hundreds_of_draws() {
    let mut chance = Draws::new(2027);
    let mut sets: Vec<_> = (0..300).map(|_| chance.genuine()).collect();
    sets.extend((0..300).map(|_| chance.spoiled()));
    let folder = TempDir::new().unwrap();
    let all = folder.path().join("draws");
    draws::write(&all, &sets);
    let ours = draws::ours(&sets);
    assert!(!ours[..300].iter().any(|said| said == "refused"), "true draws hold");
    let refused = ours[300..].iter().filter(|said| *said == "refused").count();
    assert!(refused > 200, "{refused} of 300 spoiled draws are refused");
    same(&ours, &draws::browsers(&all), &all);
    same(&ours, &draws::documents(&all), &all);
}

fn same(ours: &[String], theirs: &[String], folder: &Path) {
    assert_eq!(ours.len(), theirs.len());
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(ours, theirs, "draw {number} in {}", folder.display());
    }
}

#[test]
fn all_three_refuse_every_malformed_file() {
    let (what, sets): (Vec<_>, Vec<_>) = draws::malformed().into_iter().unzip();
    let folder = TempDir::new().unwrap();
    let all = folder.path().join("draws");
    draws::write(&all, &sets);
    for (name, said) in [
        ("ours", draws::ours(&sets)),
        ("the browser's", draws::browsers(&all)),
        ("the document's", draws::documents(&all)),
    ] {
        assert_eq!(said.len(), what.len());
        for (what, said) in what.iter().zip(said) {
            assert_eq!(said, "refused", "{name} accepts {what}");
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// docs/DRAW.md prints a program that a reader starts as it says.
#[test]
fn the_program_of_the_document_runs_as_printed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("draw.py"), draws::printed()).unwrap();
    let lines = draws::printed().lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 65, "{lines} lines are not some 60");
    let mut chance = Draws::new(9);
    let set = std::iter::repeat_with(|| chance.genuine()).find(|set| set["entries.txt"].len() > 650).unwrap();
    draws::write(folder.path(), std::slice::from_ref(&set));
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new("python3");
        command.arg("draw.py").args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let checked = run(&["000000", "aaaaaaaaaaaaaaaaaaaaaaaaaa"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let words = said(&checked);
    let ours = draws::ours(&[set]).remove(0);
    let (count, leaves) = ours.split_once('|').unwrap();
    for winner in leaves.split(',').take(count.parse().unwrap()) {
        assert!(words.contains(winner), "{winner} in {words}");
    }
    assert!(words.contains("is not among the entries"), "{words}");
    let entries = folder.path().join("000000/entries.txt");
    let text = fs::read_to_string(&entries).unwrap();
    fs::write(&entries, text.split_inclusive('\n').skip(1).collect::<String>()).unwrap();
    let refused = run(&["000000"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("refused: "), "{refused:?}");
}
