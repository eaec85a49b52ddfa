//! Films made in code: a small writer of H.264 whose pictures are raw samples (`I_PCM`) or repeat the one before (`P_Skip`), a few bytes of
//! silent AAC, and a writer of MP4 that plants a canary in every carrier of metadata. Real decoders play what it writes.
#![expect(clippy::unwrap_used, reason = "what cannot be made cannot be tested")]
#![expect(clippy::similar_names, reason = "boxes are called by their types")]
#![expect(clippy::trivially_copy_pass_by_ref, reason = "types of boxes are written as b\"moov\"")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::ops::Range;

/// What must not be in any file that is written.
pub const CANARY: &[u8] = b"CANARY";

/// What a film is made of.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that a file has or has not")]
pub struct Recipe {
    /// Blocks of 16 × 16, across and down.
    pub blocks: (u32, u32),
    /// Pixels cut off on the right and below; even.
    pub cropped: (u32, u32),
    pub pictures: u32,
    pub key_every: u32,
    /// Ticks a second, and ticks of one picture.
    pub scale: u32,
    pub span: u32,
    /// Frames of silent sound, of 1024/48,000 s each.
    pub sound: u32,
    pub coding: Coding,
    /// The matrix of its colours: a code point of ITU-T H.273.
    pub matrix: u32,
    /// Quarters of a circle, clockwise.
    pub quarters: u32,
    /// Bytes of the length before each unit.
    pub length_bytes: usize,
    pub slices: u32,
    /// Key pictures are grey, in a few bits, instead of painted.
    pub flat: bool,
    /// Parameter sets stand in each key picture too, and `avcC` has them spoilt.
    pub sets_in_pictures: bool,
    pub index_first: bool,
    /// Pictures of one chunk.
    pub chunk: usize,
    /// `(duration, start)` of the picture's edit list, in thousandths of a second and in ticks; a start of −1 is empty.
    pub edits: Vec<(u32, i32)>,
    pub sound_edits: Vec<(u32, i32)>,
    pub planted: bool,
    /// A QuickTime film: its brand, and a longer description of its sound.
    pub quicktime: bool,
}

/// The tools of H.264 that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Pictures in the order in which they are shown; usability information that needs emulation prevention.
    Baseline,
    /// Of three pictures two are shown before the one that was decoded before them.
    MainReordered,
    /// Scaling lists in both sets.
    High,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            blocks: (2, 2),
            cropped: (0, 0),
            pictures: 12,
            key_every: 6,
            scale: 600,
            span: 20,
            sound: 19,
            coding: Coding::Baseline,
            matrix: 1,
            quarters: 0,
            length_bytes: 4,
            slices: 1,
            flat: false,
            sets_in_pictures: false,
            index_first: false,
            chunk: 5,
            edits: Vec::new(),
            sound_edits: Vec::new(),
            planted: false,
            quicktime: false,
        }
    }
}

/// Films of every kind that is taken, small.
pub fn recipes() -> Vec<Recipe> {
    let plain = Recipe::default;
    vec![
        plain(),
        Recipe { sound: 0, index_first: true, ..plain() },
        Recipe { coding: Coding::MainReordered, edits: vec![(400, 20)], ..plain() },
        Recipe { coding: Coding::High, cropped: (6, 10), quarters: 1, slices: 2, ..plain() },
        Recipe { length_bytes: 2, sets_in_pictures: true, quarters: 2, ..plain() },
        Recipe { length_bytes: 1, blocks: (3, 2), pictures: 5, key_every: 9, flat: true, ..plain() },
        Recipe { planted: true, quarters: 3, quicktime: true, sets_in_pictures: true, ..plain() },
        Recipe { edits: vec![(40, -1), (150, 130)], sound_edits: vec![(200, 5000)], ..plain() },
    ]
}

