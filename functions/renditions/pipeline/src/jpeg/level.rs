//! Restores colours after damage in a file without restart markers.
//!
//! A block's mean is stored as the difference from that of the block before. Damaged data adds wrong differences, and all of the picture
//! that follows is too bright, too dark or tinted, up to plain white or black. The error is estimated by comparing the row of blocks with
//! the one above it, whose means are nearly the same in nearly all pictures, and is subtracted.

/// Number of blocks that must follow damage in a row for the comparison.
const ENOUGH: usize = 8;

/// The level of one component.
pub struct Level {
    /// The means of the last row of blocks that was not in doubt.
    above: Vec<i16>,
    /// Largest possible absolute value of a mean.
    most: i32,
}

impl Level {
    /// Begins a component. `quantiser` is the divisor of its means in the file.
    pub fn new(quantiser: i32) -> Self {
        // Samples of 8 bits have means of −1024 to 1016. Rounding and sharp edges may go a little further.
        Self { above: Vec::new(), most: 1200 / quantiser.max(1) + 1 }
    }

    /// Returns the first of these means that is beyond what a picture can have; `None` if there is none.
    pub fn beyond(&self, means: &[i16]) -> Option<usize> {
        let most = self.most;
        // The whole row is checked first, which is compiled to SIMD and nearly always enough.
        let largest = means.iter().fold(0, |most: i32, &mean| most.max(i32::from(mean).abs()));
        if largest <= most { None } else { means.iter().position(|&mean| i32::from(mean).abs() > most) }
    }

    /// Records a row that is not in doubt.
    pub fn note(&mut self, means: &[i16]) {
        self.above.clear();
        self.above.extend_from_slice(means);
    }

    /// Returns by how much the means are too high from the index `from` on, compared with those above. `None` if too few can be compared.
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
