//! Accounts that name their secret by reference.

use napi::Env;
use napi::bindgen_prelude::Unknown;

use super::Driver;
use crate::binding::run::attempt::secret::{Found, LookUp, Problem, may_lack_key, unresolved};
use crate::failure::Failure;
use crate::rotation::run::Failed;

impl Driver {
    /// How the secret of this attempt is looked up, if it has to be and can be.
    pub(super) fn look_up(&self) -> Option<LookUp<'_>> {
        let (_, reference) = self.referring.as_ref()?;
        let resolve = self.resolve_secret.as_ref()?;
        Some(LookUp { resolve, reference, provider: &self.settings.provider })
    }

    /// From now on the secret is shown nowhere. Tells why there is none.
    pub(super) fn learn(&mut self, found: Found) -> Option<Problem> {
        match found {
            Found::Secret(secret) => {
                self.secrets.add(secret);
                None
            }
            Found::Missing { is_empty: true } => Some(Problem::Empty),
            Found::Missing { is_empty: false } => Some(Problem::Failed),
        }
    }

    /// The attempt failed for want of it.
    pub(super) fn unresolved(
        &mut self,
        env: &Env,
        problem: Problem,
        cause: Unknown<'_>,
    ) -> napi::Result<Failed> {
        let (profile, reference) = self.referring.as_ref().ok_or_else(|| {
            napi::Error::from_reason("only a profile with a reference lacks its secret")
        })?;
        let (failure, error) = unresolved(env, profile, reference, problem, cause)?;
        self.cause.keep(env, error)?;
        self.is_cause_returned = false;
        Ok(Failed { failure, circumstances: self.circumstances(false) })
    }

    /// Whether `run` was given no key, nobody was to look it up, and this is what a request without a key meets.
    pub(super) fn lacks_key(&self, failure: &Failure, is_callers_code: bool) -> bool {
        let is_given_none = self.referring.is_some() && self.resolve_secret.is_none();
        is_given_none && may_lack_key(failure, is_callers_code)
    }
}