/// Bits, most significant first.
#[derive(Debug, Default, Clone)]
pub struct Bits {
    pub bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    pub fn put(&mut self, count: u32, number: u32) -> &mut Self {
        for shift in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if number >> shift & 1 == 1 {
                *self.bytes.last_mut().unwrap() |= 0x80 >> (self.used % 8);
            }
            self.used += 1;
        }
        self
    }

    pub fn ue(&mut self, number: u32) -> &mut Self {
        let length = 32 - (number + 1).leading_zeros();
        self.put(length - 1, 0).put(length, number + 1)
    }

    pub fn se(&mut self, number: i32) -> &mut Self {
        let magnitude = number.unsigned_abs();
        self.ue(if number > 0 { 2 * magnitude - 1 } else { 2 * magnitude })
    }

    fn aligned(&mut self) -> &mut Self {
        self.used = self.bytes.len() * 8;
        self
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend(bytes);
        self.aligned()
    }

    pub fn stopped(&mut self) -> &[u8] {
        self.put(1, 1);
        &self.bytes
    }
}

/// A unit: its header, and its payload with what keeps start codes out of it.
pub fn unit(header: u8, payload: &[u8]) -> Vec<u8> {
    let mut unit = vec![header];
    let mut zeros = 0;
    for &byte in payload {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

pub fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, &body].concat()
}

pub fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// One sample: its bytes, and how long after it is decoded it is shown.
struct Sample {
    bytes: Vec<u8>,
    shift: i32,
    is_key: bool,
}

impl Recipe {
    pub fn sequence_set(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        let (profile, reference_pictures) = match self.coding {
            Coding::Baseline => (66, 1),
            Coding::MainReordered => (77, 2),
            Coding::High => (100, 1),
        };
        bits.put(8, profile).put(8, 0).put(8, 31).ue(0);
        if self.coding == Coding::High {
            bits.ue(1).ue(0).ue(0).put(1, 0).put(1, 1);
            for list in 0..8 {
                // Every other list is there, flat, and ends early: the rest repeats its last number.
                bits.put(1, list % 2);
                if list % 2 == 1 {
                    bits.se(8).se(-16);
                }
            }
        }
        bits.ue(0);
        match self.coding {
            Coding::MainReordered => bits.ue(0).ue(4),
            Coding::Baseline | Coding::High => bits.ue(2),
        };
        bits.ue(reference_pictures).put(1, 0).ue(self.blocks.0 - 1).ue(self.blocks.1 - 1).put(1, 1).put(1, 1);
        match self.cropped {
            (0, 0) => bits.put(1, 0),
            (right, bottom) => bits.put(1, 1).ue(0).ue(right / 2).ue(0).ue(bottom / 2),
        };
        // Usability: square pixels, colours, how long a picture lasts (with zeros that need emulation prevention), order.
        bits.put(1, 1)
            .put(1, 1)
            .put(8, 1)
            .put(1, 0)
            .put(1, 1)
            .put(3, 5)
            .put(1, 0)
            .put(1, 1)
            .put(24, 0x01_0100 | self.matrix)
            .put(1, 0);
        bits.put(1, 1).put(32, 1).put(32, 60).put(1, 1).put(2, 0).put(1, 0);
        bits.put(1, 1).put(1, 1).ue(0).ue(0).ue(10).ue(10).ue(reference_pictures - 1).ue(reference_pictures);
        unit(0x67, bits.stopped())
    }

    pub fn picture_set(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.ue(0).ue(0).put(2, 0).ue(0).ue(0).ue(0).put(3, 0).se(0).se(0).se(0).put(3, 0b100);
        if self.coding == Coding::High {
            bits.put(1, 1).put(1, 1);
            for list in 0..8 {
                bits.put(1, u32::from(list == 3));
                if list == 3 {
                    for n in 0..16 {
                        bits.se(if n == 0 { 8 } else { 0 });
                    }
                }
            }
            bits.se(0);
        }
        unit(0x68, bits.stopped())
    }

