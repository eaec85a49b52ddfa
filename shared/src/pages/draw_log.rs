//! The log of a prize draw in words, for its public page and for the console.

use super::lang::Lang;
use crate::domain::draw::steps::{LogEntry, Reason};

/// Characters of a hash by which people tell it from the others of a draw.
const SHOWN: usize = 12;

/// Returns the beginning of a hash in hexadecimal, such as a leaf, by which people tell it from the others of a draw.
pub fn beginning(hash: &str) -> &str {
    hash.get(..SHOWN).unwrap_or(hash)
}

/// Returns one line of the log in words: what was done, to which entry, why, and which entry got the prize instead.
pub fn line(entry: &LogEntry, lang: Lang) -> String {
    let words = lang.words();
    let reason = |reason: Reason| match reason {
        Reason::Declined => words.draw_out_declined,
        Reason::NoAnswer => words.draw_out_no_answer,
        Reason::NotEligible => words.draw_out_not_eligible,
        Reason::Withdrawn => words.draw_out_withdrawn,
        Reason::Photo => words.draw_out_photo,
        Reason::EnteredTwice => words.draw_out_entered_twice,
    };
    let what = match entry.action.as_str() {
        "announce" => words.draw_log_announce,
        "open" => words.draw_log_open,
        "freeze" => words.draw_log_freeze,
        "list" => words.draw_log_list,
        "draw" => words.draw_log_draw,
        "reveal" => words.draw_log_reveal,
        "answer" => words.draw_log_answer,
        "deliver" => words.draw_log_deliver,
        _ => words.draw_log_disqualify,
    };
    let leaf = entry.leaf.as_ref().map(|leaf| format!("{}.", beginning(leaf.as_str())));
    let next = entry.next.as_ref().map(|leaf| format!("{} {}.", words.draw_log_next, beginning(leaf.as_str())));
    let parts = [Some(what.to_owned()), leaf, entry.reason.map(|given| reason(given).to_owned()), next];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::sample_draws;

    #[test]
    fn a_line_says_what_was_done_to_which_entry_why_and_who_got_the_prize() {
        let drawn = sample_draws::draws().remove(4);
        let lines = |lang| drawn.log.iter().map(|entry| line(entry, lang)).collect::<Vec<_>>();
        insta::assert_snapshot!(lines(Lang::En).join("\n"), @r"
        It was announced.
        It was opened for entries.
        It was closed for entries.
        The list of entries was published.
        The value was published that nobody knew before.
        The result was published.
        A winner has answered: 8a82e85de76b.
        An entry was passed over: 7bae44546475. The entrant did not want the prize. The prize goes to the next reserve: 98592ad41a3b.
        ");
        assert!(lines(Lang::Cy).iter().all(|line| !lines(Lang::En).contains(line)));
    }
}
