//! The index, the box `moov`: which tracks there are, and where their samples are. Section numbers are those of ISO/IEC 14496-12.

use crate::{
    Turn,
    aac::{self, LeftOut},
    avc::{Announced, Sets, Units, picture, sets_within},
    boxes::{Found, Span, Table, Walker, be_i32, be_u16, be_u32, be_u64, descriptions, length},
    edits::Edit,
    limits::Limits,
    parts::Parts,
    track::{Sample, Track},
    unfit::{FourCc, Unfit},
};

/// Largest number of ticks per second of a track. QuickTime's files have 600 to 90,000, those of Windows 10,000,000.
const MAX_SCALE: u32 = 10_000_000;

/// The contents of the index and of the pictures, as far as they are needed.
#[derive(Debug)]
pub struct Index {
    pub sets: Sets,
    /// Size of the length before each unit in the file, in bytes.
    pub length_bytes: usize,
    pub colour: Option<Colour>,
    pub turn: Turn,
    pub picture: Track,
    pub sound: Option<(aac::Config, Track)>,
    pub left_out: Option<LeftOut>,
}

/// The colour space of the pictures: code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Primaries, transfer characteristics and matrix.
    pub points: [u16; 3],
    pub full_range: bool,
}

/// Reads the index of a file.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(parts: &Parts<'_>, limits: &Limits) -> Result<Index, Unfit> {
    let mut walker = Walker::new(parts, limits.max_boxes);
    let (moov, data) = outermost(parts, &mut walker, limits)?;
    let movie = movie(&mut walker, moov, limits)?;
    let scale = movie_scale(parts, movie.header)?;

    let (mut pictures, mut sound, mut left_out) = (Vec::new(), None, None);
    for track in &movie.tracks {
        let Some(handler) = track.handler(parts) else { continue };
        let is_on = track.is_on(parts)?;
        match &handler.0 {
            b"vide" if is_on => pictures.push(track),
            b"soun" if sound.is_some() => {}
            b"soun" if !is_on => left_out = left_out.or(Some(LeftOut::SwitchedOff)),
            b"soun" => match aac::config(parts, &mut walker, need(track.stsd, "stsd")?)? {
                Ok(config) => sound = Some((track, config)),
                Err(why) => left_out = left_out.or(Some(why)),
            },
            _ => {}
        }
    }
    let [track] = pictures[..] else {
        return Err(if pictures.is_empty() { Unfit::NoPicture } else { Unfit::SeveralPictures });
    };

    let turn = track.turn(parts)?;
    let (announced, colour) = description(parts, &mut walker, need(track.stsd, "stsd")?)?;
    let source = Source { parts, data: &data, scale, limits };
    let mut chunks = Vec::new();
    let (mut picture, edit) = source.track(track, limits.max_sample_bytes, &mut chunks)?;
    let mut sound = match sound {
        Some((track, _)) if source.is_empty(track)? => {
            left_out = Some(LeftOut::Silent);
            None
        }
        Some((track, config)) => {
            left_out = None;
            Some((config, source.track(track, aac::MAX_FRAME_BYTES, &mut chunks)?))
        }
        None => None,
    };
    no_overlaps(chunks)?;
    let sets = look_at_pictures(parts, &announced, &mut picture, limits)?;

    picture.cut_picture(&edit);
    picture.check(limits)?;
    if let Some((_, (track, edit))) = &mut sound {
        track.cut_sound(edit);
        if track.samples.is_empty() {
            (sound, left_out) = (None, Some(LeftOut::Silent));
        } else {
            track.check(limits)?;
        }
    }
    let sound = sound.map(|(config, (track, _))| (config, track));
    Ok(Index { sets, length_bytes: announced.length_bytes, colour, turn, picture, sound, left_out })
}

/// Finds the index and the boxes of data, `mdat`, in their order.
fn outermost(parts: &Parts<'_>, walker: &mut Walker<'_, '_>, limits: &Limits) -> Result<(Span, Vec<Span>), Unfit> {
    let mut rest = Span { from: 0, to: parts.size() };
    let (mut moov, mut data) = (None, Vec::new());
    loop {
        match walker.next(&mut rest) {
            Ok(Some(Found { kind, body })) => match &kind.0 {
                b"moov" => once(&mut moov, body, "moov")?,
                b"mdat" => data.push(body),
                b"moof" | b"styp" | b"sidx" => return Err(Unfit::Fragmented),
                _ => {}
            },
            Ok(None) => break,
            // After the last box there may be bytes that are not a box, such as a maker's own; they are ignored.
            Err(Unfit::Truncated | Unfit::Corrupt { .. }) if moov.is_some() && !data.is_empty() => break,
            Err(unfit) => return Err(unfit),
        }
    }
    let moov = moov.ok_or(Unfit::Truncated)?;
    let (what, found, limit) = ("bytes in its index", moov.len(), limits.max_index_bytes);
    if found > length(limit) { Err(Unfit::TooComplex { what, found, limit }) } else { Ok((moov, data)) }
}

