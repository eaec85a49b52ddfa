// @ts-check
// Phrases that a native reader has to read twice, and what to write instead. check_docs.mjs looks for them in the comments of Rust
// sources. A phrase joins the list when a reviewer has stumbled over it; the word behind it says how the field puts it.

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
];
