//! HEIC: refused in words of its own, or decoded where the feature `heic` is on (`cargo nextest run -p pipeline --features heic`).

mod made;

use made::{decoded, render};

/// 96 × 64, four fields of colour: red, green, blue, yellow.
const HEIC: &str = "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAALgAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAMBtZGF0AAAAtCgBrwng4wucuq///kEf//4xG5D9iw+kglJ54mknYSf/+JEBrFlbOVfxyQidbQV87TFqqPsYcXcxfiPk9huIaeZwUkZ53VUCbbDB4Lqz3DNr//dXXx+9FSf/r4/Hc2QYIh2EaTi2AB46v0eW5iEtL+tVgJy39dknvUWkbyDp+S0YrC1fSlgYlD53yrGT/kmbq9DuKT/7fbI/avpiA7iU+WTOW/xD8vBrkDFxpmMYo0DWP6DhSA==";

#[cfg(not(feature = "heic"))]
#[test]
fn a_heic_photo_is_refused_with_the_way_to_a_jpeg() {
    for file in [&*decoded(HEIC), b"\0\0\0\x18ftypmif1\0\0\0\0", b"\0\0\0\x18ftyphevc\0\0\0\0"] {
        let refusal = render(file).unwrap_err();
        assert_eq!(refusal.reason(), "heic");
        assert!(refusal.to_string().contains("Most Compatible"), "{refusal}");
    }
}

#[cfg(feature = "heic")]
#[test]
fn a_heic_photo_keeps_its_colours_and_a_cut_one_is_refused() {
    let file = decoded(HEIC);
    let rendered = render(&file).unwrap();
    assert_eq!((rendered.width, rendered.height), (96, 64));
    let picture = made::seen(&rendered.renditions[0]);
    for (at, want) in
        [((24, 16), [200, 40, 30]), ((72, 16), [30, 160, 60]), ((24, 48), [20, 60, 190]), ((72, 48), [240, 220, 40])]
    {
        assert!(picture[at].0.iter().zip(want).all(|(got, want)| got.abs_diff(want) < 14), "{:?}", picture[at]);
    }
    for end in 0..file.len() {
        let outcome = render(&file[..end]);
        assert!(outcome.is_err(), "cut at {end} of {}", file.len());
        assert_ne!(outcome.unwrap_err(), pipeline::render::Unreadable::Unprocessable, "cut at {end}");
    }
}