#[derive(Debug)]
struct Movie {
    header: Span,
    tracks: Vec<Boxes>,
}

fn movie(walker: &mut Walker<'_, '_>, mut moov: Span, limits: &Limits) -> Result<Movie, Unfit> {
    let (mut header, mut tracks) = (None, Vec::new());
    while let Some(Found { kind, body }) = walker.next(&mut moov)? {
        match &kind.0 {
            b"mvhd" => once(&mut header, body, "mvhd")?,
            b"mvex" => return Err(Unfit::Fragmented),
            b"trak" => {
                let (what, found, limit) = ("tracks", tracks.len() + 1, limits.max_tracks);
                if found > length(limit) {
                    return Err(Unfit::TooComplex { what, found, limit });
                }
                tracks.push(Boxes::read(walker, body)?);
            }
            _ => {}
        }
    }
    Ok(Movie { header: need(header, "mvhd")?, tracks })
}

/// Returns the ticks per second of the whole film (8.2.2). Its matrix must not transform the picture.
fn movie_scale(parts: &Parts<'_>, header: Span) -> Result<u32, Unfit> {
    let (scale, matrix) = if version(parts, header) == Some(1) { (20, 48) } else { (12, 36) };
    if turn(parts, header, matrix, "mvhd")? != Turn::None {
        return Err(Unfit::Transform);
    }
    number(parts, header, scale).filter(|scale| *scale > 0).ok_or(Unfit::Corrupt { found: "mvhd" })
}

/// The boxes of one track that are read.
#[derive(Debug, Default)]
struct Boxes {
    tkhd: Option<Span>,
    elst: Option<Span>,
    mdhd: Option<Span>,
    hdlr: Option<Span>,
    stsd: Option<Span>,
    stts: Option<Span>,
    ctts: Option<Span>,
    stsc: Option<Span>,
    stsz: Option<Span>,
    stco: Option<Span>,
    co64: Option<Span>,
}

impl Boxes {
    fn read(walker: &mut Walker<'_, '_>, trak: Span) -> Result<Self, Unfit> {
        let mut boxes = Self::default();
        let mut open = vec![(trak, *b"trak")];
        // Only these five boxes are opened, each within the one before it, so the loop ends.
        while let Some((mut rest, around)) = open.pop() {
            while let Some(Found { kind, body }) = walker.next(&mut rest)? {
                let (slot, name) = match (&around, &kind.0) {
                    (b"trak", b"edts" | b"mdia") | (b"mdia", b"minf") | (b"minf", b"stbl") => {
                        open.push((body, kind.0));
                        continue;
                    }
                    (b"trak", b"tkhd") => (&mut boxes.tkhd, "tkhd"),
                    (b"edts", b"elst") => (&mut boxes.elst, "elst"),
                    (b"mdia", b"mdhd") => (&mut boxes.mdhd, "mdhd"),
                    (b"mdia", b"hdlr") => (&mut boxes.hdlr, "hdlr"),
                    (b"stbl", b"stsd") => (&mut boxes.stsd, "stsd"),
                    (b"stbl", b"stts") => (&mut boxes.stts, "stts"),
                    (b"stbl", b"ctts") => (&mut boxes.ctts, "ctts"),
                    (b"stbl", b"stsc") => (&mut boxes.stsc, "stsc"),
                    (b"stbl", b"stsz") => (&mut boxes.stsz, "stsz"),
                    (b"stbl", b"stco") => (&mut boxes.stco, "stco"),
                    (b"stbl", b"co64") => (&mut boxes.co64, "co64"),
                    _ => continue,
                };
                once(slot, body, name)?;
            }
        }
        Ok(boxes)
    }

    /// Returns what the track holds, for example `vide`.
    fn handler(&self, parts: &Parts<'_>) -> Option<FourCc> {
        let body = self.hdlr.filter(|body| body.len() >= 12)?;
        parts.array(body.from + 8).map(FourCc)
    }