    /// All slices of one picture. `order` is its place among those that are shown since the last key.
    fn slices(&self, key: Option<u32>, number: u32, order: u32, is_reference: bool) -> Vec<Vec<u8>> {
        let (across, down) = self.blocks;
        let per_slice = (across * down).div_ceil(self.slices);
        let reordered = self.coding == Coding::MainReordered;
        (0..self.slices)
            .map(|n| {
                let blocks = n * per_slice..((n + 1) * per_slice).min(across * down);
                let mut bits = Bits::default();
                bits.ue(blocks.start).ue(if key.is_some() { 7 } else { 5 }).ue(0).put(4, number % 16);
                if let Some(key) = key {
                    bits.ue(key % 2);
                }
                if reordered {
                    bits.put(8, 2 * order % 256);
                }
                match key {
                    Some(_) => bits.put(2, 0),
                    None => bits.put(2, 0).put(u32::from(is_reference), 0),
                };
                bits.se(0).ue(1);
                // Of reordered pictures all are painted, so that their order can be seen.
                if key.is_none() && !reordered {
                    bits.ue(blocks.end - blocks.start);
                } else {
                    for block in blocks {
                        if self.flat {
                            // Intra 16 × 16, predicted from its neighbours, without residual.
                            bits.ue(3).ue(0).se(0).put(1, 1);
                            continue;
                        }
                        match key {
                            Some(_) => bits.ue(25),
                            None => bits.ue(0).ue(30),
                        };
                        bits.aligned().raw(&Self::paint(block, key.unwrap_or_default() * 5 + order * 7));
                    }
                }
                let header = match (key, is_reference) {
                    (Some(_), _) => 0x65,
                    (None, true) => 0x41,
                    (None, false) => 0x01,
                };
                unit(header, bits.stopped())
            })
            .collect()
    }

    /// A block's samples: a slope of light that moves with time, with zeros in it that need emulation prevention, and two colours.
    fn paint(block: u32, time: u32) -> Vec<u8> {
        let light = (0..256)
            .map(|n| if n < 6 { n % 3 / 2 } else { 32 + (n % 16 * 6 + n / 16 * 3 + time * 4 + block * 9) % 180 });
        let blue = (0..64).map(|_| 64 + (block * 40 + time) % 128);
        let red = (0..64).map(|_| 192 - (block * 25 + time) % 128);
        light.chain(blue).chain(red).map(|level| u8::try_from(level).unwrap()).collect()
    }

    fn pictures(&self) -> Vec<Sample> {
        let mut samples = Vec::new();
        let (mut since_key, mut number, mut keys) = (0, 0, 0);
        for n in 0..self.pictures {
            let is_key = n % self.key_every == 0;
            if is_key {
                (since_key, number, keys) = (0, 0, n / self.key_every);
            }
            // Decoded 0, 3, 1, 2, 6, 4, 5; what would be shown after the next key is shown as it is decoded.
            let last = (self.pictures - 1).min(n - since_key + self.key_every - 1) - (n - since_key);
            let group = (since_key.saturating_sub(1)) / 3 * 3;
            let reordered = self.coding == Coding::MainReordered && since_key > 0 && group + 3 <= last;
            let (order, is_reference) = match (reordered, since_key - group) {
                (true, 1) => (group + 3, true),
                (true, _) => (since_key - 1, false),
                (false, _) => (since_key, true),
            };
            let mut units = Vec::new();
            if self.planted {
                units.push(vec![0x09, 0x10]);
                let mut message = vec![5, 16 + 6];
                message.extend([0xCA; 16]);
                message.extend(CANARY);
                message.push(0x80);
                units.push(unit(0x06, &message));
                units.push([&[0x0C], CANARY, &[0x80]].concat());
                units.push([&[0x18], CANARY].concat());
                units.push(Vec::new());
            }
            if is_key && self.sets_in_pictures {
                units.extend([self.sequence_set(), self.picture_set()]);
            }
            units.extend(self.slices(is_key.then_some(keys), number, order, is_reference));
            let span = i32::try_from(self.span).unwrap();
            let shift = match self.coding {
                Coding::MainReordered => (i32::try_from(order).unwrap() + 1 - i32::try_from(since_key).unwrap()) * span,
                Coding::Baseline | Coding::High => 0,
            };
            let lengths = |unit: &Vec<u8>| {
                assert!(self.length_bytes == 4 || unit.len() < 1 << (8 * self.length_bytes), "{}", unit.len());
                [&u32::try_from(unit.len()).unwrap().to_be_bytes()[4 - self.length_bytes..], unit].concat()
            };
            samples.push(Sample { bytes: units.iter().flat_map(lengths).collect(), shift, is_key });
            number += u32::from(is_reference);
            since_key += 1;
        }
        samples
    }

