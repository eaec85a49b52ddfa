//! Streams a part of a file in pieces.

use std::{io::SeekFrom, ops::Range};

use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

const PIECE: usize = 128 * 1024;

/// Streams the bytes `part` of `file`. A file that ends before them is an error, because blobs never change.
pub(crate) async fn stream(
    mut file: File,
    part: Range<u64>,
) -> Result<impl Stream<Item = std::io::Result<Bytes>> + Send + Sync + 'static, crate::Error> {
    if part.start > 0 {
        file.seek(SeekFrom::Start(part.start)).await?;
    }
    Ok(stream::try_unfold((file, part.end - part.start), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        let mut piece = BytesMut::with_capacity(size);
        while piece.len() < size {
            let mut rest = (&mut file).take((size - piece.len()) as u64);
            if rest.read_buf(&mut piece).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Some((piece.freeze(), (file, left - size as u64))))
    }))
}
