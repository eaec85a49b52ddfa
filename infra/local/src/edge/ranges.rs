//! Parts of kept answers: `Range` and `If-Range` (RFC 9110, 13.1.5 and 14). A player asks for a video in parts, and Safari plays none that
//! comes only whole.
//!
//! One range is answered. A request for several at once is answered with the whole, as the RFC allows: no player of ours asks for them.

use std::ops::Range;

use http::{HeaderMap, header};

/// What a request asks of a kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that it does not have.
    Beyond,
}

/// Returns what a request with the headers `asked` wants of an answer of `length` bytes with the headers `kept`.
pub fn wanted(asked: &HeaderMap, kept: &HeaderMap, length: usize) -> Wanted {
    let value = |name| asked.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = value(header::RANGE) else { return Wanted::Whole };
    // With `If-Range`, a part is wanted only of the very answer of which the client has other parts.
    if let Some(known) = value(header::IF_RANGE) {
        let is_same = |name| kept.get(name).and_then(|value| value.to_str().ok()) == Some(known);
        let same = if known.starts_with('"') { is_same(header::ETAG) } else { is_same(header::LAST_MODIFIED) };
        if !same {
            return Wanted::Whole;
        }
    }
    part(range, length).unwrap_or(Wanted::Whole)
}

/// Reads one range. `None` if the header is not one that we know.
fn part(range: &str, length: usize) -> Option<Wanted> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        // A number that is larger than any file is still a number.
        plain.then(|| digits.parse().unwrap_or(usize::MAX))
    };
    let wanted = if first.is_empty() {
        let from = length.saturating_sub(number(last)?);
        from..length
    } else {
        let from = number(first)?;
        let last = if last.is_empty() { usize::MAX } else { number(last)? };
        if last < from {
            return None;
        }
        from..last.saturating_add(1).min(length)
    };
    Some(if wanted.start < length { Wanted::Part(wanted) } else { Wanted::Beyond })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), header::HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn one_range_of_bytes_is_answered() {
        let of_ten = |range| wanted(&headers(&[(header::RANGE, range)]), &HeaderMap::new(), 10);
        assert_eq!(of_ten("bytes=0-0"), Wanted::Part(0..1));
        assert_eq!(of_ten("bytes=2-5"), Wanted::Part(2..6));
        assert_eq!(of_ten("bytes=4-"), Wanted::Part(4..10));
        assert_eq!(of_ten("bytes=4-99"), Wanted::Part(4..10));
        assert_eq!(of_ten("bytes=0-99999999999999999999999"), Wanted::Part(0..10));
        assert_eq!(of_ten("bytes=-3"), Wanted::Part(7..10));
        assert_eq!(of_ten("bytes=-99"), Wanted::Part(0..10));
        for beyond in ["bytes=10-", "bytes=10-20", "bytes=99999999999999999999999-", "bytes=-0"] {
            assert_eq!(of_ten(beyond), Wanted::Beyond, "{beyond}");
        }
        for other in ["bytes=5-2", "bytes=-", "bytes=a-b", "bytes=+1-2", "bytes=0-1,3-4", "items=0-1", "0-1", ""] {
            assert_eq!(of_ten(other), Wanted::Whole, "{other}");
        }
        assert_eq!(wanted(&HeaderMap::new(), &HeaderMap::new(), 10), Wanted::Whole);
        assert_eq!(wanted(&headers(&[(header::RANGE, "bytes=0-")]), &HeaderMap::new(), 0), Wanted::Beyond);
    }

    #[test]
    fn a_part_of_another_answer_is_not_wanted() {
        let kept = headers(&[(header::ETAG, "\"one\""), (header::LAST_MODIFIED, "Fri, 05 Mar 2027 12:00:00 GMT")]);
        let asked = |known| wanted(&headers(&[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, known)]), &kept, 10);
        assert_eq!(asked("\"one\""), Wanted::Part(0..2));
        assert_eq!(asked("Fri, 05 Mar 2027 12:00:00 GMT"), Wanted::Part(0..2));
        for other in ["\"two\"", "W/\"one\"", "Fri, 05 Mar 2027 12:00:01 GMT"] {
            assert_eq!(asked(other), Wanted::Whole, "{other}");
        }
    }
}