    pub fn file(&self) -> Vec<u8> {
        let pictures = self.pictures();
        let mut tracks = vec![(0, pictures.iter().map(|sample| sample.bytes.clone()).collect::<Vec<_>>(), self.chunk)];
        if self.sound > 0 {
            tracks.push((1, vec![SILENCE.to_vec(); usize::try_from(self.sound).unwrap()], 7));
        }
        if self.planted {
            // A second sound, where there is a first; a text, and metadata that run along.
            tracks.extend(
                (if self.sound > 0 { 2 } else { 3 }..5)
                    .map(|kind| (kind, vec![[CANARY, b"in a track"].concat(); 3], 2)),
            );
        }
        let ftyp = if self.quicktime {
            boxed(b"ftyp", &[b"qt  ", &[0; 4], b"qt  "])
        } else {
            boxed(b"ftyp", &[b"mp42", &[0; 4], b"isommp42"])
        };
        // Chunks by turns, with bytes between them that belong to no track.
        let gap: &[u8] = if self.planted { CANARY } else { b"" };
        let mut data = Vec::new();
        let mut chunks: Vec<Vec<(usize, usize)>> = vec![Vec::new(); tracks.len()];
        for round in 0..pictures.len().max(64) {
            for ((_, samples, per_chunk), chunks) in tracks.iter().zip(&mut chunks) {
                let chunk = samples.chunks(*per_chunk).nth(round);
                if let Some(chunk) = chunk {
                    data.extend(gap);
                    chunks.push((data.len(), chunk.len()));
                    data.extend(chunk.concat());
                }
            }
        }
        data.extend(gap);
        let planted = |kind: &[u8; 4]| if self.planted { boxed(kind, &[CANARY]) } else { Vec::new() };
        let xmp = if self.planted { boxed(b"uuid", &[&[0xBE; 16], b"<x:xmpmeta>", CANARY]) } else { Vec::new() };
        let before = [planted(b"free"), xmp.clone()].concat();
        let moov = |data_at: usize| {
            let mut parts = vec![boxed(
                b"mvhd",
                &[
                    &numbers(&[0, self.date(), self.date(), 1000, 60_000, 1 << 16]),
                    &[1, 0],
                    &[0; 10],
                    &MATRIX[0],
                    &[0; 24],
                    &[0, 0, 0, 9],
                ],
            )];
            for ((kind, samples, _), chunks) in tracks.iter().zip(&chunks) {
                let shifts = if *kind == 0 { pictures.iter().map(|sample| sample.shift).collect() } else { Vec::new() };
                let keys = pictures.iter().map(|sample| sample.is_key).collect::<Vec<_>>();
                parts.push(self.track(*kind, samples, chunks, data_at, &shifts, if *kind == 0 { &keys } else { &[] }));
            }
            if self.planted {
                parts.extend([user_data(), apple_metadata(), xmp.clone()]);
            }
            boxed(b"moov", &[&parts.concat()])
        };
        let mdat = |data: &[u8]| boxed(b"mdat", &[data]);
        let start = ftyp.len() + before.len();
        let trailer = if self.planted {
            [&planted(b"skip")[..], &planted(b"meta"), b"\0\0\0\x03SEFT", CANARY].concat()
        } else {
            Vec::new()
        };
        if self.index_first {
            let index = moov(0).len();
            [ftyp, before, moov(start + index + 8), mdat(&data), trailer].concat()
        } else {
            [ftyp, before, mdat(&data), moov(start + 8), trailer].concat()
        }
    }

    fn date(&self) -> u32 {
        if self.planted { 3_800_000_000 } else { 0 }
    }