    /// Whether players show or play the track (8.3.2).
    fn is_on(&self, parts: &Parts<'_>) -> Result<bool, Unfit> {
        let flags = number(parts, need(self.tkhd, "tkhd")?, 0).ok_or(Unfit::Corrupt { found: "tkhd" })?;
        Ok(flags & 1 == 1)
    }

    fn turn(&self, parts: &Parts<'_>) -> Result<Turn, Unfit> {
        let tkhd = need(self.tkhd, "tkhd")?;
        turn(parts, tkhd, if version(parts, tkhd) == Some(1) { 52 } else { 40 }, "tkhd")
    }
}

/// Returns the rotation that a matrix of nine numbers means (8.2.2.2). Its translation is ignored, as players do.
fn turn(parts: &Parts<'_>, body: Span, at: usize, found: &'static str) -> Result<Turn, Unfit> {
    const ONE: i32 = 1 << 16;
    let matrix = parts.array::<36>(body.from.saturating_add(at)).filter(|_| body.len() >= at + 36);
    let matrix = matrix.ok_or(Unfit::Corrupt { found })?;
    let number = |n: usize| be_i32(&matrix, 4 * n).unwrap_or_default();
    match [number(0), number(1), number(3), number(4)] {
        [ONE, 0, 0, ONE] => Ok(Turn::None),
        [0, ONE, b, 0] if b == -ONE => Ok(Turn::Quarter),
        [a, 0, 0, d] if a == -ONE && d == -ONE => Ok(Turn::Half),
        [0, b, ONE, 0] if b == -ONE => Ok(Turn::ThreeQuarters),
        _ => Err(Unfit::Transform),
    }
}

/// Reads the sample description of the picture (12.1.3), a visual sample entry of ISO/IEC 14496-15.
fn description(
    parts: &Parts<'_>,
    walker: &mut Walker<'_, '_>,
    stsd: Span,
) -> Result<(Announced, Option<Colour>), Unfit> {
    let (count, mut entries) = descriptions(parts, stsd)?;
    let Found { kind, body } = walker.next(&mut entries)?.ok_or(Unfit::Corrupt { found: "stsd" })?;
    if !matches!(&kind.0, b"avc1" | b"avc3") {
        return Err(Unfit::Codec { found: kind });
    }
    if count != 1 {
        return Err(Unfit::SeveralCodings);
    }
    let (mut avcc, mut colour) = (None, None);
    let mut inner = body.skip(78);
    while let Some(Found { kind, body }) = walker.next(&mut inner)? {
        match &kind.0 {
            b"avcC" => once(&mut avcc, body, "avcC")?,
            b"colr" => colour = colour.or_else(|| Colour::read(parts, body)),
            _ => {}
        }
    }
    let avcc = need(avcc, "avcC")?;
    // Eight picture sets and one sequence set of the longest kind take less.
    let body = parts.bytes(avcc.from..avcc.to.min(avcc.from + (32 << 10))).ok_or(Unfit::Truncated)?;
    Ok((Announced::read(&body)?, colour))
}

/// The code point for what a file does not say (ITU-T H.273).
pub const UNSPECIFIED: u16 = 2;

impl Colour {
    /// Reads `nclx` (12.1.5), or QuickTime's `nclc`. A whole profile (`prof`, `rICC`) is not kept, because it contains texts.
    fn read(parts: &Parts<'_>, body: Span) -> Option<Self> {
        let bytes = parts.array::<10>(body.from).filter(|_| body.len() >= 10)?;
        let full_range = match bytes.first_chunk()? {
            b"nclx" => parts.array::<1>(body.from + 10).filter(|_| body.len() >= 11)? > [0x7F],
            b"nclc" => false,
            _ => return None,
        };
        let points = [4, 6, 8].map(|at| be_u16(&bytes, at).unwrap_or_default());
        points.iter().all(|point| *point <= 255).then_some(Self { points, full_range })
    }
}

/// The file and the sizes by which the tables of a track are read.
struct Source<'s, 'a> {
    parts: &'s Parts<'a>,
    data: &'s [Span],
    /// Ticks per second of the whole film.
    scale: u32,
    limits: &'s Limits,
}

