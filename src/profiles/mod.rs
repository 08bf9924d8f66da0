//! Pure rules of auth profiles: (state, event, now) -> state.