    fn track(
        &self,
        kind: usize,
        samples: &[Vec<u8>],
        chunks: &[(usize, usize)],
        data_at: usize,
        shifts: &[i32],
        keys: &[bool],
    ) -> Vec<u8> {
        let planted = |kind: &[u8; 4]| if self.planted { boxed(kind, &[CANARY]) } else { Vec::new() };
        let behind: &[u8] = if self.planted { CANARY } else { b"" };
        let count = |n: usize| u32::try_from(n).unwrap();
        let quarters = if kind == 0 { usize::try_from(self.quarters).unwrap() } else { 0 };
        let tkhd = boxed(
            b"tkhd",
            &[
                &numbers(&[7, self.date(), self.date(), count(kind) + 1, 0, 60_000, 0, 0, 0, 0]),
                &MATRIX[quarters],
                &[0; 8],
                behind,
            ],
        );
        let edits = match kind {
            0 => &self.edits[..],
            1 => &self.sound_edits,
            _ => &[],
        };
        let edts = if edits.is_empty() {
            Vec::new()
        } else {
            let rows = edits.iter().flat_map(|(duration, start)| numbers(&[*duration, start.cast_unsigned(), 1 << 16]));
            boxed(b"edts", &[&boxed(b"elst", &[&numbers(&[0, count(edits.len())]), &rows.collect::<Vec<_>>()])])
        };
        let (scale, span) = if kind == 0 { (self.scale, self.span) } else { (48_000, 1024) };
        let mdhd = boxed(
            b"mdhd",
            &[&numbers(&[0, self.date(), self.date(), scale, span * count(samples.len())]), &[0x15, 0xC7, 0, 0]],
        );
        let handler = [b"vide", b"soun", b"soun", b"text", b"meta"][kind];
        let hdlr = |class: &[u8; 4], kind: &[u8; 4]| boxed(b"hdlr", &[&[0; 4], class, kind, &[0; 12], behind, &[0]]);
        let media = if self.quicktime { b"mhlr" } else { &[0; 4] };
        let entry = match kind {
            0 => self.picture_entry(),
            1 | 2 => self.sound_entry(),
            3 => boxed(b"tx3g", &[&[0, 0, 0, 0, 0, 0, 0, 1], &[0; 30], CANARY]),
            _ => boxed(b"mebx", &[&[0, 0, 0, 0, 0, 0, 0, 1], &boxed(b"keys", &[CANARY])]),
        };
        let mut tables = vec![
            boxed(b"stsd", &[&numbers(&[0, 1]), &entry]),
            boxed(b"stts", &[&numbers(&[0, 1, count(samples.len()), span]), behind]),
        ];
        if shifts.iter().any(|shift| *shift != 0) {
            let rows = shifts.iter().flat_map(|shift| numbers(&[1, shift.cast_unsigned()])).collect::<Vec<_>>();
            tables.push(boxed(b"ctts", &[&numbers(&[0, count(shifts.len())]), &rows]));
        }
        if keys.iter().any(|key| !key) {
            let keys = keys.iter().enumerate().filter(|(_, key)| **key).map(|(n, _)| count(n) + 1).collect::<Vec<_>>();
            tables.push(boxed(b"stss", &[&numbers(&[0, count(keys.len())]), &numbers(&keys), behind]));
        }
        let mut runs = Vec::new();
        for (n, (_, samples)) in chunks.iter().enumerate() {
            if n == 0 || chunks[n - 1].1 != *samples {
                runs.push([count(n) + 1, count(*samples), 1]);
            }
        }
        tables.push(boxed(b"stsc", &[&numbers(&[0, count(runs.len())]), &numbers(runs.as_flattened())]));
        let sizes = samples.iter().map(|sample| count(sample.len())).collect::<Vec<_>>();
        tables.push(if sizes.iter().all(|size| *size == sizes[0]) {
            boxed(b"stsz", &[&numbers(&[0, sizes[0], count(sizes.len())])])
        } else {
            boxed(b"stsz", &[&numbers(&[0, 0, count(sizes.len())]), &numbers(&sizes)])
        });
        let offsets = chunks.iter().map(|(at, _)| data_at + at);
        tables.push(if self.quicktime {
            let rows = offsets.flat_map(|at| u64::try_from(at).unwrap().to_be_bytes()).collect::<Vec<_>>();
            boxed(b"co64", &[&numbers(&[0, count(chunks.len())]), &rows])
        } else {
            boxed(b"stco", &[&numbers(&[0, count(chunks.len())]), &numbers(&offsets.map(count).collect::<Vec<_>>())])
        });
        tables.push(planted(b"sgpd"));
        let head = match kind {
            0 => boxed(b"vmhd", &[&numbers(&[1, 0, 0])]),
            1 | 2 => boxed(b"smhd", &[&numbers(&[0, 0])]),
            _ => boxed(b"nmhd", &[&numbers(&[0])]),
        };
        let dref = boxed(b"dref", &[&numbers(&[0, 1]), &boxed(b"url ", &[&[0, 0, 0, 1], behind])]);
        let mut minf = vec![head, boxed(b"dinf", &[&dref]), boxed(b"stbl", &[&tables.concat()])];
        if self.quicktime {
            minf.push(hdlr(b"dhlr", b"alis"));
        }
        let mdia =
            boxed(b"mdia", &[&mdhd, &hdlr(media, handler), &boxed(b"minf", &[&minf.concat()]), &planted(b"udta")]);
        let user = if self.planted { user_data() } else { Vec::new() };
        boxed(b"trak", &[&tkhd, &edts, &mdia, &user, &planted(b"meta"), &planted(b"uuid")])
    }