impl<'a> Source<'_, 'a> {
    fn table(&self, body: Option<Span>, each: usize, name: &'static str) -> Result<Table<'a>, Unfit> {
        Table::read(self.parts, need(body, name)?, each, self.limits.max_samples, name)
    }

    fn is_empty(&self, boxes: &Boxes) -> Result<bool, Unfit> {
        Ok(number(self.parts, need(boxes.stsz, "stsz")?, 8).ok_or(Unfit::Corrupt { found: "stsz" })? == 0)
    }

    /// Reads all samples of a track and its edit. Adds the places of its chunks to `chunks`.
    fn track(&self, boxes: &Boxes, max_bytes: u32, chunks: &mut Vec<Span>) -> Result<(Track, Edit), Unfit> {
        let mdhd = need(boxes.mdhd, "mdhd")?;
        let scale = number(self.parts, mdhd, if version(self.parts, mdhd) == Some(1) { 20 } else { 12 });
        let scale = scale.filter(|scale| (1..=MAX_SCALE).contains(scale)).ok_or(Unfit::Corrupt { found: "mdhd" })?;
        let mut samples = self.sizes(boxes, max_bytes)?;
        self.places(boxes, &mut samples, chunks)?;
        self.times(boxes, &mut samples)?;
        let edit = match boxes.elst {
            Some(elst) => Edit::read(self.parts, elst, self.scale, scale)?,
            None => Edit::default(),
        };
        let max_ms = self.limits.max_duration_ms;
        if edit.delay_ms > max_ms {
            return Err(Unfit::TooLong { found_ms: edit.delay_ms.into(), limit_ms: max_ms });
        }
        Ok((Track { scale, delay_ms: edit.delay_ms, skip: edit.skip, samples }, edit))
    }

    /// Reads the size of each sample (8.7.3.2).
    fn sizes(&self, boxes: &Boxes, max_bytes: u32) -> Result<Vec<Sample>, Unfit> {
        const CORRUPT: Unfit = Unfit::Corrupt { found: "stsz" };
        let body = need(boxes.stsz, "stsz")?;
        let (all, count) = (number(self.parts, body, 4).ok_or(CORRUPT)?, number(self.parts, body, 8).ok_or(CORRUPT)?);
        let (found, limit) = (length(count), self.limits.max_samples);
        if count > limit {
            return Err(Unfit::TooComplex { what: "samples in one track", found, limit });
        }
        let sizes = if all == 0 { (count, 4) } else { (0, 4) };
        let table = Table::rows(self.parts, body.skip(12), 0, sizes, limit, "stsz")?;
        let one = |bytes| Sample { bytes, ..Sample::default() };
        let samples = if all == 0 {
            table.iter().map(|row| be_u32(row, 0).map(one)).collect::<Option<Vec<_>>>().ok_or(CORRUPT)?
        } else {
            vec![one(all); found]
        };
        match samples.iter().map(|sample| sample.bytes).find(|bytes| *bytes > max_bytes) {
            Some(bytes) => {
                Err(Unfit::TooComplex { what: "bytes in one sample", found: length(bytes), limit: max_bytes })
            }
            None if samples.is_empty() || samples.iter().any(|sample| sample.bytes == 0) => Err(CORRUPT),
            None => Ok(samples),
        }
    }

    /// Reads the place of each sample (8.7.4 and 8.7.5). Each chunk must lie within one box of data; otherwise a track could name any other
    /// part of the file as its sound.
    fn places(&self, boxes: &Boxes, samples: &mut [Sample], chunks: &mut Vec<Span>) -> Result<(), Unfit> {
        const CORRUPT: Unfit = Unfit::Corrupt { found: "stsc" };
        let offsets = match (boxes.stco, boxes.co64) {
            (None, Some(_)) => self.table(boxes.co64, 8, "co64")?,
            (_, None) => self.table(boxes.stco, 4, "stco")?,
            (Some(_), Some(_)) => return Err(Unfit::Corrupt { found: "co64" }),
        };
        let runs = self.table(boxes.stsc, 12, "stsc")?;
        let mut runs = runs.iter().map(|row| Some((be_u32(row, 0)?, be_u32(row, 4)?, be_u32(row, 8)?))).peekable();
        let (mut per_chunk, mut left) = (0, samples.iter_mut());
        for (chunk, row) in (1_u32..).zip(offsets.iter()) {
            if let Some(Some((_, per, description))) = runs.next_if(|run| run.is_some_and(|(first, ..)| first == chunk))
            {
                if description != 1 {
                    return Err(Unfit::SeveralCodings);
                }
                per_chunk = length(per);
            }
            let offset = be_u32(row, 0).filter(|_| row.len() == 4).map(u64::from).or_else(|| be_u64(row, 0));
            let from = offset.and_then(|offset| usize::try_from(offset).ok()).ok_or(Unfit::Truncated)?;
            let mut to = from;
            if per_chunk == 0 || left.len() < per_chunk {
                return Err(CORRUPT);
            }
            for sample in left.by_ref().take(per_chunk) {
                sample.at = to;
                to = to.saturating_add(length(sample.bytes));
            }
            chunks.push(self.within_data(Span { from, to })?);
        }
        // Every sample has its chunk, and every run was used.
        if left.len() > 0 || runs.next().is_some() { Err(CORRUPT) } else { Ok(()) }
    }

    fn within_data(&self, chunk: Span) -> Result<Span, Unfit> {
        if chunk.to > self.parts.size() {
            return Err(Unfit::Truncated);
        }
        let before = self.data.partition_point(|data| data.from <= chunk.from);
        let around = before.checked_sub(1).and_then(|at| self.data.get(at));
        if around.is_some_and(|data| chunk.to <= data.to) { Ok(chunk) } else { Err(Unfit::Corrupt { found: "stco" }) }
    }

    /// Reads the times of each sample (8.6.1.2 and 8.6.1.3).
    fn times(&self, boxes: &Boxes, samples: &mut [Sample]) -> Result<(), Unfit> {
        let durations = self.table(boxes.stts, 8, "stts")?;
        each(&durations, "stts", samples.iter_mut(), |sample, row| {
            be_u32(row, 4).map(|duration| sample.duration = duration)
        })?;
        if boxes.ctts.is_some() {
            // Version 0 should have no negative numbers, but QuickTime's files have them.
            let offsets = self.table(boxes.ctts, 8, "ctts")?;
            each(&offsets, "ctts", samples.iter_mut(), |sample, row| {
                be_i32(row, 4).map(|offset| sample.composition_offset = offset)
            })?;
        }
        Ok(())
    }
}

