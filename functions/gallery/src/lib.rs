//! Public reads: the event, editions, the feed and one photo.
