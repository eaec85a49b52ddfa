//! Colours behind damage, in a file without restart markers.
//!
//! A block's mean is stored as the difference to that of the block before. Data that are damaged add differences that nobody meant, and all of
//! the picture that follows is too bright, too dark or tinted, up to plain white or black. What they added is found by comparing the row of
//! blocks with the one above it, whose mean is nearly the same in nearly all pictures, and is taken off again.

/// Blocks that must follow damage in a row if it is to be compared.
const ENOUGH: usize = 8;

/// The level of one component.
pub struct Level {
    /// The means of the last row of blocks that was not in doubt.
    above: Vec<i16>,
    /// More than this, no mean can be, whatever its sign.
    most: i32,
}

impl Level {
    /// `quantiser`: what the means are divided by in the file.
    pub fn new(quantiser: i32) -> Self {
        // Samples of 8 bits have means of −1024 to 1016. Rounding and sharp edges may go a little further.
        Self { above: Vec::new(), most: 1200 / quantiser.max(1) + 1 }
    }

    /// Whether some of these means are beyond what a picture can have: the first.
    pub fn beyond(&self, means: &[i16]) -> Option<usize> {
        let most = self.most;
        // The whole row first, which is compiled to SIMD: nearly always that is all.
        let largest = means.iter().fold(0, |most: i32, &mean| most.max(i32::from(mean).abs()));
        if largest <= most { None } else { means.iter().position(|&mean| i32::from(mean).abs() > most) }
    }

    /// Notes a row that is not in doubt.
    pub fn note(&mut self, means: &[i16]) {
        self.above.clear();
        self.above.extend_from_slice(means);
    }

    /// How much too high the means are, from one of the row on, beside those above. `None` if too few can be compared.
    pub fn excess(&self, means: &[i16], from: usize) -> Option<i16> {
        let pairs = means.iter().zip(&self.above).skip(from);
        let count = i64::try_from(pairs.len()).unwrap_or(i64::MAX);
        let sum: i64 = pairs.map(|(&mean, &above)| i64::from(mean) - i64::from(above)).sum();
        if means.len().saturating_sub(from) < ENOUGH || count == 0 {
            return None;
        }
        Some((sum / count) as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_damage_added_is_found() {
        let mut level = Level::new(4);
        let row = (0..40_i16).map(|n| n * 3 - 60).collect::<Vec<_>>();
        level.note(&row);
        let shifted = row.iter().map(|mean| mean + 250).collect::<Vec<_>>();
        assert_eq!(level.excess(&shifted, 0), Some(250));
        assert_eq!(level.excess(&shifted, 20), Some(250));
        assert_eq!(level.excess(&shifted, 33), None);
        assert_eq!(level.beyond(&row), None);
        let mut far = row;
        far[7] = -302;
        assert_eq!(level.beyond(&far), Some(7));
    }
}
