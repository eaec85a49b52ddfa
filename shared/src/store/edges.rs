//! The delivery network's edges: what they must forget.
//!
//! One client for both implementations: CloudFront in the cloud, and the caching front of the laptop, which answers the same call at
//! an address of its own. Only the endpoint differs.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{
    fault::{Fault, fault},
    signed::{Request, SignedClient},
};

/// The edges of one distribution.
#[derive(Clone, Debug)]
pub struct Edges {
    client: SignedClient,
    distribution: String,
}

impl Edges {
    /// The edges of the distribution with this id.
    pub fn new(client: &SignedClient, distribution: &str) -> Self {
        Self { client: client.clone(), distribution: distribution.to_owned() }
    }

    /// Asks all edges to forget `paths`; one that ends in `*` stands for all that begin so. They have done so some seconds later.
    /// Nothing happens for no paths. The same paths for the same `reason` are asked for once, however often this is called.
    ///
    /// # Errors
    /// A fault that passes where too much is being invalidated already.
    pub async fn invalidate(&self, paths: &BTreeSet<String>, reason: &str) -> Result<(), Fault> {
        if paths.is_empty() {
            return Ok(());
        }
        let mut reference = Sha256::new();
        for part in paths.iter().map(String::as_str).chain([reason]) {
            reference.update(part.len().to_be_bytes());
            reference.update(part.as_bytes());
        }
        let request = Request {
            method: "POST",
            path: format!("/2020-05-31/distribution/{}/invalidation", self.distribution),
            headers: vec![("content-type", "application/xml")],
            body: batch(paths, &data_encoding::HEXLOWER.encode(&reference.finalize())).into_bytes(),
        };
        self.client.send(request).await.map(drop).map_err(fault("invalidate edges"))
    }
}

/// The body of CloudFront's `CreateInvalidation` (version 2020-05-31 of its API).
fn batch(paths: &BTreeSet<String>, reference: &str) -> String {
    let items: Vec<_> = paths.iter().map(|path| format!("<Path>{}</Path>", escaped(path))).collect();
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>{}</Quantity>\
         <Items>{}</Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>",
        paths.len(),
        items.concat(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_names_each_path_once_and_escapes_what_xml_would_read() {
        let paths = BTreeSet::from(["/m/a/*".to_owned(), "/api/v1/photos?after=1&b=<2>".to_owned()]);
        assert_eq!(
            batch(&paths, "abc"),
            "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>2</Quantity><Items>\
             <Path>/api/v1/photos?after=1&amp;b=&lt;2&gt;</Path><Path>/m/a/*</Path></Items></Paths>\
             <CallerReference>abc</CallerReference></InvalidationBatch>"
        );
    }
}