/// Expands runs: each row begins with a number of samples, and its value is given to that many samples. Each sample gets one value.
fn each<'s>(
    table: &Table<'_>,
    found: &'static str,
    mut samples: impl ExactSizeIterator<Item = &'s mut Sample>,
    give: impl Fn(&mut Sample, &[u8]) -> Option<()>,
) -> Result<(), Unfit> {
    for row in table.iter() {
        let count = length(be_u32(row, 0).ok_or(Unfit::Corrupt { found })?);
        if count > samples.len() {
            return Err(Unfit::Corrupt { found });
        }
        samples.by_ref().take(count).try_for_each(|sample| give(sample, row)).ok_or(Unfit::Corrupt { found })?;
    }
    if samples.len() > 0 { Err(Unfit::Corrupt { found }) } else { Ok(()) }
}

/// Checks that no two chunks share a byte. Otherwise the samples of a small file could add up to any size.
fn no_overlaps(mut chunks: Vec<Span>) -> Result<(), Unfit> {
    chunks.sort_unstable();
    let overlap = chunks.windows(2).any(|pair| matches!(pair, [one, next] if one.to > next.from));
    if overlap { Err(Unfit::Corrupt { found: "stco" }) } else { Ok(()) }
}

/// Examines every unit of every picture: which sets decode them, which pictures are key frames, and which bytes are written.
fn look_at_pictures(
    parts: &Parts<'_>,
    announced: &Announced,
    track: &mut Track,
    limits: &Limits,
) -> Result<Sets, Unfit> {
    let units = |sample: &Sample| Units::new(parts, sample.range(), announced.length_bytes);
    let first = track.samples.first().map(units).ok_or(Unfit::NoPicture)?;
    let sets = Sets::choose(announced, sets_within(parts, first)?, limits)?;
    let mut left = limits.max_units;
    for sample in &mut track.samples {
        let found = picture(parts, units(sample), &sets, &mut left, limits)?;
        (sample.is_key, sample.kept) = (found.is_key, found.bytes);
    }
    match track.samples.first() {
        Some(first) if first.is_key => Ok(sets),
        Some(_) | None => Err(Unfit::Corrupt { found: "NAL units" }),
    }
}

/// Stores a box that may occur only once.
fn once(slot: &mut Option<Span>, body: Span, found: &'static str) -> Result<(), Unfit> {
    if slot.replace(body).is_some() { Err(Unfit::Corrupt { found }) } else { Ok(()) }
}

fn need(body: Option<Span>, found: &'static str) -> Result<Span, Unfit> {
    body.ok_or(Unfit::Corrupt { found })
}

fn version(parts: &Parts<'_>, body: Span) -> Option<u8> {
    parts.array::<1>(body.from).filter(|_| body.len() > 0).map(|[version]| version)
}

fn number(parts: &Parts<'_>, body: Span, at: usize) -> Option<u32> {
    parts.array(body.from.saturating_add(at)).filter(|_| body.len() >= at + 4).map(u32::from_be_bytes)
}