    fn picture_entry(&self) -> Vec<u8> {
        let (sequence, picture) = (self.sequence_set(), self.picture_set());
        let [profile, constraints, level] = [sequence[1], sequence[2], sequence[3]];
        // As Firefox 153 writes them: with their headers doubled.
        let spoilt = |set: Vec<u8>| if self.sets_in_pictures { [&set[..1], &set].concat() } else { set };
        let (sequence, picture) = (spoilt(sequence), spoilt(picture));
        let two = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
        let lengths = 0xFC | u8::try_from(self.length_bytes - 1).unwrap();
        let mut avcc = [
            &[1, profile, constraints, level, lengths, 0xE1],
            &two(&sequence)[..],
            &sequence,
            &[1],
            &two(&picture),
            &picture,
        ]
        .concat();
        if self.coding == Coding::High {
            avcc.extend([0xFD, 0xF8, 0xF8, 0]);
        }
        let (width, height) = self.stored();
        let mut name = [0; 32];
        if self.planted {
            avcc.extend(CANARY);
            name[1..7].copy_from_slice(CANARY);
        }
        let side = |side: u32| u16::try_from(side).unwrap().to_be_bytes();
        let mut inner = vec![
            boxed(b"avcC", &[&avcc]),
            boxed(b"colr", &[b"nclx", &[0, 1, 0, 1, 0, u8::try_from(self.matrix).unwrap(), 0]]),
        ];
        if self.planted {
            inner.extend([
                boxed(b"colr", &[b"prof", CANARY]),
                boxed(b"btrt", &[&[0; 6], CANARY]),
                boxed(b"uuid", &[&[7; 16], CANARY]),
                vec![0; 4],
            ]);
        }
        boxed(
            b"avc1",
            &[
                &[0, 0, 0, 0, 0, 0, 0, 1],
                &[0; 16],
                &side(width),
                &side(height),
                &numbers(&[72 << 16, 72 << 16, 0]),
                &[0, 1],
                &name,
                &[0, 24, 0xFF, 0xFF],
                &inner.concat(),
            ],
        )
    }

    pub fn stored(&self) -> (u32, u32) {
        (self.blocks.0 * 16 - self.cropped.0, self.blocks.1 * 16 - self.cropped.1)
    }

