//! Prize draws by chance, recomputed by our code, by the browser's modules and by the program of docs/DRAW.md:
//! `cargo run -p tests --example draws [COUNT] [SEED]`. Half as many spoiled ones are looked at beside them. Ends with an error if any two of
//! the three disagree.

use std::{env::args, error::Error, time::Instant};

use tests::draws::{self, Draws};

#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let count = args().nth(1).map_or(Ok(10_000), |count| count.parse())?;
    let seed = args().nth(2).map_or(Ok(1), |seed| seed.parse())?;
    let mut chance = Draws::new(seed);
    let mut sets: Vec<draws::Set> = (0..count).map(|_| chance.genuine()).collect();
    sets.extend((0..count / 2).map(|_| chance.spoiled()));
    let folder = tempfile::TempDir::new()?;
    let all = folder.path().join("draws");
    draws::write(&all, &sets);
    let timed = |name: &str, say: &dyn Fn() -> draws::Said| {
        let begun = Instant::now();
        let said = say();
        println!("{name}: {} draws in {:.1} s", said.len(), begun.elapsed().as_secs_f64());
        said
    };
    let ours = timed("ours", &|| draws::ours(&sets));
    let browsers = timed("the browser's", &|| draws::browsers(&all));
    let documents = timed("the document's", &|| draws::documents(&all));
    let refused = |said: &[String]| said.iter().filter(|said| *said == "refused").count();
    println!(
        "{count} true draws, {} refused; {} spoiled ones, {} refused",
        refused(&ours[..count]),
        count / 2,
        refused(&ours[count..])
    );
    let differ = |other: &draws::Said| ours.iter().zip(other).filter(|(one, other)| one != other).count();
    let (one, other) = (differ(&browsers), differ(&documents));
    println!("{one} differ from the browser's, {other} from the document's");
    let whole = [&browsers, &documents].iter().all(|said| said.len() == ours.len());
    if one + other > 0 || !whole || refused(&ours[..count]) > 0 {
        return Err("they disagree".into());
    }
    Ok(())
}
