//! What a winner is written: a text that the organiser copies or mails.

use jiff::Timestamp;

use super::{settings::DrawSettings, steps::ANSWER};
use crate::domain::time::in_words;

impl DrawSettings {
    /// Returns a text to the winner of a prize, which is counted from 1 and theirs `since`. `page` is the whole address of the draw's page.
    /// `None` if there is no such prize.
    pub fn message_to_winner(&self, name: &str, prize: usize, since: Timestamp, page: &str) -> Option<String> {
        let prize = self.prizes.get(prize.checked_sub(1)?)?;
        let sponsor = prize.sponsor.as_ref().map_or(String::new(), |sponsor| format!(", given by {sponsor}"));
        let until = in_words(since + ANSWER);
        Some(format!(
            "Dear {name},\n\n\
             You have won a prize in {}: {}{sponsor}.\n\n\
             Please answer by {until}: do you want it, and where should it be sent? Without an answer by then it goes to the next reserve, as \
             the rules say.\n\n\
             The prize costs you nothing. We never ask for money, a password or details of a bank account.\n\n\
             The draw, its rules, and how anybody can check it: {page}\n\n\
             {}\n",
            self.name, prize.title, self.promoter
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::draw::sample;

    #[test]
    fn a_winner_reads_what_they_have_won_until_when_to_answer_and_where_to_check_it() {
        let since = "2023-08-23T16:01:00Z".parse().unwrap();
        let written =
            |prize| sample::settings().message_to_winner("Pat Smith", prize, since, "https://x.example/draws/noon");
        insta::assert_snapshot!(written(1).unwrap(), @r"
        Dear Pat Smith,

        You have won a prize in Noon draw: A microscope, given by Sample sponsor.

        Please answer by 17:01 on 30 August 2023 (BST): do you want it, and where should it be sent? Without an answer by then it goes to the next reserve, as the rules say.

        The prize costs you nothing. We never ask for money, a password or details of a bank account.

        The draw, its rules, and how anybody can check it: https://x.example/draws/noon

        Sample Association, 1 Sample Street, Sampleton
        ");
        assert!(written(2).unwrap().contains("Noon draw: A book."), "nobody is named as its giver");
        assert_eq!((written(0), written(3)), (None, None));
    }
}
