//! What a mark that states nothing but a reason takes from our own request of a moment ago.

use std::borrow::Cow;

use crate::failure::{Failure, Scope};
use crate::gemini::recent_refusals;
use crate::profiles::booking::Report;
use crate::profiles::credential::SECRET_FIELDS;
use crate::profiles::failure_effect::host_reason;
use crate::store::document::object_text::ObjectText;
use crate::store::edits::marks::{Documents, Event, Mark};

/// The mark with the wait that a server stated to our request with this profile's credential, if it was for that reason
/// and the caller states none.
pub(crate) fn completed<'mark>(mark: &'mark Mark, documents: &Documents) -> Cow<'mark, Mark> {
    let Event::Failure(event) = &mark.event else { return Cow::Borrowed(mark) };
    let report = &event.report;
    if report.failure.is_some() || report.resume_at.is_some() {
        return Cow::Borrowed(mark);
    }
    let refusal = refusal_of(&mark.profile_id, documents).filter(|refusal| {
        refusal.reset_at.is_some() && report.reason.as_deref() == Some(host_reason(refusal.class))
    });
    let Some(refusal) = refusal else { return Cow::Borrowed(mark) };
    let mut event = event.clone();
    if matches!(refusal.scope, Scope::Model | Scope::Pool) {
        event.report.model = event.report.model.or_else(|| refusal.model.clone());
    }
    // The moment: the time since the refusal is part of the wait.
    let refusal = Failure { retry_after_ms: None, ..refusal };
    event.report.failure = Report::of_failure(&refusal, false, None, mark.now, mark.now).failure;
    Cow::Owned(Mark { event: Event::Failure(event), ..mark.clone() })
}

fn refusal_of(profile_id: &str, documents: &Documents) -> Option<Failure> {
    let profile = ObjectText::parse(documents.profile_text(profile_id)?.0).ok()?;
    let secret = |field: &str| serde_json::from_str::<String>(profile.get(field)?).ok();
    SECRET_FIELDS.into_iter().filter_map(secret).find_map(|token| recent_refusals::find(&token))
}
