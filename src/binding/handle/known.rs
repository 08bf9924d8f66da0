//! Refuses what nobody reads: an option that is written otherwise would do nothing, and nobody would notice.

use napi::bindgen_prelude::Object;

use crate::error::{Error, Result};

/// Names further apart than this are no slip of the hand.
const MOST_ALIKE: f64 = 0.75;

/// The names that are read.
pub(crate) struct Known {
    pub(crate) names: Vec<&'static str>,
    /// Those that stand in the wrong place, and what is said of them.
    pub(crate) misplaced: &'static [&'static str],
    pub(crate) advice: &'static str,
}

impl Known {
    /// Whatever else the object has is an `ERR_INVALID_ARGUMENT` that names it.
    pub(crate) fn only(&self, object: &Object<'_>, path: &str) -> Result<()> {
        let wrong = Object::keys(object).unwrap_or_default();
        let Some(wrong) = wrong.into_iter().find(|it| !self.names.contains(&it.as_str())) else {
            return Ok(());
        };
        let problem = if self.misplaced.contains(&wrong.as_str()) {
            self.advice.to_owned()
        } else {
            not_known(&wrong, &self.names)
        };
        Err(Error::invalid(format!("{path}.{wrong}"), problem))
    }
}

fn not_known(name: &str, known: &[&str]) -> String {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], "");
    let likeness = |it: &&str| strsim::normalized_damerau_levenshtein(&plain(it), &plain(name));
    let nearest = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|it| likeness(it) >= MOST_ALIKE) {
        Some(meant) => format!("is not known; did you mean {meant}?"),
        None => "is not known".to_owned(),
    }
}
