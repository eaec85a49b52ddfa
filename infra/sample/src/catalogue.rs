//! The sample photos' words, and which scene each of them is.

use super::SamplePhoto;
use super::scenes::{Scene, art, drama, food, ict, media, music, other, pe, science, workshop};

/// Landscape 4:3, as phones take it.
const WIDE: (u32, u32) = (1280, 960);
/// Landscape 3:2, as cameras take it.
const CAMERA: (u32, u32) = (1280, 854);
/// Portrait 3:4.
const TALL: (u32, u32) = (960, 1280);
/// Portrait 2:3.
const SLIM: (u32, u32) = (854, 1280);
/// Square, as posts have it.
const SQUARE: (u32, u32) = (1280, 1280);

const ACADEMY: Option<&str> = Some("Sample Academy");
const HIGH: Option<&str> = Some("Sample High School");
const COLLEGE: Option<&str> = Some("Sampleton College");
const YSGOL: Option<&str> = Some("Ysgol Sampl");
const GRAMMAR: Option<&str> = Some("Sample Grammar School");
const GIRLS: Option<&str> = Some("Sampleford School for Girls");
const SAINT: Option<&str> = Some("St Sample's Catholic School");

const fn photo(
    (discipline, credit, school): (&'static str, &'static str, Option<&'static str>),
    (scene, variant, (width, height)): (Scene, u32, (u32, u32)),
    caption: &'static str,
    alt: &'static str,
) -> SamplePhoto {
    SamplePhoto { caption, alt, credit, school, discipline, people: "none", width, height, scene, variant }
}

pub const PHOTOS: &[SamplePhoto] = &[
    photo(
        ("science", "The sample prep room", ACADEMY),
        (science::flasks, 0, WIDE),
        "Four solutions mixed and ready before the first bell",
        "A flask of blue, a cylinder of amber, a round flask of pink and a beaker of green liquid on a wooden bench.",
    ),
    photo(
        ("ict", "Sample ICT team", HIGH),
        (ict::patch, 0, CAMERA),
        "Blue for computers, yellow for phones: the patch panel makes sense at last",
        "Blue and yellow network cables run down from a black patch panel with small green and amber lights.",
    ),
    photo(
        ("food", "Sample food technician", COLLEGE),
        (food::bread, 1, WIDE),
        "Nine rolls out of the oven, so that Year 7 can see what a good crust looks like 🍞",
        "Nine round bread rolls, floured and slashed, in three rows on a dark wooden board.",
    ),
    photo(
        ("music", "Sample technician", GIRLS),
        (music::piano, 0, CAMERA),
        "Every key cleaned, and the one that sticks does not stick any more",
        "White and black piano keys in soft window light, seen from the side.",
    ),
    photo(
        ("pe", "Sample PE technician", ACADEMY),
        (pe::balls, 0, CAMERA),
        "Pumped, checked and on the floor by half past eight 🏀",
        "Orange basketballs on the boards of a sports hall, over white, blue and red court lines.",
    ),
    photo(
        ("dt", "Sample workshop", GRAMMAR),
        (workshop::gears, 0, WIDE),
        "Gear train, printed overnight. The blue one needed a second go",
        "Orange, white, blue and yellow 3D-printed gears that mesh on a green cutting mat.",
    ),
    photo(
        ("science", "Sample technician", SAINT),
        (science::microscope, 0, TALL),
        "Onion cells, stained and in focus: everyone should find a nucleus today",
        "Pink onion cells with dark nuclei fill the round view of a microscope.",
    ),
    photo(
        ("drama", "Sample theatre technician", COLLEGE),
        (drama::beams, 0, CAMERA),
        "Five lanterns, five gels, one stool: focusing for the school play",
        "Pink, amber, blue, violet and turquoise beams cross above a stool on a dark stage.",
    ),
    photo(
        ("art", "Sample art technician", ACADEMY),
        (art::tiles, 0, CAMERA),
        "Glaze tests out of the kiln. The crackle is the one that we were after",
        "Rows of small square clay tiles on a wooden table, glazed in blue, turquoise, ochre, red and white.",
    ),
    photo(
        ("media", "Sample media technician", HIGH),
        (media::lens, 0, SQUARE),
        "Glass cleaned, blades free, box checked: the first camera is ready to lend",
        "A camera lens from the front, with violet and teal reflections over the blades of its iris.",
    ),
    photo(
        ("other", "Sample team", GRAMMAR),
        (other::drawers, 0, TALL),
        "A label on every drawer, and in every drawer what the label says",
        "A wall of small blue, yellow, green and white drawers, each with a label and a handle.",
    ),
    photo(
        ("science", "The sample prep room", YSGOL),
        (science::flasks, 2, CAMERA),
        "Dŵr, glas a phorffor: this morning's solutions, from water to violet",
        "Four vessels of turquoise, blue, navy and violet liquid on a pale bench in front of blurred shelves.",
    ),
    photo(
        ("ict", "Sample ICT team", COLLEGE),
        (ict::servers, 0, TALL),
        "Updates done by seven, and nobody noticed. That is the job",
        "Green, blue and amber lights glow in a dark server rack.",
    ),
    photo(
        ("food", "Sample food room", SAINT),
        (food::cupcakes, 0, CAMERA),
        "Piping set out as an example: one swirl of each, and a few to taste 🧁",
        "Cupcakes with piped swirls of pale blue, cream and pink icing on a cooling rack.",
    ),
    photo(
        ("dt", "Sample workshop", HIGH),
        (workshop::dovetail, 0, CAMERA),
        "Dovetails cut by hand for the display board, with the shavings left in",
        "A joint between pale and dark wood, close up, with curls of shaving on the board.",
    ),
    photo(
        ("music", "Sample music technician", ACADEMY),
        (music::strings, 0, TALL),
        "New strings on all of the class guitars before period one",
        "Wound strings cross the sound hole of a guitar, close up in warm light.",
    ),
    photo(
        ("science", "Sample technician", GIRLS),
        (science::crystals, 0, CAMERA),
        "Copper sulphate, two weeks on the window sill. Worth every day of it",
        "A heap of bright blue crystals on white paper.",
    ),
    photo(
        ("pe", "Sample PE technician", COLLEGE),
        (pe::track, 0, WIDE),
        "Lanes swept, batons washed, whistles found: ready for the relay",
        "Coloured relay batons lie across the white lines of a red running track.",
    ),
    photo(
        ("drama", "Sample theatre technician", SAINT),
        (drama::curtain, 0, TALL),
        "House curtain mended and back up, one hour before the matinée",
        "Folds of a red velvet stage curtain with a gold fringe, in a spotlight.",
    ),
    photo(
        ("science", "The sample prep room", HIGH),
        (science::tubes, 0, WIDE),
        "Universal indicator from pH 1 to pH 9, checked against the chart 🌈",
        "Nine test tubes in a wooden rack, filled in the order of the rainbow from red to violet.",
    ),
    photo(
        ("art", "Sample art technician", YSGOL),
        (art::pots, 0, TALL),
        "Paint for two hundred, in every colour, with lids that come off",
        "Open pots of red, yellow, green, white and pink paint with brushes across them, from above.",
    ),
    photo(
        ("media", "Sample media technician", ACADEMY),
        (media::timeline, 0, CAMERA),
        "Year 11's film, in one piece. Rendered overnight so that the suite is free",
        "A film editor's timeline on a monitor, with coloured clips and waveforms in rows.",
    ),
    photo(
        ("ict", "Sample technician", GRAMMAR),
        (ict::die, 0, WIDE),
        "A chip under the macro lens, because somebody asked where the thinking happens",
        "The bare surface of a computer chip, in striped blocks of pink, violet and turquoise.",
    ),
    photo(
        ("dt", "Sample workshop", COLLEGE),
        (workshop::acrylic, 0, TALL),
        "Offcuts from the laser cutter that are too good for the bin",
        "Gears, stars and plates of fluorescent acrylic glow at their edges on a dark table.",
    ),
    photo(
        ("science", "Sample technician", ACADEMY),
        (science::agar, 0, TALL),
        "Streak plate for the practical: single colonies by the third day",
        "A round dish of amber jelly with a trail of small cream colonies, on a dark bench.",
    ),
    photo(
        ("other", "Sample reprographics", HIGH),
        (other::card, 0, SLIM),
        "Card cut and counted out for forty classrooms",
        "The edges of a tall stack of card in orange, turquoise, blue, yellow, red and violet.",
    ),
    photo(
        ("food", "Sample food technician", GIRLS),
        (food::bowls, 0, WIDE),
        "Weighed, washed and chopped: one table done, eleven to go",
        "White bowls of chopped vegetables, berries, herbs and flour on a pale wooden table, from above.",
    ),
    photo(
        ("music", "Sample music technician", HIGH),
        (music::faders, 0, CAMERA),
        "Sound check done, and the crackle on channel eight is gone",
        "A row of faders on a mixing desk, with red, amber and green lights out of focus behind.",
    ),
    photo(
        ("science", "The sample prep room", COLLEGE),
        (science::spectrum, 0, CAMERA),
        "One slit, one prism, one dark room. It still makes a whole class go quiet",
        "A white beam enters a glass prism and leaves it as a fan of colours on a black table.",
    ),
    photo(
        ("pe", "Sample technician", SAINT),
        (pe::balls, 1, WIDE),
        "All of these still bounce. Tested one by one from two metres",
        "Yellow tennis balls scattered over the lines of a sports hall floor.",
    ),
    photo(
        ("drama", "Sample theatre technician", GRAMMAR),
        (drama::gels, 0, TALL),
        "Gel drawer sorted. The missing straw was behind the lavender all along",
        "Sheets of coloured filter overlap on a light box and mix to new colours.",
    ),
    photo(
        ("science", "Sample technician", YSGOL),
        (science::flame, 0, CAMERA),
        "Roaring blue: all sixteen burners serviced and checked for leaks 🔥",
        "The blue flame of a Bunsen burner in a dark room, with soft points of light behind.",
    ),
    photo(
        ("art", "Sample art technician", COLLEGE),
        (art::print, 0, CAMERA),
        "Three screens, three colours, and they landed on top of each other",
        "A screen print of an orange sun in halftone dots above blue hills, with a squeegee across it.",
    ),
    photo(
        ("media", "Sample media technician", SAINT),
        (media::negatives, 0, WIDE),
        "Negatives dry, cut and under the loupe. The darkroom lives!",
        "Strips of orange film negatives on a light box, with a round loupe over one frame.",
    ),
    photo(
        ("ict", "Sample ICT team", ACADEMY),
        (ict::oscilloscope, 0, WIDE),
        "Two signals, one screen, no smoke",
        "A yellow and a blue wave on the dark grid of an oscilloscope.",
    ),
    photo(
        ("dt", "Sample workshop", GIRLS),
        (workshop::swarf, 0, CAMERA),
        "Brass faced off for the clock project, and the curls to prove it",
        "A turned brass disc with shining rings, and long spirals of metal in front of it.",
    ),
    photo(
        ("other", "Sample site team", ACADEMY),
        (other::tools, 0, CAMERA),
        "Every tool on its shadow at four o'clock, but one. We know who has it",
        "Hammers, spanners, files and screwdrivers on a blue board; one yellow outline is empty.",
    ),
    photo(
        ("art", "Sample art technician", HIGH),
        (art::kiln, 0, TALL),
        "Bisque firing, a thousand degrees. Keep back and enjoy the glow",
        "Pots on two shelves glow orange and yellow inside a brick kiln.",
    ),
    photo(
        ("dt", "Sample electronics bench", None),
        (workshop::pcb, 0, WIDE),
        "Forty joints soldered by hand, and the board woke up first time",
        "A black chip and gold pads on a green circuit board, close up.",
    ),
    photo(
        ("music", "Sample technician", COLLEGE),
        (music::cymbal, 0, WIDE),
        "Drum kit polished for the concert. It will not stay this shiny",
        "A golden cymbal with fine rings under stage lights of violet and red.",
    ),
    photo(
        ("media", "Sample media technician", GIRLS),
        (media::negatives, 1, TALL),
        "Black and white, developed in school, and every frame came out",
        "Strips of grey film negatives on a light box, with a round loupe over one frame.",
    ),
    photo(
        ("drama", "Sample theatre technician", None),
        (drama::beams, 2, SLIM),
        "Moonlight for the last scene: three lanterns and a good deal of haze 🎭",
        "Three beams of blue, violet and green light fall on a stool on a dark stage.",
    ),
    photo(
        ("food", "Sample food room", YSGOL),
        (food::bread, 0, SQUARE),
        "First loaf of the day, scored and floured, for the dough demonstration",
        "A long loaf of bread with four cuts, dusted with flour, on a dark wooden board.",
    ),
    photo(
        ("pe", "Sample PE technician", HIGH),
        (pe::track, 1, CAMERA),
        "New blue lanes, five clean batons, and the sun came out for it",
        "Relay batons in orange, yellow, white, red and green across the lanes of a blue running track.",
    ),
    photo(
        ("food", "Sample food technician", GIRLS),
        (food::bowls, 1, TALL),
        "Measured out for thirty curries, and the room smells of it already",
        "Bowls of blueberries, flour, green herbs, an orange spice and chopped red pepper on a dark table, from above.",
    ),
    photo(
        ("science", "Sample technician", SAINT),
        (science::microscope, 0, SQUARE),
        "A second slide of onion cells, for the group that broke the first",
        "Pink onion cells with dark nuclei fill the round view of a microscope.",
    ),
];
