use rand::{SeedableRng, rngs::StdRng};
use super::scenes::{self, Scene, Shot};
use super::photograph::{Look, develop};
pub struct SamplePhoto;
pub fn photos() -> Vec<SamplePhoto> { vec![] }
pub fn draw(_i: usize) -> Vec<u8> { vec![] }
pub fn render(scene: Scene, variant: u32, w: usize, h: usize, seed: u64) -> Vec<u8> {
    let mut shot = Shot { w, h, variant, rng: StdRng::seed_from_u64(seed), look: Look::default() };
    let canvas = scene(&mut shot);
    develop(&canvas, &shot.look, &mut shot.rng)
}
