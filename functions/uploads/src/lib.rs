//! Reserves photos, answers with presigned PUTs; the uploader's own photos.
