//! Texts with slips in them, by chance.

use proptest::prelude::*;

use super::samples::SLIPS;

/// One of some sound texts, with fewer slips than so many: characters taken out, and others put in.
pub(crate) fn slipped(
    sound: Vec<&'static str>,
    fewer_than: usize,
) -> impl Strategy<Value = String> {
    let slip = (any::<prop::sample::Index>(), 0..3_usize, prop::sample::select(&SLIPS[..]));
    let slips = prop::collection::vec(slip, 0..fewer_than);
    (prop::sample::select(sound), slips).prop_map(|(sound, slips)| {
        let mut text: Vec<char> = sound.chars().collect();
        for (index, taken, put) in slips {
            let start = index.index(text.len() + 1);
            let end = (start + taken).min(text.len());
            text.splice(start..end, put.chars());
        }
        text.into_iter().collect()
    })
}