    fn sound_entry(&self) -> Vec<u8> {
        let specific: &[u8] =
            if self.planted { &[0x11, 0x88, b'C', b'A', b'N', b'A', b'R', b'Y'] } else { &[0x11, 0x88] };
        let n = u8::try_from(specific.len()).unwrap();
        // Sizes of descriptors in four bytes, as Apple's encoders write them.
        let long = |size: u8| [0x80, 0x80, 0x80, size];
        let decoder = [&[0x40, 0x15, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 5][..], &long(n), specific].concat();
        let stream =
            [&[0, 1, 0, 4][..], &long(u8::try_from(decoder.len()).unwrap()), &decoder, &[6], &long(1), &[2]].concat();
        let esds = boxed(b"esds", &[&[0; 4], &[3], &long(u8::try_from(stream.len()).unwrap()), &stream]);
        let head = |version: u8| {
            [&[0, 0, 0, 0, 0, 0, 0, 1, 0, version][..], &[0; 6], &[0, 1, 0, 16, 0, 0, 0, 0], &numbers(&[48_000 << 16])]
                .concat()
        };
        if self.quicktime {
            let wave = boxed(
                b"wave",
                &[&boxed(b"frma", &[b"mp4a"]), &boxed(b"mp4a", &[&[0; 4]]), &esds, &[0, 0, 0, 8, 0, 0, 0, 0]],
            );
            let behind: &[u8] = if self.planted { CANARY } else { b"" };
            boxed(b"mp4a", &[&head(1), &numbers(&[1024, 2, 2, 2]), &wave, &boxed(b"chan", &[behind])])
        } else {
            boxed(b"mp4a", &[&head(0), &esds])
        }
    }
}

/// One frame of silence in one channel: a single channel element without any band, and the end.
pub const SILENCE: [u8; 4] = {
    // id 000, tag 0000, gain 0x64, reserved 0, long window 00, shape 0, bands 000000, no prediction, pulse, noise shaping or gain; id 111.
    [0b0000_0000, 0b1100_1000, 0b0000_0000, 0b0000_0111]
};

/// Matrices of tracks by quarters of a circle, clockwise; they move nothing.
const MATRIX: [[u8; 36]; 4] = {
    const fn matrix(values: [u8; 4]) -> [u8; 36] {
        // 1 is 0x0001_0000, −1 is 0xFFFF_0000.
        let mut bytes = [0; 36];
        let places = [0, 4, 12, 16];
        let mut n = 0;
        while n < 4 {
            if values[n] == 2 {
                bytes[places[n]] = 0xFF;
                bytes[places[n] + 1] = 0xFF;
            } else {
                bytes[places[n] + 1] = values[n];
            }
            n += 1;
        }
        bytes[32] = 0x40;
        bytes
    }
    [matrix([1, 0, 0, 1]), matrix([0, 1, 2, 0]), matrix([2, 0, 0, 2]), matrix([0, 2, 1, 0])]
};

/// QuickTime's and 3GPP's user data: a place, a title, a name, and iTunes' list.
fn user_data() -> Vec<u8> {
    let text = |kind: &[u8; 4]| boxed(kind, &[&[0, 6, 0x15, 0xC7], CANARY]);
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], CANARY]);
    let list = boxed(b"ilst", &[&boxed(b"\xA9too", &[&data]), &boxed(b"\xA9xyz", &[&data]), &boxed(b"covr", &[&data])]);
    let itunes = boxed(b"meta", &[&[0; 4], &boxed(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 8], CANARY, &[0]]), &list]);
    let place = boxed(b"loci", &[&[0; 4], &[0x15, 0xC7], CANARY, &[0], &[0; 13], b"earth\0", CANARY, &[0]]);
    boxed(
        b"udta",
        &[
            &text(b"\xA9xyz"),
            &text(b"\xA9mak"),
            &text(b"\xA9nam"),
            &boxed(b"name", &[CANARY]),
            &place,
            &itunes,
            &[0; 4],
        ],
    )
}

/// What iPhones write: keys, and a list of their values.
fn apple_metadata() -> Vec<u8> {
    let key = |name: &[u8]| boxed(b"mdta", &[name]);
    let keys = boxed(
        b"keys",
        &[&numbers(&[0, 2]), &key(b"com.apple.quicktime.location.ISO6709"), &key(b"com.apple.quicktime.CANARY")],
    );
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], b"+51.5-000.1/", CANARY]);
    let list = boxed(b"ilst", &[&boxed(&[0, 0, 0, 1], &[&data]), &boxed(&[0, 0, 0, 2], &[&data])]);
    boxed(b"meta", &[&boxed(b"hdlr", &[&[0; 8], b"mdta", &[0; 12], CANARY, &[0]]), &keys, &list])
}

