//! The address that a request comes from, which only [`network`] determines.
//!
//! Decision: only the edge is believed, which overwrites [`VIEWER_ADDRESS`] in every request. Nothing else is reliable: `X-Forwarded-For`
//! grows by one address at each hop, its first ones are what the caller wrote, and behind an edge with a shield the last one is the
//! shield's. CloudFront's own `CloudFront-Viewer-Address` is not available here: an origin request policy adds it only to policies that
//! pass on the viewer's `Host`, which API Gateway refuses, or that list each header, which may not list `Authorization`. So a function at
//! the edge, `infra/aws/viewer-address.js`, writes a header of our own. Given up: the port. A caller that bypasses the edge can write the
//! header, but gets no answer: see [`edge`](super::edge).
//!
//! Only the first 64 bits of an IPv6 address count: one customer has all addresses of such a network. (RFC 6177)

use http::{HeaderMap, HeaderName};

use crate::domain::ids::Network;

/// The header in which the edge sends the viewer's address, such as `192.0.2.7` or `2001:db8::7`.
pub const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("x-viewer-address");

/// Returns the network that sent these headers, as reported by the edge. All requests without such a report count as one network.
pub fn network(headers: &HeaderMap) -> Network {
    Network::from_address(headers.get(VIEWER_ADDRESS).and_then(|value| value.to_str().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> String {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        network(&headers.collect()).to_string()
    }

    #[test]
    fn an_address_is_what_the_edge_tells_and_nothing_else() {
        assert_eq!(of(&[("x-viewer-address", "192.0.2.7"), ("user-agent", "one")]), "192.0.2.7");
        let others = [("x-forwarded-for", "192.0.2.1, 192.0.2.2"), ("cloudfront-viewer-address", "192.0.2.3:443")];
        assert_eq!(of(&others), "no address");
        assert_eq!(of(&[("x-viewer-address", "not one")]), "no address");
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one() {
        assert_eq!(of(&[("x-viewer-address", "2001:db8:1:2:3:4:5:6")]), "2001:db8:1:2::/64");
        assert_eq!(of(&[("x-viewer-address", "2001:db8:1:2::9")]), "2001:db8:1:2::/64");
        assert_ne!(of(&[("x-viewer-address", "2001:db8:1:3::9")]), "2001:db8:1:2::/64");
        assert_eq!(
            of(&[("x-viewer-address", "::ffff:192.0.2.7")]),
            "192.0.2.7",
            "an IPv4 address in the clothes of IPv6"
        );
    }

    #[test]
    fn an_address_is_not_shown_where_things_are_logged() {
        let headers = [(VIEWER_ADDRESS, "192.0.2.7".parse().unwrap())].into_iter().collect();
        assert_eq!(format!("{:?}", network(&headers)), "Network(…)");
    }
}
