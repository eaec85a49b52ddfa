// @ts-check
// Phrases that a native reader has to read twice, and what to write instead. check_docs.mjs looks for the first list in the comments of
// Rust sources, and for the second in the text that people read. A phrase joins a list when a reviewer has stumbled over it; the word behind
// it says how the field puts it.

/** What is looked for in one comment, without the signs that begin it. @type {[RegExp, string][]} */
export const PHRASES = [
  [/\bnone where\b/i, "`None` if …; of a collection: empty if …"],
  [/\bfor those who cannot see it\b/i, "the alternative text"],
  [/^The same (with|in|of|for)\b/, "say what it is: “The layout with …”; “Like [`x`], with …”"],
  [/\bwhom it names\b/i, "the credit"],
  [/^(Who|When|Which|Where|What|How|All|Why|Whose|Whom|How many)\.$/, "a noun phrase: “The member who acted.”"],
  [/^Which photo\.$/, "The photo's id."],
  [/\bwhere it stands\b/i, "its state; its position"],
  [/\bas things stand\b/i, "at present"],
  [/\b(made|drawn|makes|making) anew\b/i, "… again"],
  [/\banswers (whether|how many)\b/i, "returns whether …; returns the number of …"],
  [/\b(doing it twice|twice does no harm)\b/i, "repeating it is harmless"],
  [/\bstrikes? (it|a purge|a row) off\b/i, "deletes"],
  [/\bput(s)? (it |a removal )?on record\b/i, "records"],
  [/\bin vain\b/i, "without result"],
  [/\bfor the sake of\b/i, "because of"],
  [/\bat the (most|least)\b/i, "at most; at least"],
  [/\b(as they were|as it was) a moment ago\b/i, "with eventual consistency"],
  [/\baddress(es)? (is|are|was|has been) dead\b/i, "expires; has expired"],
  [/\bremoval of before\b/i, "a removal from before …"],
  [/\bis felt\b/i, "takes effect"],
  [/\bso many of each hundred\b/i, "per cent"],
  [/\bwho(m|so)?ever\b/i, "the caller, the process, the person who …"],
];

/** What is looked for in the text that people read: pages, messages, errors, the command, settings and documents. @type {[RegExp, string][]} */
export const SAID = [
  [/\bshall\b/i, "must; will; should"],
  [/\b(stands?|stood|standing) (in|at|on|under|behind|before|beside|after|here|there|twice|publicly|still)\b/i, "is in …; is here; has stopped"],
  [/\b(nothing|what) stands in the way\b/i, "ready to …"],
  [/\bwho(m|so)?ever\b/i, "anyone who; or name the person: a moderator, a visitor"],
  [/\bnobody (in (it|them) )?minds\b/i, "everyone shown has agreed"],
  [/\blook(s|ed)? again\b/i, "refresh; check again"],
  [/\blook whether\b/i, "check that"],
  [/\b(is|be) felt\b|\bfelt (everywhere|by)\b/i, "takes effect"],
  [/\b(taken|takes|taking) in\b/i, "accepted; imported"],
  [/\bput(s|ting)? (\w+ )?right\b/i, "corrects"],
  [/\banew\b/i, "again"],
  [/\bmended\b/i, "fixed; corrected"],
  [/\bthe same for\b/i, "repeat the noun"],
  [/\b(those|the \w+) that there are\b/i, "all …"],
  [/\bat the (most|least)\b/i, "at most; at least"],
  [/\bso (many|much) of (each|a) hundred\b/i, "per cent"],
  [/\b(to|can(not)?) be had\b/i, "is (not) available"],
  [/\b(is|are) to be (done|made|decided|set)\b/i, "must be …"],
  [/\bgoes? on (from there|where)\b/i, "continues"],
  [/\bin vain\b/i, "without result"],
  [/\bof before\b/i, "from before"],
  [/\ball the same\b/i, "anyway"],
  [/\bmade ready\b/i, "processed; prepared"],
  [/\b(by|of) trust\b/i, "without a check; from trusted devices"],
  [/\b(lock(s|ed)?|locking) (it |them )?away\b/i, "quarantine"],
];