/// The body of the first box on a path, found by sizes alone.
pub fn find(file: &[u8], path: &[&[u8; 4]]) -> Range<usize> {
    let mut within = 0..file.len();
    for kind in path {
        let mut at = within.start;
        loop {
            let size = usize::try_from(u32::from_be_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
            if &file[at + 4..at + 8] == *kind {
                within = at + 8..at + size;
                break;
            }
            at += size;
            assert!(at < within.end, "no {}", String::from_utf8_lossy(*kind));
        }
    }
    within
}

/// The types of all boxes, each with those that it is in: `moov/trak/tkhd`.
pub fn tree(file: &[u8]) -> Vec<String> {
    const OPEN: [&str; 9] = ["moov", "trak", "edts", "mdia", "minf", "stbl", "dinf", "stsd", "dref"];
    let mut found = Vec::new();
    let mut open = vec![(String::new(), 0..file.len())];
    while let Some((path, within)) = open.pop() {
        let mut at = within.start;
        let mut inner = Vec::new();
        while at < within.end {
            let size = usize::try_from(u32::from_be_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
            let kind = String::from_utf8_lossy(&file[at + 4..at + 8]).into_owned();
            assert!(size >= 8 && at + size <= within.end, "{path}{kind}: {size} bytes at {at}");
            let skip = match &kind[..] {
                "stsd" | "dref" => 16,
                "avc1" => 86,
                "mp4a" => 36,
                _ => 8,
            };
            if OPEN.contains(&&kind[..]) || skip > 16 {
                inner.push((format!("{path}{kind}/"), at + skip..at + size));
            }
            found.push(format!("{path}{kind}"));
            at += size;
        }
        open.extend(inner.into_iter().rev());
    }
    found
}

/// The path of a table of the first track.
pub fn table(file: &[u8], kind: &[u8; 4]) -> Range<usize> {
    find(file, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", kind])
}

/// A file with bytes of it replaced.
pub fn with(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// Repeatable chance (xorshift).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// A film with a few things changed: bits, bytes, numbers of four bytes that tend to be at the edges of what is allowed, pieces cut, moved
/// and repeated. Most changes are made to the index: there is the trouble, and most of a file are samples.
pub fn mutated(film: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut file = film.to_vec();
    let index = film.windows(4).position(|kind| kind == b"moov").unwrap_or_default();
    for _ in 0..=chance.below(4) {
        if file.len() < 16 {
            break;
        }
        let index = index.min(file.len() - 4);
        let at = if chance.below(4) == 0 { chance.below(file.len()) } else { index + chance.below(file.len() - index) };
        match chance.below(10) {
            0 => file[at] ^= 1 << chance.below(8),
            1 => file[at] = [0, 1, 0x7F, 0x80, 0xFF][chance.below(5)],
            2 => file[at] = chance.byte(),
            3 if chance.below(4) == 0 => file.truncate(at.max(1)),
            4 => {
                let end = (at + chance.below(64)).min(file.len());
                let again = file[at..end].to_vec();
                file.splice(at..at, again);
            }
            5 => drop(file.drain(at..(at + chance.below(16)).min(file.len()))),
            6 => {
                let (from, bytes) = (chance.below(file.len()), 1 + chance.below(32));
                let bytes = bytes.min(file.len() - from).min(file.len() - at);
                file.copy_within(from..from + bytes, at);
            }
            _ => {
                // Tables have their numbers at multiples of four from their types; so do sizes.
                let at = (at & !3).min(file.len() - 4);
                let at = (at + index % 4).min(file.len() - 4);
                let old = u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
                let small = u32::try_from(chance.below(40)).unwrap();
                let new = match chance.below(8) {
                    0 => small,
                    1 => old.wrapping_add(small),
                    2 => old.wrapping_sub(small),
                    3 => 0,
                    4 => u32::MAX - small,
                    5 => 0x8000_0000_u32.wrapping_sub(small),
                    6 => old << (small % 9),
                    _ => u32::try_from(file.len()).unwrap().wrapping_sub(small),
                };
                file[at..at + 4].copy_from_slice(&new.to_be_bytes());
            }
        }
    }
    file
}
